"""TCP ports that must be free."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import (
    ALL,
    CONTROL_PLANE,
    Evidence,
    Finding,
    Severity,
    applies,
    check,
    history,
)
from scanner.facts.base import FactMissing, Facts
from scanner.facts.node import API_SERVER, CONTROLLER_MANAGER, ETCD, KUBELET, SCHEDULER, Node
from scanner.facts.paths import Listeners
from scanner.kubeadm import releases
from scanner.request import LocalEtcd
from scanner.target import Target

_REMEDY = (
    "Find the process with `ss -ltnp sport = :{subject}` and stop and disable it; if the host "
    "still carries an old cluster, undo that with `kubeadm reset`."
)
_WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared with, nothing is bound


def _free(facts: Facts, target: Target, port: str, component: str) -> Iterator[Finding]:
    """Yield nothing if nobody holds the port, or on a member the component whose port it is."""
    held = facts[Listeners].on(int(port))
    if held and target.is_member:
        yield from _held_by(facts, port, component)
    elif held:
        yield Finding(
            f"port {port} is already held on {', '.join(held[:10])}",
            have=", ".join(held[:10]),
            need="free",
            source="/proc/net/tcp, /proc/net/tcp6",
        )


def _held_by(facts: Facts, port: str, component: str) -> Iterator[Finding]:
    holders = facts[Node].holders.get(int(port), frozenset())
    if not holders and component in facts[Node].busy:
        raise FactMissing(f"{component} has too many open files to find the socket of port {port}")
    if holders != {component}:
        have = ", ".join(sorted(holders - {component})) or "another process"
        yield Finding(
            f"port {port} of a member is held by {have}",
            have=have,
            need=component,
            source="/proc/net/tcp, /proc/PID/fd",
        )


def _free_on_its_address(
    facts: Facts, target: Target, port: str, component: str
) -> Iterator[Finding]:
    held = facts[Listeners].on(int(port))
    by_address = releases.find(target.kubeadm).ports_by_address and not target.is_member
    if by_address and held and not _WILDCARDS.intersection(held):
        raise FactMissing(
            f"port {port} is held only on {', '.join(held[:10])}, and which address kubeadm "
            f"v{target.kubeadm} would try is not settled"
        )
    yield from _free(facts, target, port, component)


@check(
    "KS301",
    "port of the API server",
    *history(CONTROL_PLANE, Severity.ERROR, until="1.37", v1_20=Evidence.REAL),
    applies(CONTROL_PLANE, Severity.ERROR, since="1.37", evidence=Evidence.INFERRED),
    kubeadm="Port-{subject}",
    remedy=_REMEDY,
    subjects=lambda target: (str(target.cluster.bind_port),),
)
def api_server_port(facts: Facts, target: Target, port: str) -> Iterator[Finding]:
    """Read the listening TCP sockets; passes if none holds the port on any address.

    kubeadm binds the port on all addresses, so that a listener on 127.0.0.1 alone or [::1] alone
    is in its way; from 1.37 on it binds only the address configured for the component. The port is
    localAPIEndpoint.bindPort. On a member it passes where kube-apiserver holds it. Source:
    checks.go PortOpenCheck, v1.20.2; release note of 1.37 (PR#138250).
    """
    yield from _free_on_its_address(facts, target, port, API_SERVER)


_OLD_PORTS = ("10251", "10252")
_SECURE_PORTS = ("10257", "10259")
_SCHEDULER_PORTS = frozenset({"10251", "10259"})


@check(
    "KS302",
    "ports of scheduler and controller-manager",
    *history(CONTROL_PLANE, Severity.ERROR, until="1.17", subjects=_OLD_PORTS),
    *history(
        *(CONTROL_PLANE, Severity.ERROR),
        since="1.17",
        v1_20=Evidence.REAL,
        gaps=Evidence.NOTES,
        subjects=_SECURE_PORTS,
    ),
    kubeadm="Port-{subject}",
    remedy=_REMEDY,
    subjects=lambda _target: (*_OLD_PORTS, *_SECURE_PORTS),
)
def component_ports(facts: Facts, target: Target, port: str) -> Iterator[Finding]:
    """Read the listening TCP sockets; passes if none holds the port on any address.

    10259 (scheduler) and 10257 (controller-manager) from 1.17 on, before that 10251 and 10252. On a
    member each passes where its component holds it. Source: checks.go PortOpenCheck, v1.20.2;
    release note of 1.17 (PR#85043).
    """
    component = SCHEDULER if port in _SCHEDULER_PORTS else CONTROLLER_MANAGER
    yield from _free_on_its_address(facts, target, port, component)


@check(
    "KS303",
    "port of the kubelet",
    *history(ALL, Severity.ERROR, v1_20=Evidence.REAL),
    kubeadm="Port-{subject}",
    remedy=_REMEDY,
    subjects=lambda _target: ("10250",),
)
def kubelet_port(facts: Facts, target: Target, port: str) -> Iterator[Finding]:
    """Read the listening TCP sockets; passes if none holds the port on any address.

    On a member it passes where the kubelet holds it. Source: checks.go PortOpenCheck, v1.20.2.
    """
    yield from _free(facts, target, port, KUBELET)


@check(
    "KS304",
    "ports of etcd",
    *history(CONTROL_PLANE, Severity.ERROR, v1_20=Evidence.REAL),
    kubeadm="Port-{subject}",
    remedy=_REMEDY,
    subjects=lambda target: ("2379", "2380") if isinstance(target.cluster.etcd, LocalEtcd) else (),
)
def etcd_ports(facts: Facts, target: Target, port: str) -> Iterator[Finding]:
    """Read the listening TCP sockets; passes if none holds the port on any address.

    Only where etcd runs on the control planes themselves; on a member it passes where etcd holds
    it. Source: checks.go PortOpenCheck, v1.20.2.
    """
    yield from _free_on_its_address(facts, target, port, ETCD)
