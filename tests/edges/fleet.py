"""Peers and plans by their size, for tables."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.edges.mode import Network
from scanner.edges.peers import Peer
from scanner.edges.plan import Plan
from scanner.edges.ports import ports_of
from scanner.request import Cluster, CniProfile


def peer(number: int, *, control_plane: bool = False, may_listen: bool = True) -> Peer:
    name = f"node{number}"
    address = f"10.0.{number // 250}.{number % 250 + 1}"
    return Peer(name, name, (address,), control_plane, may_listen)


def peers(control_planes: int, workers: int) -> tuple[Peer, ...]:
    count = control_planes + workers
    return tuple(peer(n + 1, control_plane=n < control_planes) for n in range(count))


def plan(
    control_planes: int = 1,
    workers: int = 2,
    mode: Network = Network.FULL,
    profile: CniProfile = CniProfile.NONE,
    members: Iterable[Peer] = (),
) -> Plan:
    everybody = tuple(members) or peers(control_planes, workers)
    return Plan(mode, everybody, ports_of(Cluster(cni_profile=profile)), "test")


def edges(made: Plan) -> list[tuple[str, str, str]]:
    """(from, to, port) of everything that is dialled, in all waves."""
    return [
        (made.peers[host].name, made.peers[dial.peer].name, made.ports[port].name)
        for wave, members in enumerate(made.waves)
        for host in members
        for dial in made.dials(wave, host)
        for port in dial.ports
    ]
