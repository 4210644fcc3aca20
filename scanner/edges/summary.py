"""A tally -> the `edges` of a report."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.edges.plan import Plan
from scanner.edges.ports import Proto
from scanner.edges.report import EdgeRow, EdgesReport, EdgeState, ReportPort
from scanner.edges.tally import MATRIX, NAME, BadEdge, Tally

MOST_ROWS = 2_000

_LETTERS = {
    EdgeState.NAMELESS: "n",
    EdgeState.UNROUTABLE: "u",
    EdgeState.REFUSED: "r",
    EdgeState.DROPPED: "d",
}
_WORST_FIRST = "dru?n.-"


def edges_report(tally: Tally) -> EdgesReport:
    """Put together what the hosts have told."""
    plan = tally.plan
    names = tuple(peer.name for peer in plan.peers)
    few = len(names) <= MATRIX
    return EdgesReport(
        plan.mode,
        tuple(
            ReportPort(
                port.number,
                port.proto,
                port.component,
                port.between,
                port.source,
                port.needed,
            )
            for port in plan.ports
        ),
        plan.possible,
        {state: tally.counts[state] for state in EdgeState if state is not EdgeState.NAMELESS},
        plan.sampled,
        tuple(_rows(tally)),
        max(0, len(tally.bad) - MOST_ROWS) + tally.left_out,
        names if few else (),
        tuple(_matrix(tally)) if few else (),
    )


def _rows(tally: Tally) -> Iterator[EdgeRow]:
    for edge in sorted(tally.bad[:MOST_ROWS], key=_place):
        port = None if edge.port == NAME else tally.plan.ports[edge.port]
        path = tally.paths.get((edge.dialler, edge.target))
        rtt = None if path is None or path.rtt_us is None else round(path.rtt_us / 1000, 3)
        yield EdgeRow(
            tally.plan.peers[edge.dialler].name,
            tally.plan.peers[edge.target].name,
            0 if port is None else port.number,
            Proto.TCP if port is None else port.proto,
            edge.by,
            edge.state,
            rtt,
            None if path is None else path.mtu,
        )


def _place(edge: BadEdge) -> tuple[int, int, int, str]:
    return edge.dialler, edge.target, edge.port, edge.by


def _matrix(tally: Tally) -> Iterator[str]:
    everybody = range(len(tally.plan.peers))
    worst = dict.fromkeys(_asked(tally.plan), ".")
    worst |= dict.fromkeys(_unknown(tally), "?")
    for edge in tally.bad:
        pair = edge.dialler, edge.target
        worst[pair] = min(worst.get(pair, "."), _LETTERS[edge.state], key=_WORST_FIRST.index)
    for host in everybody:
        yield "".join(worst.get((host, target), "-") for target in everybody)


def _asked(plan: Plan) -> Iterator[tuple[int, int]]:
    for wave, members in enumerate(plan.waves):
        for host in members:
            yield from ((host, dial.peer) for dial in plan.dials(wave, host))


def _unknown(tally: Tally) -> Iterator[tuple[int, int]]:
    plan = tally.plan
    yield from tally.quiet
    silent = {unknown.dialler for unknown in tally.unknown}
    yield from (pair for pair in _asked(plan) if pair[0] in silent)
    for target in plan.hidden:
        others = (host for host in range(len(plan.peers)) if host != target)
        yield from ((host, target) for host in others if plan.is_asked(host, target))
