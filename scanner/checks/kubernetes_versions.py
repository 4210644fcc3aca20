"""kubeadm, the kubelet and the Kubernetes version to be installed: do they fit together?"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import (
    ALL,
    CONTROL_PLANE,
    INIT,
    JOIN_CONTROL_PLANE,
    Evidence,
    Finding,
    Severity,
    applies,
    check,
    every_part,
    history,
)
from scanner.checks.search_path import locate
from scanner.facts.base import FactMissing, Facts
from scanner.facts.programs import Kubeadm, Kubelet
from scanner.kubeadm import releases
from scanner.target import Role, Target
from scanner.versions import Version, minor_floor


def _development_build(target: Target, _subject: str) -> str | None:
    zero = (target.kubeadm.major, target.kubeadm.minor, target.kubeadm.patch) == (0, 0, 0)
    return "kubeadm is a development build without a version" if zero else None


def _own_kubeadm(facts: Facts) -> Version:
    version = facts[Kubeadm].version
    if version is None:
        raise FactMissing("there is no kubeadm on the host whose version can be read")
    return version


@check(
    "KS111",
    "Kubernetes version",
    *history(CONTROL_PLANE, Severity.WARNING),
    kubeadm="KubernetesVersion",
    remedy="Install a kubeadm of the minor version that is to be deployed, or ask for an older "
    "Kubernetes version.",
    skip=_development_build,
)
def kubernetes_version(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Compare the version to be deployed with `kubeadm version`; passes up to kubeadm's own minor.

    Any release of the next minor, pre-releases included, is too new. Source: checks.go
    KubernetesVersionCheck, v1.20.2.
    """
    kubeadm = _own_kubeadm(facts)
    if target.kubernetes >= minor_floor(f"{kubeadm.major}.{kubeadm.minor + 1}"):
        yield Finding(
            f"Kubernetes v{target.kubernetes} is newer than kubeadm v{kubeadm}",
            have=f"v{target.kubernetes}",
            need=f"at most 1.{kubeadm.minor}",
            source="kubeadm version",
        )


@check(
    "KS113",
    "oldest Kubernetes of this kubeadm",
    applies(INIT, Severity.ERROR, own=True),
    kubeadm=None,
    remedy="Ask for a newer Kubernetes version, or install an older kubeadm.",
    skip=_development_build,
)
def oldest_kubernetes(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Compare the version to be deployed with `kubeadm version`; passes from one minor below on.

    kubeadm refuses an older one before its preflight, under no check's name. Source:
    util/config/common.go, constants.MinimumControlPlaneVersion, v1.20.2.
    """
    kubeadm = _own_kubeadm(facts)
    oldest = Version(kubeadm.major, max(kubeadm.minor - 1, 0), 0)
    if target.kubernetes < oldest:
        yield Finding(
            f"kubeadm v{kubeadm} does not deploy a Kubernetes as old as v{target.kubernetes}",
            have=f"v{target.kubernetes}",
            need=f"at least v{oldest}",
            source="kubeadm version",
        )


@check(
    "KS118",
    "known release",
    applies(ALL, Severity.ERROR, own=True),
    kubeadm=None,
    remedy="Use a kscan that knows this release.",
    skip=_development_build,
)
def known_release(_facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Look for the kubeadm's minor release in kscan's own table; passes if it has a row.

    A release without one, a pre-release of the next minor too, may ask other things than its
    neighbour: the other rows are then judged as the nearest known release would, and nobody has
    seen whether that is right.
    """
    if target.kubeadm not in releases.SUPPORTED:
        known = f"v1.{releases.RELEASES[0].minor} to v1.{releases.RELEASES[-1].minor}"
        raise FactMissing(f"what kubeadm v{target.kubeadm} asks: this kscan knows {known}")
    yield from ()


@check(
    "KS112",
    "kubelet version",
    *history(ALL, Severity.ERROR, v1_20=Evidence.REAL, gaps=Evidence.NOTES),
    kubeadm="KubeletVersion",
    remedy="Install the kubelet package of the Kubernetes version that is to be deployed.",
)
def kubelet_version(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Read `kubelet --version`; passes if it is not too old, and for init not too new.

    Too old is more than one minor below kubeadm, from kubeadm 1.29 on more than three. Too new is a
    higher minor than the Kubernetes to be deployed; a join does not ask that. The answer must be
    exactly `Kubernetes vX.Y.Z`. Source: checks.go KubeletVersionCheck, v1.20.2; release notes of
    1.17 (PR#85351) and 1.29 (PR#120825).
    """
    yield from every_part(_kubelet_answers(facts, target), _kubelet_on_path(facts))


def _kubelet_answers(facts: Facts, target: Target) -> Iterator[Finding]:
    kubelet = facts[Kubelet]
    source = "kubelet --version"
    if kubelet.run is None:
        if locate(facts, "kubelet").found:
            raise FactMissing("the kubelet was not run")
        return  # said by _kubelet_on_path
    release = releases.find(target.kubeadm)
    spoiled = release.kubelet_stderr_breaks and bool(kubelet.run.stderr)
    if kubelet.version is None or kubelet.run.exit_status != 0 or spoiled:
        yield Finding(
            f"the kubelet does not say its version, but: {kubelet.run.words}",
            have=f"exit status {kubelet.run.exit_status}",
            need="Kubernetes vX.Y.Z",
            source=source,
        )
        return
    version = kubelet.version
    oldest = Version(target.kubeadm.major, max(target.kubeadm.minor - release.kubelet_skew, 0), 0)
    if version < oldest:
        yield Finding(
            f"the kubelet v{version} is too old for kubeadm v{target.kubeadm}",
            have=f"v{version}",
            need=f"at least v{oldest}",
            source=source,
        )
    wanted = target.kubernetes
    if target.role is Role.INIT and (version.major > wanted.major or version.minor > wanted.minor):
        yield Finding(
            f"the kubelet v{version} is newer than the control plane v{wanted} to be installed",
            have=f"v{version}",
            need=f"at most {wanted.major}.{wanted.minor}",
            source=source,
        )


def _kubelet_on_path(facts: Facts) -> Iterator[Finding]:
    place = locate(facts, "kubelet")
    if not place.found:
        where = f"{place.elsewhere} is not on" if place.elsewhere else "there is no kubelet on"
        yield Finding(
            f"{where} kubeadm's PATH, so that it cannot ask for its version",
            have=place.elsewhere or "absent",
            need="kubelet on the PATH",
            source="PATH",
        )


@check(
    "KS114",
    "installed",
    applies(ALL, Severity.ERROR, subjects=("kubeadm",), own=True),
    applies(INIT, Severity.ERROR, subjects=("kubectl",), own=True),
    applies(JOIN_CONTROL_PLANE, Severity.WARNING, subjects=("kubectl",), own=True),
    kubeadm=None,
    remedy="Install the package {subject}.",
    subjects=lambda _target: ("kubeadm", "kubectl"),
)
def kubernetes_programs(facts: Facts, _target: Target, program: str) -> Iterator[Finding]:
    """Look for kubeadm and kubectl; passes if the program is there and kubeadm says its version.

    Nothing can be installed without kubeadm. kubectl is for the administrator: of a new cluster it
    is the first thing that is needed after init.
    """
    place = locate(facts, program)
    if not place.found and not place.elsewhere:
        yield Finding(f"{program} is not installed", have="absent", need=program, source="PATH")
    elif program == "kubeadm":
        kubeadm = facts[Kubeadm]
        if kubeadm.version is None and kubeadm.run is not None:
            yield Finding(
                f"kubeadm does not say its version, but: {kubeadm.run.words}",
                have=f"exit status {kubeadm.run.exit_status}",
                need="vX.Y.Z",
                source="kubeadm version",
            )
