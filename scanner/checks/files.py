"""Files and directories that must not be there yet, unless the host is a member."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.privilege import because_of, is_root
from scanner.checks.rule import (
    CONTROL_PLANE,
    JOIN,
    WORKER,
    Evidence,
    Finding,
    Severity,
    applies,
    check,
    clip,
    history,
)
from scanner.facts.base import FactMissing, Facts
from scanner.facts.paths import Paths, PathState
from scanner.target import Target

MANIFESTS = "/etc/kubernetes/manifests"
_COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd")
_REMEDY = (
    "See what {subject} belongs to; if it is left from an old cluster, undo that with "
    "`kubeadm reset`."
)


def absent(facts: Facts, target: Target, path: str) -> Iterator[Finding]:
    """Yield nothing if there is neither a file nor a directory of this name, or on a member."""
    if target.is_member:
        return
    state = facts[Paths].state(path)
    if state not in (PathState.ABSENT, PathState.BLOCKED):
        what = "file" if state is PathState.FILE else "directory"
        yield Finding(
            f"there is already a {what} {clip(path)}", have=what, need="absent", source=clip(path)
        )


def absent_or_empty(facts: Facts, target: Target, path: str) -> Iterator[Finding]:
    """Yield nothing if there is no such directory, or nothing in it, or on a member."""
    if target.is_member:
        return
    state = facts[Paths].state(path)
    if state in (PathState.ABSENT, PathState.DIR_EMPTY):
        return
    if state is PathState.DIR_UNREADABLE and not is_root(facts):
        raise FactMissing(f"{path} cannot be read without root{because_of(facts)}")
    sentences = {
        PathState.FILE: f"{clip(path)} is a file, not a directory",
        PathState.BLOCKED: f"{clip(path)} leads through a file or a loop of links",
        PathState.DIR_UNREADABLE: f"whether {clip(path)} is empty cannot be read",
    }
    yield Finding(
        sentences.get(state, f"the directory {clip(path)} is not empty{_names(facts, path)}"),
        have=state.value,
        need="absent or empty",
        source=clip(path),
    )


def _names(facts: Facts, path: str) -> str:
    names = facts[Paths].manifests
    return f": {clip(', '.join(names))}" if path == MANIFESTS and names else ""


@check(
    "KS311",
    "manifests of the control plane",
    *history(CONTROL_PLANE, Severity.ERROR, v1_20=Evidence.REAL),
    kubeadm="FileAvailable-{subject}",
    remedy=_REMEDY,
    subjects=lambda _target: tuple(f"{MANIFESTS}/{name}.yaml" for name in _COMPONENTS),
)
def manifests(facts: Facts, target: Target, path: str) -> Iterator[Finding]:
    """Look for each manifest that kubeadm will write; passes if there is none of that name.

    Links are followed, and other files in the directory do not matter. Source: checks.go
    FileAvailableCheck, v1.20.2.
    """
    yield from absent(facts, target, path)


@check(
    "KS312",
    "directory of static pods",
    *history(JOIN, Severity.ERROR, until="1.23", v1_20=Evidence.REAL, gaps=Evidence.NOTES),
    applies(JOIN, Severity.WARNING, since="1.23", own=True),
    kubeadm="DirAvailable-{subject}",
    remedy="See what the files in {subject} belong to: the kubelet will run them; if they are left "
    "from an old cluster, undo that with `kubeadm reset`.",
    subjects=lambda _target: (MANIFESTS,),
)
def manifests_directory(facts: Facts, target: Target, path: str) -> Iterator[Finding]:
    """Look into the directory of static pods; passes if it is absent or empty.

    A dotfile counts. kubeadm asked this of a join until 1.22; since then it is our own warning.
    Source: checks.go DirAvailableCheck, v1.20.2; release note of 1.23 (PR#104942).
    """
    yield from absent_or_empty(facts, target, path)


@check(
    "KS313",
    "kubelet's kubeconfigs",
    *history(JOIN, Severity.ERROR, v1_20=Evidence.REAL),
    kubeadm="FileAvailable-{subject}",
    remedy="If the host belongs to a cluster, leave it there or undo that with `kubeadm reset`; "
    "{subject} must not be there before a join.",
    subjects=lambda _target: (
        "/etc/kubernetes/bootstrap-kubelet.conf",
        "/etc/kubernetes/kubelet.conf",
    ),
)
def kubeconfigs(facts: Facts, target: Target, path: str) -> Iterator[Finding]:
    """Look for the kubelet's kubeconfigs; passes if there are none.

    Source: checks.go FileAvailableCheck, v1.20.2.
    """
    yield from absent(facts, target, path)


@check(
    "KS314",
    "certificate of the cluster",
    *history(WORKER, Severity.ERROR, v1_20=Evidence.REAL),
    kubeadm="FileAvailable-{subject}",
    remedy=_REMEDY,
    subjects=lambda _target: ("/etc/kubernetes/pki/ca.crt",),
)
def ca_certificate(facts: Facts, target: Target, path: str) -> Iterator[Finding]:
    """Look for caCertPath, which a worker's join writes; passes if there is no such file.

    Source: checks.go FileAvailableCheck, v1.20.2.
    """
    yield from absent(facts, target, path)
