"""Is a host a member of the cluster already, or was it left half-way there?

Source: design.md, "Verdicts"; the ports are those of constants.go, v1.13 to v1.34.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from scanner.facts.base import FactMissing, Facts
from scanner.facts.certificates import Certificates
from scanner.facts.node import API_SERVER, CONTROLLER_MANAGER, ETCD, KUBELET, SCHEDULER, Node
from scanner.facts.paths import Paths, PathState
from scanner.facts.services import Services
from scanner.request import Cluster, LocalEtcd

KUBELET_CONF = "/etc/kubernetes/kubelet.conf"
CLIENT_CERTIFICATE = "/var/lib/kubelet/pki/kubelet-client-current.pem"


class State(StrEnum):
    """How much of a member a host is."""

    NONE = "none"
    MEMBER = "member"
    OTHER_CLUSTER = "other-cluster"
    HALF_DONE = "half-done"
    UNKNOWN = "unknown"
    """It shows some signs, and about others nothing could be known."""


@dataclass(frozen=True, slots=True)
class Membership:
    """What speaks for it and what is missing, each as a clause."""

    state: State = State.NONE
    there: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


NO_MEMBER = Membership()


@dataclass(frozen=True, slots=True)
class Authority:
    """The CA of the cluster, as the host has it that `kubeadm init` runs on."""

    ca: str | None
    """As `Node.ca`; None if it is not known."""
    reason: str = ""
    """Why it is not known."""


NOT_ASKED = Authority(None, "the first control plane was not asked for its own")

Sign: TypeAlias = tuple[str, bool | None, str]
"""(what it is, whether it is there or None, why that is not known)."""


def shows_signs(facts: Facts) -> bool:
    """True if something on the host was made by `kubeadm init` or a join, and still is there.

    A kubelet that merely runs is none: its package starts it, and it waits for kubeadm. Nor is an
    etcd, which may stand alone.
    """
    node = facts.get(Node)
    held = frozenset().union(*node.holders.values()) if node is not None else frozenset()
    return (
        _conf(facts) is True
        or (node is not None and node.healthy)
        or not held.isdisjoint((API_SERVER, CONTROLLER_MANAGER, SCHEDULER))
    )


def membership_of(
    facts: Facts,
    cluster: Cluster,
    authority: Authority | None,
    *,
    control_plane: bool,
    now: datetime.datetime | None,
) -> Membership:
    """Put the signs of a member together.

    Args:
        facts: of the host.
        cluster: its ports, and where its etcd runs.
        authority: whose member it should be; None for the host that has the CA itself.
        control_plane: whether the host should run the control plane's components.
        now: the time that the kubelet's client certificate must be valid at.
    """
    if not shows_signs(facts):
        blind = tuple(_blind(facts))
        return Membership(State.UNKNOWN if blind else State.NONE, unknown=blind)
    signs = [*_worker(facts, now)]
    if control_plane:
        signs += _components(facts, cluster)
    if authority is not None:
        signs.append(_same_ca(facts, authority))
    there = tuple(what for what, found, _ in signs if found)
    lacking = tuple(what for what, found, _ in signs if found is False)
    unknown = tuple(f"{what} ({why})" for what, found, why in signs if found is None)
    if _CA in lacking:
        state = State.OTHER_CLUSTER
    elif lacking:
        state = State.HALF_DONE
    else:
        state = State.UNKNOWN if unknown else State.MEMBER
    return Membership(state, there, lacking, unknown)


_CA = "the cluster's CA"
_ENDS = "the kubelet's client certificate"


def _blind(facts: Facts) -> Iterator[str]:
    """Why signs may be there that nobody could see."""
    for kind in (Paths, Node):
        try:
            found = facts[kind]
            if isinstance(found, Paths):
                found.state(KUBELET_CONF)
        except FactMissing as reason:
            yield str(reason)


def _conf(facts: Facts) -> bool | None:
    try:
        return facts[Paths].state(KUBELET_CONF) is PathState.FILE
    except FactMissing:
        return None


def _worker(facts: Facts, now: datetime.datetime | None) -> Iterator[Sign]:
    yield KUBELET_CONF, _conf(facts), "it cannot be seen"
    services = facts.get(Services)
    kubelet = services.units.get(KUBELET) if services is not None else None
    yield (
        "an active kubelet service",
        None if kubelet is None else kubelet.active,
        "the service was not found out about",
    )
    node = facts.get(Node)
    asked = node is not None and node.healthz != "unasked"
    yield (
        "a healthy kubelet on port 10248",
        node.healthy if node is not None and asked else None,
        "it could not be asked: that needs curl or wget on the host",
    )
    yield _client_certificate(facts, now)


def _client_certificate(facts: Facts, now: datetime.datetime | None) -> Sign:
    certificates = facts.get(Certificates)
    if certificates is None or now is None:
        return _ENDS, None, "certificates could not be read"
    end = certificates.expiry.get(CLIENT_CERTIFICATE)
    if end is not None:
        valid = now <= end
        return (_ENDS if valid else f"{_ENDS} is no longer valid"), valid, ""
    if any(CLIENT_CERTIFICATE.startswith(path) for path in certificates.unread):
        return _ENDS, None, "it cannot be read"
    return _ENDS, (False if certificates.complete else None), "there are too many certificates"


def component_ports(cluster: Cluster) -> dict[str, tuple[int, ...]]:
    """The control plane's components on a host -> ports of which one must be theirs."""
    ports = {
        API_SERVER: (cluster.bind_port,),
        CONTROLLER_MANAGER: (10257, 10252),
        SCHEDULER: (10259, 10251),
    }
    return {**ports, ETCD: (2379,)} if isinstance(cluster.etcd, LocalEtcd) else ports


def _components(facts: Facts, cluster: Cluster) -> Iterator[Sign]:
    node = facts.get(Node)
    for name, ports in component_ports(cluster).items():
        what = f"{name} on port {ports[0]}"
        if node is None or name in node.unread:
            yield what, None, "its sockets cannot be seen"
        else:
            held = any(name in node.holders.get(port, ()) for port in ports)
            unseen = not held and name in node.busy
            yield what, None if unseen else held, "it has too many open files to find its sockets"


def _same_ca(facts: Facts, authority: Authority) -> Sign:
    node = facts.get(Node)
    own = node.ca if node is not None else None
    if own is None:
        return _CA, None, "its own CA cannot be read"
    if authority.ca is None:
        return _CA, None, authority.reason
    return _CA, bool(own) and own == authority.ca, ""
