"""What no host shows alone, old against new: rules between hosts, and the edges."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from scanner.diff.rows import Judged, RowChange, compare_rows
from scanner.diff.seen import EVERYTHING, Seen
from scanner.edges.checks import EDGE_CHECKS
from scanner.edges.mode import Network
from scanner.edges.ports import Proto
from scanner.edges.report import By, EdgeRow, EdgesReport, EdgeState
from scanner.fleet.judge import FleetResult
from scanner.json_names import JSON_NAMES
from scanner.verdict import Verdict

_OF_EDGES = frozenset(check.id for check in EDGE_CHECKS)


@dataclass(frozen=True, slots=True)
class EdgeChange:
    """One edge that is not what it was; an edge that is as it should be has no state here."""

    __pydantic_config__: ClassVar = JSON_NAMES

    from_: str
    to: str
    port: int
    proto: Proto
    by: By
    before: EdgeState | None
    after: EdgeState | None
    worse: bool


def compare_between(
    old: Iterable[FleetResult],
    new: Iterable[FleetResult],
    old_edges: EdgesReport | None,
    new_edges: EdgesReport | None,
    seen: Seen = EVERYTHING,
) -> tuple[RowChange, ...]:
    """The results between hosts.

    Those of edges have a row for each thing that is wrong, and none for what is not. So one that
    is missing is gone where as much was dialled as before and everything could be known.
    """
    before, after = tuple(old), tuple(new)
    open_questions = {r.check for r in after if r.verdict is Verdict.UNKNOWN}
    judged = {result.check for result in after}
    as_much = _dialled_as_much(old_edges, new_edges)

    def is_gone(result: Judged) -> bool:
        of_edges = result.check in _OF_EDGES and result.check in judged
        return of_edges and as_much and result.check not in open_questions

    was_judged = {result.check for result in before}
    dialled_more = _dialled_more(old_edges, new_edges)

    def is_first(was: Judged | None, now: Judged) -> bool:
        if was is None and now.check in _OF_EDGES and dialled_more:
            return True
        if now.check not in was_judged and not seen.alike:
            return True
        previous = was if isinstance(was, FleetResult) else None
        return isinstance(now, FleetResult) and seen.is_first(previous, now)

    return tuple(compare_rows(before, after, is_gone, is_first))


def compare_edges(
    old: EdgesReport | None, new: EdgesReport | None, seen: Seen = EVERYTHING
) -> tuple[EdgeChange, ...]:
    """The edges one by one, as far as both reports have told of them all."""
    if old is None or new is None:
        return ()
    return tuple(_edges(old, new, seen))


def _edges(old: EdgesReport, new: EdgesReport, seen: Seen) -> Iterator[EdgeChange]:
    before = {_key(row): row.state for row in old.rows}
    after = {_key(row): row.state for row in new.rows}
    knew_all = not old.left_out and _dialled_as_much(new, old)
    knows_all = not new.left_out and _dialled_as_much(old, new)
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        if was == now or (was is None and not knew_all) or (now is None and not knows_all):
            continue
        worse = was is None or (was is EdgeState.UNKNOWN and now is not None)
        if was is None and not seen.has(key[:2]):  # such a host dialled nobody
            was, worse = EdgeState.UNKNOWN, False
        yield EdgeChange(key[0], key[1], key[2], Proto(key[3]), By(key[4]), was, now, worse)


def _key(row: EdgeRow) -> tuple[str, str, int, str, str]:
    return row.from_, row.to, row.port, row.proto.value, row.by.value


_MODES = (Network.OFF, Network.DIAL, Network.SAMPLE, Network.FULL)


def _dialled_more(old: EdgesReport | None, new: EdgesReport | None) -> bool:
    """True if the new run has dialled edges that the old one let be."""
    if old is None or new is None:
        return new is not None
    return _MODES.index(new.mode) > _MODES.index(old.mode)


def _dialled_as_much(old: EdgesReport | None, new: EdgesReport | None) -> bool:
    """True if what is missing in the new one would have been found by it."""
    if old is None or new is None or new.sampled:
        return False
    return _MODES.index(new.mode) >= _MODES.index(old.mode) and not new.counts.get(
        EdgeState.UNKNOWN, 0
    )
