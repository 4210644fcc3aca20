"""The second half of a run: what the hosts that have answered find out about each other."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.edges.endpoint import endpoint_of
from scanner.edges.gather import Ended, Gatherer
from scanner.edges.mode import Network
from scanner.edges.peers import Peer, peer_of, told_apart
from scanner.edges.plan import Plan
from scanner.edges.ports import ports_of
from scanner.edges.report import EdgesReport
from scanner.edges.results import edge_results
from scanner.edges.summary import edges_report
from scanner.edges.tally import Tally
from scanner.facts.base import Facts
from scanner.fleet.judge import FleetResult
from scanner.fleet.reach import with_reach
from scanner.fleet.record import FleetFacts
from scanner.request import Host, Request
from scanner.transport.base import Transport


class EdgeScan:
    """Keeps of each host what the others must know, then lets them dial each other.

    Args:
        request: hosts and cluster.
        mode: OFF keeps and does nothing.
        ended: see Gatherer.
    """

    def __init__(self, request: Request, mode: Network, ended: Ended) -> None:
        self._request = request
        self._mode = mode
        self._ended = ended
        self._peers: dict[str, Peer] = {}
        self._tally: Tally | None = None

    def add(self, host: Host, facts: Facts) -> None:
        """A host has answered the probe."""
        if self._mode is not Network.OFF:
            self._peers[host.name] = peer_of(host, facts)

    async def run(self, transport: Transport, at_once: int, patience: float) -> None:
        """Let them dial; what is known stays known when this is cancelled.

        Args:
            transport: opens the sessions.
            at_once: hosts that are worked on at the same time.
            patience: seconds that the user gives a host.
        """
        hosts = [host for host in self._request.hosts if host.name in self._peers]
        if len(hosts) < 2:  # noqa: PLR2004 - an edge has two ends
            return
        cluster = self._request.cluster
        peers = told_apart(self._peers[host.name] for host in hosts)
        plan = Plan(self._mode, peers, ports_of(cluster), cluster.name, endpoint_of(cluster))
        self._tally = Tally(plan)
        gatherer = Gatherer(
            *(plan, hosts, transport, self._tally, at_once), patience=patience, ended=self._ended
        )
        try:
            await gatherer.run()
        finally:
            gatherer.leave()

    def seen_from(self, records: Iterable[FleetFacts]) -> tuple[FleetFacts, ...]:
        """The records of the hosts with what each of them found at the endpoint, if it dialled."""
        if self._tally is None or self._tally.plan.endpoint is None:
            return tuple(records)
        plan = self._tally.plan
        port = self._tally.plan.endpoint.port
        servers = {
            peer.addresses[0]
            for peer in plan.peers
            if peer.is_control_plane and peer.addresses and port == self._request.cluster.bind_port
        }
        found = {
            plan.peers[host].name: dials for host, dials in sorted(self._tally.endpoint.items())
        }
        return tuple(with_reach(record, found.get(record.host), servers) for record in records)

    def results(self) -> tuple[FleetResult, ...]:
        """What is to be said of it; empty if no host has dialled another."""
        return () if self._tally is None else edge_results(self._tally)

    def report(self) -> EdgesReport | None:
        """What is known; None if no host has dialled another."""
        return None if self._tally is None else edges_report(self._tally)
