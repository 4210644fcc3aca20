"""The second half of a run that judges captures: what the hosts had found when they dialled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from scanner.checks.rule import Severity
from scanner.edges.checks import CLOSED, EDGE_CHECKS, EdgeCheck
from scanner.edges.report import EdgesReport
from scanner.facts.base import Facts
from scanner.fleet.judge import FleetResult
from scanner.fleet.record import FleetFacts
from scanner.request import Host, Request
from scanner.runs.saved_edges import SavedEdges
from scanner.selection import Selection
from scanner.transport.base import Transport
from scanner.verdict import Verdict

_IDS = frozenset(check.id for check in EDGE_CHECKS)


class EdgesThen:
    """In the place of EdgeScan; nothing is dialled.

    Where there are no edges, that is said and never green: it blocks where --only asks for them by
    name, and else not, as most captures were taken to be judged host by host.

    Args:
        request: the hosts that are judged now; they may be others than then.
        saved: of the run that took the captures; None if it left none.
        selection: --only and --skip.
    """

    def __init__(self, request: Request, saved: SavedEdges | None, selection: Selection) -> None:
        self._names = tuple(host.name for host in request.hosts)
        self._saved = saved
        self._only = selection.only

    def add(self, host: Host, facts: Facts) -> None:
        """A host was judged; what it found of others is in the file."""

    async def run(self, transport: Transport, at_once: int, patience: float) -> None:
        """Nothing is left to be asked."""

    def seen_from(self, records: Iterable[FleetFacts]) -> tuple[FleetFacts, ...]:
        """The records with what each host had found at the endpoint."""
        return tuple(map(self._seen_from, records))

    def _seen_from(self, record: FleetFacts) -> FleetFacts:
        saved = self._saved
        if saved is not None and record.host in saved.reach:
            return replace(record, reach=saved.reach[record.host])
        if saved is not None and record.host in saved.why:
            return replace(record, why={**record.why, "reach": saved.why[record.host]})
        return record

    def results(self) -> tuple[FleetResult, ...]:
        """What was said then, as far as it is about these hosts, and what cannot be."""
        if len(self._names) == 1:
            return ()
        if self._saved is None:
            reason = (
                "these captures hold no edges: the hosts had not dialled each other, or another "
                "kscan has saved them; run `kscan check`"
            )
            return tuple(self._unknown(reason, "", ()))
        return (*self._of_these(self._saved), *self._of_others(self._saved))

    def _of_these(self, saved: SavedEdges) -> Iterator[FleetResult]:
        for result in saved.results:
            hosts = self._of_now(result.hosts)
            if result.check in _IDS and (hosts or not result.hosts):
                findings = tuple(
                    replace(finding, hosts=self._of_now(finding.hosts))
                    for finding in result.findings
                    if not finding.hosts or self._of_now(finding.hosts)
                )
                yield replace(result, hosts=hosts, findings=findings)

    def _of_now(self, hosts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in hosts if name in self._names)

    def _of_others(self, saved: SavedEdges) -> Iterator[FleetResult]:
        if new := tuple(name for name in self._names if name not in saved.hosts):
            reason = "hosts that were not in the run that saved the edges; run `kscan check`"
            yield from self._unknown(reason, "not saved", new)

    def _unknown(self, reason: str, subject: str, hosts: tuple[str, ...]) -> Iterator[FleetResult]:
        asked: tuple[EdgeCheck, ...] = EDGE_CHECKS if self._only else (CLOSED,)
        for check in asked:
            blocking = bool(self._only) and check.severity is Severity.ERROR
            yield FleetResult(
                *(check.id, subject, Verdict.UNKNOWN, reason, hosts),
                total=len(self._names),
                blocking=blocking,
            )

    def report(self) -> EdgesReport | None:
        """The matrix and rows of then; None where these are other hosts."""
        if self._saved is None or {*self._saved.hosts} != {*self._names}:
            return None
        return self._saved.report
