"""Networks that must not touch: pods, services, nodes, what hosts have routes to, resolvers."""

from __future__ import annotations

import functools
import ipaddress
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from scanner.checks.rule import Severity, clip
from scanner.facts.routes import Network, Route
from scanner.fleet.devices import DOCKER_BRIDGE, is_of_cni
from scanner.fleet.networks_of import network, networks_of
from scanner.fleet.nodes_there import NodesThere
from scanner.fleet.record import FleetFacts
from scanner.fleet.rule import Fleet, FleetFinding, Gap, Said, fleet_check, told, untold
from scanner.kubeadm import limits
from scanner.resolve import is_address

_CONFIGURATION = "the cluster's configuration"
_MANY = 64
"""Different networks of docker0 that are looked at; a fleet has one or two."""


@fleet_check(
    "KS731",
    "networks that do not overlap",
    Severity.ERROR,
    passed="the networks of pods, services and nodes and the hosts' routes do not overlap",
    remedy="Choose another podSubnet or serviceSubnet, which cannot be changed later, or take the "
    "route away.",
    compares=False,
)
def overlaps(fleet: Fleet) -> Iterator[Said]:
    """Compare podSubnet and serviceSubnet with each other and with what the hosts have.

    That is: every host's addresses, its routes but default ones, docker0 among them, and the name
    servers that its pods will ask; and docker0's network with the other hosts' addresses. Passes
    if none touch. Routes that a CNI has made are meant so: those on its own interfaces, and those
    within podSubnet that are a member's, or lead to another host of the fleet, to a Node of the
    cluster that runs already or to a Node's podCIDR. Where such a cluster's Nodes are not
    known, neither is a route that may lead to one of them. No node has a part of serviceSubnet:
    a route into it is an overlap wherever it leads; where members alone have it, whose CNI
    may advertise services, it is a warning. A wider route through a gateway, into
    which podSubnet or serviceSubnet was cut, is a warning: what lies behind it under these
    addresses cannot be reached from the cluster. Source: kubernetes.io/docs/concepts/
    cluster-administration/networking, "must ensure that IP ranges do not overlap".
    """
    yield from _configured(fleet)
    yield from _nodes(fleet)
    yield from _routes(fleet)
    yield from _resolvers(fleet)
    yield from _bridges(fleet)
    for name in ("addresses", "routes", "resolvers"):
        yield from untold(fleet.hosts, name)
    rest = [host.host for host in fleet.hosts if not (host.routes_complete or host.member)]
    answered = {host.host for host in fleet.hosts if host.routes is not None}
    if cut := tuple(name for name in rest if name in answered):
        yield Gap(cut, "there are too many routes to know all of them")


def _kind(fleet: Fleet, of: Network) -> str:
    return f"the {'pod' if _is_of_pods(fleet, of) else 'service'} network {of}"


def _is_of_pods(fleet: Fleet, of: Network) -> bool:
    return of in map(network, fleet.cluster.pod_subnets)


def _configured(fleet: Fleet) -> Iterator[Said]:
    for one, two in combinations(networks_of(fleet.cluster), 2):
        if _touch(one, two):
            yield FleetFinding(
                f"the networks {one} and {two} of pods and services overlap",
                (),
                have=f"{one}, {two}",
                need="two networks that do not touch",
                source=_CONFIGURATION,
            )


def _nodes(fleet: Fleet) -> Iterator[Said]:
    for of in networks_of(fleet.cluster):
        found: dict[str, list[str]] = defaultdict(list)
        for host, addresses in told(fleet.hosts, "addresses", tuple):
            for address in addresses:
                if _within(address, of):
                    found[host.host].append(address)
        if found:
            shown = ", ".join(min(found.values())[:3])
            yield FleetFinding(
                f"hosts have addresses of {_kind(fleet, of)}",
                tuple(found),
                have=shown,
                need=f"addresses outside of {of}",
                source="ip addr",
            )


def _routes(fleet: Fleet) -> Iterator[Said]:
    nodes = {
        address for _, addresses in told(fleet.hosts, "addresses", tuple) for address in addresses
    }
    # the pods of a node that is down are still behind it
    nodes.update(address for host in fleet.hosts for address in host.listed)
    there = fleet.there or NodesThere(frozenset(), frozenset())
    strangers = fleet.there is None and any(host.member for host in fleet.hosts)
    found: dict[tuple[Network, Route], list[FleetFacts]] = defaultdict(list)
    for host, routes in told(fleet.hosts, "routes", tuple):
        for route in routes:
            for of in networks_of(fleet.cluster):
                if not _touch(of, route.network) or is_of_cni(route.device):
                    continue
                # of services no node has any part
                if _is_of_pods(fleet, of) and _is_meant(host, route, of, nodes, there):
                    continue
                found[of, route].append(host)
    for (of, route), hosts in found.items():
        if strangers and route.gateway and _is_part(route.network, of) and _is_of_pods(fleet, of):
            yield Gap(tuple(host.host for host in hosts), _stranger(fleet, of, route))
        else:
            yield _route_finding(fleet, of, route, hosts)


def _is_meant(
    host: FleetFacts, route: Route, of: Network, nodes: set[str], there: NodesThere
) -> bool:
    """True for a route to the pods of a node."""
    if not _inside(route.network, of):
        return False
    if route.gateway and (route.gateway in nodes or route.gateway in there.addresses):
        return True
    if route.gateway and route.network in there.pod_networks:
        return True  # through a router between them
    return host.member and route.network != of


def _may_be_advertised(fleet: Fleet, of: Network, route: Route) -> bool:
    """True for a part of the service network behind a router, or refused: maybe a CNI's work."""
    elsewhere = bool(route.gateway) or route.device == "*"
    return elsewhere and _is_part(route.network, of) and not _is_of_pods(fleet, of)


def _stranger(fleet: Fleet, of: Network, route: Route) -> str:
    return (
        f"whether {route.gateway}, to which a route to {route.network} within {_kind(fleet, of)} "
        "leads, is a node of the cluster that runs: its Nodes are not known"
    )


def _route_finding(
    fleet: Fleet, of: Network, route: Route, hosts: list[FleetFacts]
) -> FleetFinding:
    through = f" through {route.gateway}" if route.gateway else ""
    wide = bool(route.gateway) and _is_part(of, route.network)
    advertised = _may_be_advertised(fleet, of, route) and all(host.member for host in hosts)
    on = "a refused route" if route.device == "*" else f"a route on {clip(route.device)}{through}"
    if route.device == DOCKER_BRIDGE:
        remedy = 'Set another "bip" in /etc/docker/daemon.json, or choose another network.'
    else:
        remedy = ""
    return FleetFinding(
        f"{on} to {route.network} {'covers' if wide else 'overlaps with'} {_kind(fleet, of)}",
        tuple(host.host for host in hosts),
        have=str(route.network),
        need=f"no route that touches {of}",
        source="/proc/net/route, /proc/net/ipv6_route",
        severity=Severity.WARNING if wide or advertised else None,
        remedy=remedy,
    )


def _resolvers(fleet: Fleet) -> Iterator[Said]:
    for of in networks_of(fleet.cluster):
        found: dict[str, list[str]] = defaultdict(list)
        for host, servers in told(fleet.hosts, "resolvers", tuple):
            for server in servers:
                if _within(server, of):
                    found[server].append(host.host)
        for server, hosts in found.items():
            yield FleetFinding(
                f"the name server {clip(server)} is in {_kind(fleet, of)}",
                tuple(dict.fromkeys(hosts)),
                have=clip(server),
                need=f"a name server outside of {of}",
                source="resolv.conf",
                remedy="Choose another network, or give the hosts another name server: this one "
                "cannot be reached once the cluster has its addresses.",
            )


def _bridges(fleet: Fleet) -> Iterator[Said]:
    owners: dict[str, list[str]] = defaultdict(list)
    for host, bridge in told(fleet.hosts, "bridge", str):
        if bridge:
            owners[bridge].append(host.host)
    for text in sorted(owners)[:_MANY]:
        inside = [
            host.host
            for host, addresses in told(fleet.hosts, "addresses", tuple)
            if any(_within(address, network(text)) for address in addresses)
        ]
        if inside:
            yield FleetFinding(
                f"docker0's network {text} has addresses of hosts in it",
                tuple(dict.fromkeys((*owners[text], *inside))),
                have=text,
                need="a network without hosts",
                source="/proc/net/route",
                remedy='Set another "bip" in /etc/docker/daemon.json.',
            )


def _within(address: str, of: Network) -> bool:
    found = _parsed(address)
    return found is not None and found in of


@functools.lru_cache(maxsize=16_384)
def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Compared with each network, and read once."""
    return ipaddress.ip_address(address) if is_address(address) else None


def _touch(one: Network, two: Network) -> bool:
    return one.version == two.version and one.overlaps(two)


def _inside(one: Network, two: Network) -> bool:
    """True for networks that touch, of which the first has the longer mask or the same."""
    return one.prefixlen >= two.prefixlen


def _is_part(one: Network, two: Network) -> bool:
    """True for networks that touch, of which the first is smaller."""
    return one.prefixlen > two.prefixlen


@fleet_check(
    "KS732",
    "room for pods",
    Severity.WARNING,
    passed="podSubnet has a part for every node",
    remedy="Choose a larger podSubnet, which cannot be changed later, or a longer "
    "--node-cidr-mask-size for kube-controller-manager.",
    compares=False,
    skip=lambda fleet: None if fleet.cluster.pod_subnets else "the cluster has no podSubnet",
)
def capacity(fleet: Fleet) -> Iterator[Said]:
    """Divide podSubnet by one node's part of it; passes if every node of the inventory gets one.

    A part is /24 (IPv6: /64), as kube-controller-manager has it where nobody sets
    --node-cidr-mask-size. The limits of serviceSubnet are KS116's. Source: kubernetes.io/docs/
    reference/command-line-tools-reference/kube-controller-manager.
    """
    for text in fleet.cluster.pod_subnets:
        pods = network(text)
        bits = limits.NODE_MASKS[pods.version] - pods.prefixlen
        parts = 1 << bits if bits >= 0 else 0
        if parts < fleet.nodes:
            yield FleetFinding(
                f"the pod network {pods} has parts of /{limits.NODE_MASKS[pods.version]} for "
                f"{parts} nodes, and there are {fleet.nodes}",
                (),
                have=f"{parts} parts",
                need=f"at least {fleet.nodes}",
                source=_CONFIGURATION,
            )
