"""Does every host reach the control plane's endpoint: the load balancer, or a virtual address?"""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from scanner.checks.rule import Severity, clip
from scanner.edges.endpoint import EndpointDials
from scanner.edges.report import EdgeState
from scanner.fleet.record import FleetFacts, Reach
from scanner.fleet.rule import Fleet, FleetFinding, Gap, Said, fleet_check, told, untold
from scanner.resolve import is_address

_CLOSED = {
    EdgeState.REFUSED: "refuses, though others are let in",
    EdgeState.DROPPED: "does not answer",
    EdgeState.UNROUTABLE: "has no route, or a firewall says that it may not be reached",
}
_ANYWHERE = ""
_SOURCE = "a TCP connection from each host"
_NOT_YET = (
    "that is as it should be only where its address comes up with the control plane (kube-vip, "
    "keepalived) or a load balancer is silent until it has a backend"
)


def with_reach(
    record: FleetFacts, dials: EndpointDials | None, servers: Collection[str]
) -> FleetFacts:
    """Add to a host's record what it found at the endpoint.

    Args:
        record: of the host.
        dials: None if it was not asked.
        servers: addresses by which the hosts dial the API servers' port as an edge.
    """
    if dials is None:
        return record
    if dials.why:
        return replace(record, why={**record.why, "reach": dials.why})
    states = tuple(
        (address, None if address in servers else state) for address, state in dials.states.items()
    )
    return replace(record, reach=Reach(states))


def _not_dialled(fleet: Fleet) -> str | None:
    if not fleet.cluster.control_plane_endpoint:
        return "there is no controlPlaneEndpoint to dial"
    if not any(host.reach is not None or "reach" in host.why for host in fleet.hosts):
        return "no host was asked to dial it: see --network"
    found = [state for _, reach in told(fleet.hosts, "reach", Reach) for _, state in reach.states]
    if found and all(state is None for state in found):
        return "controlPlaneEndpoint is a control plane's own API server: KS790 has dialled it"
    return None


@fleet_check(
    "KS742",
    "way to the endpoint",
    Severity.ERROR,
    passed="controlPlaneEndpoint answers every host",
    remedy="Open the way from these hosts to the load balancer, or start what holds its address.",
    skip=_not_dialled,
)
def reach(fleet: Fleet) -> Iterator[Said]:
    """Let each host dial controlPlaneEndpoint at up to four addresses that it has there.

    Passes if one of them answers. A refusal is an answer, because before `kubeadm init` nobody
    listens behind it, and so is a connection that is closed at once. Silence for 3.5 s or no route
    fails where another host gets an answer at the same address, where the address is that of a host
    of the inventory, or where the cluster exists already; so does a refusal where another host gets
    a connection. Where no host gets an answer it is a warning: a virtual address may come up with
    the control plane only. What a name stands for is KS741's. Not dialled with --network off. An
    address that is a control plane's own, on its own port, is one of KS790's edges. Source:
    kubernetes.io/docs/setup/production-environment/tools/kubeadm/high-availability.
    """
    yield from untold(fleet.hosts, "reach")
    known = list(told(fleet.hosts, "reach", Reach))
    own = {host.host: frozenset(host.addresses or ()) for host in fleet.hosts}
    answered, connected = _who(known, own)
    needed = {address for addresses in own.values() for address in addresses}
    exists = any(host.member for host in fleet.hosts)
    found: defaultdict[tuple[str, Severity, str], list[str]] = defaultdict(list)
    for host, seen in known:
        closed, is_reached = _closed(host.host, seen, connected)
        if not seen.states:
            yield Gap((host.host,), "its name was not found there (KS741)", Severity.WARNING)
        elif not is_reached and not closed:
            yield Gap((host.host,), "it could not dial")
        for address, state in closed.items():
            others = _another(answered, address, host.host)
            severe = not is_reached and (exists or others or address in needed)
            severity = Severity.ERROR if severe else Severity.WARNING
            message = _message(fleet, address, state, others=others, is_reached=is_reached)
            if not severe and not is_reached:
                message += f"; {_NOT_YET}"
            found[message, severity, state.value].append(host.host)
    for (message, severity, state_name), hosts in found.items():
        yield FleetFinding(
            message,
            tuple(hosts),
            have=state_name,
            need="a connection, or a refusal while no API server runs",
            source=_SOURCE,
            severity=severity,
        )


def _message(
    fleet: Fleet, address: str, state: EdgeState, *, others: bool, is_reached: bool
) -> str:
    endpoint = clip(fleet.cluster.control_plane_endpoint)
    at = "" if address in endpoint else f" at {clip(address)}"
    message = f"the endpoint {endpoint}{at} {_CLOSED[state]}"
    if is_reached:
        return f"{message}, another of its addresses does"
    if others and state is not EdgeState.REFUSED:
        return f"{message}, and other hosts get an answer"
    return message


def _closed(
    host: str, seen: Reach, connected: Mapping[str, set[str]]
) -> tuple[Mapping[str, EdgeState], bool]:
    """The addresses of the endpoint that are closed for a host, and whether another one is not."""
    closed: dict[str, EdgeState] = {}
    is_reached = False
    for address, state in seen.states:
        if state is None or _answers(host, address, state, connected):
            is_reached = True
        elif state is not EdgeState.UNKNOWN:
            closed[address] = state
    if is_reached:  # a host without IPv6 has no route to one of two addresses
        closed = {at: state for at, state in closed.items() if state is not EdgeState.UNROUTABLE}
    return closed, is_reached


def _who(
    known: list[tuple[FleetFacts, Reach]], own: Mapping[str, frozenset[str]]
) -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
    """Address -> the hosts that get an answer there, and those that get a connection.

    What a host finds at an address of its own says nothing of the way of the others.
    """
    answered: defaultdict[str, set[str]] = defaultdict(set)
    connected: defaultdict[str, set[str]] = defaultdict(set)
    for host, seen in known:
        for address, state in seen.states:
            if address in own[host.host] or _is_loopback(address):
                continue
            for key in (address, _ANYWHERE):
                if state in (EdgeState.OPEN, EdgeState.REFUSED):
                    answered[key].add(host.host)
                if state is EdgeState.OPEN:
                    connected[key].add(host.host)
    return answered, connected


def _answers(host: str, address: str, state: EdgeState, connected: Mapping[str, set[str]]) -> bool:
    if state is EdgeState.REFUSED:
        return _is_loopback(address) or not _another(connected, address, host)
    return state is EdgeState.OPEN


def _another(seen: Mapping[str, set[str]], address: str, host: str) -> bool:
    """True if some other host has seen it there; of a name that sshd has looked up, anywhere."""
    hosts = seen.get(address if is_address(address) else _ANYWHERE, ())
    return len(hosts) > (host in hosts)


def _is_loopback(address: str) -> bool:
    return is_address(address) and ipaddress.ip_address(address).is_loopback
