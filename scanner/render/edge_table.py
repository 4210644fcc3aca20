"""Edges as an HTML page shows them: a table of pairs that has two views, and the slowest pairs."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from scanner.edges.measured import Measured
from scanner.edges.paths import slow_ms
from scanner.edges.report import EdgesReport
from scanner.render.edges import WORDS, is_worth_a_matrix
from scanner.render.round_trips import (
    HostTimes,
    by_host,
    mtu_words,
    pairs_of,
    paths_line,
    shown_ms,
    slowest,
    usual_mtu,
)

MOST_SLOWEST = 20
_CLASSES = {".": "v-pass", "r": "v-fail", "d": "v-fail", "u": "v-fail"}
_NOT_ASKED = "-"


@dataclass(frozen=True, slots=True)
class Cell:
    """One ordered pair of hosts."""

    look: str = ""
    """Classes; empty where nothing was asked."""
    said: str = ""
    """All that is known, in one line."""
    state: str = ""
    ms: str = ""
    """Of the view of round trips; `?` where it was not measured."""


@dataclass(frozen=True, slots=True)
class Slow:
    """A row of the slowest pairs."""

    from_: str
    to: str
    ms: str
    mtu: str


@dataclass(frozen=True, slots=True)
class EdgeTable:
    """What the template shows."""

    line: str
    """Of all pairs together; empty if the report has none."""
    hosts: tuple[str, ...]
    """Empty where there is nothing to show."""
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    begins_with_state: bool
    """True where a state is not ok; else the round trips are what there is to see."""
    has_times: bool
    slowest: tuple[Slow, ...]
    timed: int
    """Pairs with a round trip."""
    slow_hosts: tuple[HostTimes, ...]
    """Of a fleet that is too large for a table of its pairs."""


def edge_table(edges: EdgesReport) -> EdgeTable:
    """Put together what the page shows of the edges beside those that are bad."""
    pairs = pairs_of(edges)
    timed = slowest(pairs, len(pairs))
    has_state = is_worth_a_matrix(edges)
    shows = bool(edges.hosts) and (has_state or bool(timed))
    usual = usual_mtu(pairs)
    return EdgeTable(
        paths_line(pairs),
        edges.hosts if shows else (),
        tuple(_rows(edges, pairs, usual)) if shows else (),
        has_state,
        bool(timed),
        tuple(
            Slow(pair.from_, pair.to, shown_ms(ms), mtu_words(pair, usual) or str(pair.mtu or ""))
            for pair, ms in timed[:MOST_SLOWEST]
        ),
        len(timed),
        tuple(by_host(pairs, MOST_SLOWEST)) if not edges.hosts else (),
    )


def _rows(
    edges: EdgesReport, pairs: tuple[Measured, ...], usual: int | None
) -> Iterator[tuple[str, tuple[Cell, ...]]]:
    by_name = {(pair.from_, pair.to): pair for pair in pairs}
    times = [pair.ms for pair in pairs if pair.ms is not None]
    limit = slow_ms(statistics.median(times)) if times else 0.0
    for name, letters in zip(edges.hosts, edges.matrix, strict=True):
        yield (
            name,
            tuple(
                _cell(f"{name} -> {other}", letter, by_name.get((name, other)), limit, usual)
                for other, letter in zip(edges.hosts, letters, strict=True)
            ),
        )


def _cell(way: str, letter: str, pair: Measured | None, limit: float, usual: int | None) -> Cell:
    if letter == _NOT_ASKED:
        return Cell()
    state = WORDS.get(letter, "?")
    told = [_STATES.get(letter, state)]
    ms, look = "?", _CLASSES.get(letter, "v-unknown")
    if pair is None or pair.ms is None:
        told.append("round trip not measured")
        look += " untimed"
    else:
        ms = shown_ms(pair.ms)
        told.append(f"round trip {pair.ms:g} ms")
        look += " slow" * (pair.ms > limit)
    if pair is not None and (mtu := mtu_words(pair, usual)):
        told.append(mtu)
    return Cell(look, f"{way}: {', '.join(told)}", state, ms)


_STATES: Mapping[str, str] = {"d": "dropped", "?": "not known"}
"""Where the word of a table is not that of a sentence."""
