"""The words for round trips and path MTUs between hosts, the same in every format."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from scanner.edges.measured import Measured
from scanner.edges.report import EdgesReport
from scanner.render.causes import plural

_ENOUGH_FOR_P99 = 100
"""Pairs below which the 99th percentile is the slowest one."""
_MTUS = 3
"""That are told apart; what is beyond is counted."""
_SHORTEST_MS = 0.005


def pairs_of(edges: EdgesReport) -> tuple[Measured, ...]:
    """Each pair that was to be measured; none of a report that holds none."""
    return () if edges.paths is None else tuple(edges.paths.pairs())


def paths_line(pairs: Sequence[Measured]) -> str:
    """`round trip: median 0.40 ms, slowest node3 -> node7 12.1 ms; path MTU 1500 on all 6 pairs`.

    Empty where there are no pairs. What was not measured is counted, and what was only looked up in
    the hosts' routes is told from what was tried.
    """
    if not pairs:
        return ""
    return f"round trip: {_round_trips(pairs)}; path MTU {_mtus(pairs)}"


def shown_ms(ms: float) -> str:
    """`<0.01`, `0.42`, `12.1`, `250`: as many digits as one can compare."""
    if ms < _SHORTEST_MS:
        return "<0.01"
    if ms < 1:
        return f"{ms:.2f}"
    return f"{ms:.1f}" if ms < 100 else f"{ms:,.0f}"  # noqa: PLR2004 - three digits


def usual_mtu(pairs: Sequence[Measured]) -> int | None:
    """Bytes that most pairs have; the larger of two that are as common. None if none is known."""
    counts = Counter(pair.largest for pair in pairs if pair.largest is not None)
    return max(counts, key=lambda mtu: (counts[mtu], mtu), default=None)


def slowest(pairs: Sequence[Measured], most: int) -> list[tuple[Measured, float]]:
    """The pairs with the longest round trips and these, the worst first."""
    timed = [(pair, pair.ms) for pair in pairs if pair.ms is not None]
    return sorted(timed, key=lambda item: -item[1])[:most]


@dataclass(frozen=True, slots=True)
class HostTimes:
    """Milliseconds of one host's round trips; None is a direction in which none was measured."""

    host: str
    away: float | None
    """The median of those that it measured."""
    back: float | None
    """The median of those that others measured to it."""
    pairs: int
    """With a time, in both directions together."""

    @property
    def worse(self) -> float:
        """The longer of the two."""
        return max(self.away or 0.0, self.back or 0.0)


def by_host(pairs: Sequence[Measured], most: int) -> list[HostTimes]:
    """The hosts with the longest round trips, the worst first: one slow host is many slow pairs."""
    times: dict[str, tuple[list[float], list[float]]] = {}
    for pair in pairs:
        if pair.ms is not None:
            times.setdefault(pair.from_, ([], []))[0].append(pair.ms)
            times.setdefault(pair.to, ([], []))[1].append(pair.ms)
    found = [
        HostTimes(host, _median(away), _median(back), len(away) + len(back))
        for host, (away, back) in times.items()
    ]
    return sorted(found, key=lambda one: -one.worse)[:most]


def _median(times: Sequence[float]) -> float | None:
    return statistics.median(times) if times else None


def mtu_words(pair: Measured, usual: int | None) -> str:
    """What is worth a word of a pair's MTU; empty where it is as elsewhere."""
    if pair.swallows:
        what = f"of more than {pair.arrived} bytes" if pair.arrived else "of every size tried"
        return f"packets {what} vanish, the route says {pair.mtu}"
    if pair.largest is None or usual is None or pair.largest >= usual:
        return ""
    return f"MTU {pair.largest}, mostly {usual}"


def _round_trips(pairs: Sequence[Measured]) -> str:
    timed = slowest(pairs, len(pairs))
    if not timed:
        return f"not measured on any of {plural(len(pairs), 'pair')}"
    worst, longest = timed[0]
    times = sorted(ms for _, ms in timed)
    said = [f"median {shown_ms(statistics.median(times))} ms"]
    if len(times) >= _ENOUGH_FOR_P99:
        # the nearest rank: a time that was measured
        said.append(f"p99 {shown_ms(times[-(-len(times) * 99 // 100) - 1])} ms")
    said.append(f"slowest {worst.from_} -> {worst.to} {shown_ms(longest)} ms")
    return ", ".join(said) + _missing(len(pairs) - len(times), len(pairs))


def _missing(count: int, total: int) -> str:
    return f" (not measured on {count:,} of {plural(total, 'pair')})" if count else ""


def _mtus(pairs: Sequence[Measured]) -> str:
    known = [pair for pair in pairs if pair.mtu is not None]
    unknown = len(pairs) - len(known)
    if not known:
        return f"not known of any of {plural(unknown, 'pair')}"
    counts = Counter(pair.mtu for pair in known).most_common()
    parts = [f"{mtu} on {count:,}" for mtu, count in counts[:_MTUS]]
    if rest := sum(count for _, count in counts[_MTUS:]):
        parts.append(f"others on {rest:,}")
    said = f"{', '.join(parts)} of {plural(len(pairs), 'pair')}"
    if unknown:
        said += f", not known of {unknown:,}"
    elif len(counts) == 1:
        said = f"{counts[0][0]} on all {plural(len(pairs), 'pair')}"
    return f"{said} ({_tried(known)})"


def _tried(known: Sequence[Measured]) -> str:
    """How far to believe the routes."""
    tried = [pair for pair in known if pair.arrived is not None]
    if not tried:
        return "by the routes, not tried"
    of = "all of them" if len(tried) == len(known) else f"{len(tried):,} of them"
    vanish = sum(pair.swallows for pair in tried)
    return f"by the routes, tried on {of}" + f", such packets vanish on {vanish:,}" * (vanish > 0)
