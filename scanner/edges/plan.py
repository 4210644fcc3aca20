"""Who dials whom: every pair that a port is for, or a sample that covers each host both ways."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scanner.edges.endpoint import Endpoint
from scanner.edges.mode import Network
from scanner.edges.peers import Peer
from scanner.edges.ports import Between, EdgePort

MOST_EDGES = 50_000
"""Edges (a pair of hosts and a port) up to which each one is dialled: 200 hosts with one port
between all of them stay below it."""
MOST_OF_A_HOST = 1_500
"""Edges of one host, the same: 256 at once, each silent for 3.5 s, take 21 s."""
MOST_LISTENING = 200
"""Hosts whose listeners are open at once: what this process can hold connections to, and what has
been dialled before the first listener's minute is over."""
NEIGHBOURS = 5
"""Hosts that each one dials in a sample, and is dialled by."""


@dataclass(frozen=True, slots=True)
class Dial:
    """One host's questions about another."""

    peer: int
    """Index in the plan's peers."""
    ports: tuple[int, ...]
    """Indices of the plan's ports."""


@dataclass(frozen=True)
class Plan:
    """All edges of a run; what a host dials is worked out when it is asked for."""

    mode: Network
    peers: tuple[Peer, ...]
    ports: tuple[EdgePort, ...]
    salt: str = ""
    """Chooses the sample: equal hosts of an equal cluster are sampled alike."""
    endpoint: Endpoint | None = None
    """Dialled by every host, whatever is sampled."""

    def asks_endpoint(self, wave: int, host: int) -> bool:
        """True where a host dials the endpoint: once, in the first wave that it is in."""
        return self.endpoint is not None and (wave == 0 or not self.peers[host].is_control_plane)

    @functools.cached_property
    def sampled(self) -> bool:
        """True if not every edge is dialled."""
        if self.mode is Network.SAMPLE:
            return len(self.peers) > NEIGHBOURS + 1
        busiest = max(map(self._edges_of, range(len(self.peers))), default=0)
        return (
            self.possible > MOST_EDGES
            or busiest > MOST_OF_A_HOST
            or (self.mode.listens and len(self.peers) > MOST_LISTENING)
        )

    @functools.cached_property
    def possible(self) -> int:
        """How many edges there are, dialled or not."""
        return sum(map(self._edges_of, range(len(self.peers))))

    def is_asked(self, dialler: int, target: int) -> bool:
        """True if one host must reach another on some port."""
        kinds = self.peers[dialler].is_control_plane, self.peers[target].is_control_plane
        return any(port.is_asked(dialler=kinds[0], target=kinds[1]) for port in self.ports)

    @functools.cached_property
    def hidden(self) -> Mapping[int, int]:
        """Hosts of which no address is known -> how many edges to them cannot be dialled."""
        return {
            host: edges
            for host, peer in enumerate(self.peers)
            if not peer.addresses and (edges := self._edges_to(host))
        }

    def _edges_to(self, host: int) -> int:
        own = self.peers[host].is_control_plane
        return sum(
            port.is_asked(dialler=kind, target=own) * count
            for port in self.ports
            for kind, count in self.others(host)
        )

    def others(self, host: int) -> tuple[tuple[bool, int], tuple[bool, int]]:
        """(is it a control plane, how many of these) of the peers but for one."""
        control_planes = len(self._control_planes) - self.peers[host].is_control_plane
        return (True, control_planes), (False, len(self.peers) - 1 - control_planes)

    def _edges_of(self, host: int) -> int:
        own = self.peers[host].is_control_plane
        return sum(
            port.is_asked(dialler=own, target=kind) * count
            for port in self.ports
            for kind, count in self.others(host)
        )

    @functools.cached_property
    def _control_planes(self) -> tuple[int, ...]:
        return tuple(i for i, peer in enumerate(self.peers) if peer.is_control_plane)

    @functools.cached_property
    def waves(self) -> tuple[tuple[int, ...], ...]:
        """The hosts that take part at the same time; one wave where nobody listens.

        A host's edges lie within a wave, so control planes take part in each one.
        """
        everybody = tuple(range(len(self.peers)))
        if not self.mode.listens or len(everybody) <= MOST_LISTENING:
            return (everybody,)
        first = set(self._control_planes)
        others = [i for i in everybody if i not in first]
        room = max(MOST_LISTENING - len(first), MOST_LISTENING // 2)
        number = max(1, -(-len(others) // room))
        return tuple((*self._control_planes, *others[n::number]) for n in range(number))

    def dials(self, wave: int, dialler: int) -> tuple[Dial, ...]:
        """What one host dials in a wave, by the order of the peers."""
        me = self.peers[dialler]
        near = frozenset(self.neighbours(wave, dialler)) if self.sampled else None
        found = []
        for other in self._targets(wave, dialler, near):
            if not self.peers[other].addresses:
                continue
            ports = tuple(
                number
                for number, port in enumerate(self.ports)
                if port.is_asked(
                    dialler=me.is_control_plane, target=self.peers[other].is_control_plane
                )
                and (near is None or self._is_sampled(port, dialler, other, near))
            )
            if ports:
                found.append(Dial(other, ports))
        return tuple(found)

    def _targets(self, wave: int, dialler: int, near: frozenset[int] | None) -> Iterator[int]:
        """Who may be dialled, in the order of the peers; of a sample not each host is looked at."""
        again = wave > 0 and self.peers[dialler].is_control_plane
        members: Iterable[int] = self.waves[wave]
        if near is not None and not self.peers[dialler].is_control_plane:
            members = sorted({*near, *self._control_planes})
        for other in members:
            # control planes have met in the first wave
            if other != dialler and not (again and self.peers[other].is_control_plane):
                yield other

    def _is_sampled(self, port: EdgePort, dialler: int, other: int, near: frozenset[int]) -> bool:
        """Few ports of few hosts are always dialled; each kubelet by one control plane."""
        if port.between in (Between.TO_CONTROL_PLANE, Between.AMONG_CONTROL_PLANES):
            return True
        if port.between is Between.FROM_CONTROL_PLANE:
            others = [i for i in self._control_planes if i != other]
            return others[other % len(others)] == dialler
        return other in near

    def neighbours(self, wave: int, dialler: int) -> tuple[int, ...]:
        """The hosts of a wave that stand for all others: as many dial this one as it dials.

        They are found on a ring, so that what each leaves out and who leaves it out is balanced.
        """
        ring, places, steps = self._rings[wave]
        if dialler not in places:
            return ()
        here = places[dialler]
        return tuple(ring[(here + step) % len(ring)] for step in steps)

    @functools.cached_property
    def _rings(self) -> tuple[tuple[tuple[int, ...], dict[int, int], tuple[int, ...]], ...]:
        return tuple(map(self._ring, range(len(self.waves))))

    def _ring(self, wave: int) -> tuple[tuple[int, ...], dict[int, int], tuple[int, ...]]:
        members: Iterable[int] = self.waves[wave]
        if wave > 0:
            members = (i for i in members if not self.peers[i].is_control_plane)
        ring = tuple(sorted(members, key=lambda i: self._digest(self.peers[i].name)))
        places = {member: place for place, member in enumerate(ring)}
        steps = sorted(range(2, len(ring)), key=lambda step: self._digest(str(step)))
        return ring, places, tuple([1, *steps][: min(NEIGHBOURS, len(ring) - 1)])

    def _digest(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.salt}\0{text}".encode()).digest()
