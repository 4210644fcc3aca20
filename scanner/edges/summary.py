"""A tally -> the `edges` of a report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from scanner.edges.answers import Path
from scanner.edges.measured import EdgePaths, PathsFrom
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
_NOTHING = Path()


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
        _paths(tally, names),
    )


def _paths(tally: Tally, names: tuple[str, ...]) -> EdgePaths:
    """Who was not dialled has nothing measured; of a sample, who need not be is left out."""
    plan = tally.plan
    hidden: defaultdict[int, list[int]] = defaultdict(list)
    if not plan.sampled:
        for host, target in _hidden(plan):
            hidden[host].append(target)
    return EdgePaths(
        names,
        tuple(
            _paths_from(tally, host, sorted((*tally.asked.get(host, ()), *hidden.get(host, ()))))
            for host in range(len(names))
        ),
    )


def _paths_from(tally: Tally, host: int, targets: list[int]) -> PathsFrom:
    found = [tally.paths.get((host, target), _NOTHING) for target in targets]
    arrived = tuple(path.largest for path in found)
    return PathsFrom(
        tuple(targets),
        tuple(map(_ms, found)),
        tuple(path.mtu or None for path in found),
        arrived if any(size is not None for size in arrived) else (),
    )


def _ms(path: Path) -> float | None:
    """Milliseconds; an echo's where nothing better is known."""
    found = path.echo_us if path.rtt_us is None else path.rtt_us
    return None if found is None else round(found / 1000, 3)


def _rows(tally: Tally) -> Iterator[EdgeRow]:
    for edge in sorted(tally.bad[:MOST_ROWS], key=_place):
        port = None if edge.port == NAME else tally.plan.ports[edge.port]
        path = tally.paths.get((edge.dialler, edge.target), _NOTHING)
        yield EdgeRow(
            tally.plan.peers[edge.dialler].name,
            tally.plan.peers[edge.target].name,
            0 if port is None else port.number,
            Proto.TCP if port is None else port.proto,
            edge.by,
            edge.state,
            _ms(path),
            path.mtu or None,
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
    yield from _hidden(plan)


def _hidden(plan: Plan) -> Iterator[tuple[int, int]]:
    """The pairs that nobody can dial."""
    for target in plan.hidden:
        others = (host for host in range(len(plan.peers)) if host != target)
        yield from ((host, target) for host in others if plan.is_asked(host, target))
