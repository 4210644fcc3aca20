"""What an old cluster has left on a host, beside the files that kubeadm itself asks for."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import ALL, Finding, Severity, applies, check, clip, every_part
from scanner.facts.base import Facts
from scanner.facts.leftovers import Leftovers
from scanner.facts.paths import PathState
from scanner.target import Target

_CNI_CONFIGS = "/etc/cni/net.d"
_CNI_STATE = "/var/lib/cni"
_KUBELET_FILES = ("/var/lib/kubelet/config.yaml", "/var/lib/kubelet/pki")
_ABSENT = frozenset({PathState.ABSENT, PathState.BLOCKED})


@check(
    "KS315",
    "leftovers of an old cluster",
    applies(ALL, Severity.WARNING, own=True),
    kubeadm=None,
    remedy="If they belong to no cluster any more, run `kubeadm reset`, remove what is in "
    "/etc/cni/net.d and /var/lib/cni, and reboot, which removes the interfaces.",
    skip=lambda target, _subject: (
        "the host is a member of the cluster, which needs them" if target.is_member else None
    ),
)
def leftovers(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Look for files and interfaces of a CNI and of a kubelet; passes if there are none.

    Read are the names in /etc/cni/net.d (dotfiles, which packages ship, do not count), whether
    /var/lib/cni holds anything, the kubelet's config.yaml and pki in /var/lib/kubelet, and the
    names of interfaces: cni0, flannel.1, kube-ipvs0, cali*, cilium*. The kubelet takes the first
    configuration in /etc/cni/net.d, whoever it is from. `kubeadm reset` says itself that it leaves
    the CNI's files alone: cmd/phases/reset, v1.20.2.
    """
    found = facts[Leftovers]
    yield from every_part(
        _cni_configs(found),
        _cni_state(found),
        *(_kubelet(found, path) for path in _KUBELET_FILES),
        _interfaces(found),
    )


def _cni_configs(found: Leftovers) -> Iterator[Finding]:
    state = found.state(_CNI_CONFIGS)
    if state is PathState.DIR_NOT_EMPTY and found.cni_configs:
        names = clip(", ".join(found.cni_configs))
        yield Finding(
            f"{_CNI_CONFIGS} holds {names}", have=names, need="empty", source=_CNI_CONFIGS
        )


def _cni_state(found: Leftovers) -> Iterator[Finding]:
    if found.state(_CNI_STATE) is PathState.DIR_NOT_EMPTY:
        yield Finding(
            f"{_CNI_STATE} is not empty", have="not empty", need="empty", source=_CNI_STATE
        )


def _kubelet(found: Leftovers, path: str) -> Iterator[Finding]:
    state = found.state(path)
    if state not in _ABSENT and state is not PathState.DIR_EMPTY:
        yield Finding(f"there is already a {path}", have="present", need="absent", source=path)


def _interfaces(found: Leftovers) -> Iterator[Finding]:
    if found.interfaces:
        names = clip(", ".join(found.interfaces))
        yield Finding(
            f"there are network interfaces of a cluster: {names}",
            have=names,
            need="none",
            source="/sys/class/net",
        )
