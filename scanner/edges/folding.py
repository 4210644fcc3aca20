"""Many bad edges -> few groups that say the same: a whole host, a port of all, or a pair."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scanner.edges.report import By, EdgeState
from scanner.edges.tally import OWN_ROUTES, BadEdge


@dataclass(frozen=True, slots=True)
class Group:
    """Edges of one state; None stands for every host that should reach, or be reached."""

    diallers: tuple[int, ...] | None
    targets: tuple[int, ...] | None
    ports: tuple[int, ...]
    state: EdgeState
    by: By
    notes: tuple[str, ...]
    """`answers_on` of its edges, the commonest first."""


_Side = tuple[int, ...] | None
_Key = tuple[_Side, _Side]
_Kind = tuple[EdgeState, By, bool]
"""With whether the dialling hosts' own routes are what is wrong."""


def fold_edges(
    bad: Iterable[BadEdge],
    incoming: Mapping[tuple[int, int], int],
    outgoing: Mapping[tuple[int, int], int],
) -> tuple[Group, ...]:
    """Group bad edges.

    Args:
        bad: each edge once.
        incoming: (port, target) -> how many hosts dialled it.
        outgoing: (port, dialler) -> how many hosts it dialled.
    """
    kinds: defaultdict[tuple[int, _Kind], list[BadEdge]] = defaultdict(list)
    for edge in bad:
        kind = (edge.state, edge.by, edge.answers_on == OWN_ROUTES)
        kinds[edge.port, kind].append(edge)
    everywhere: Counter[int] = Counter()
    for (port, _), count in incoming.items():
        everywhere[port] += count
    merged: dict[tuple[_Key, _Kind], tuple[list[int], Counter[str]]] = {}
    for (port, kind), edges in kinds.items():
        for key, part in _shapes(port, edges, everywhere[port], incoming, outgoing):
            ports, notes = merged.setdefault((key, kind), ([], Counter()))
            ports.append(port)
            notes.update(edge.answers_on for edge in part)
    return tuple(
        Group(*key, tuple(ports), *kind[:2], tuple(note for note, _ in notes.most_common()))
        for (key, kind), (ports, notes) in merged.items()
    )


def _shapes(
    port: int,
    edges: list[BadEdge],
    everywhere: int,
    incoming: Mapping[tuple[int, int], int],
    outgoing: Mapping[tuple[int, int], int],
) -> list[tuple[_Key, list[BadEdge]]]:
    """The groups of one port and state."""
    arriving = Counter(edge.target for edge in edges)
    leaving = Counter(edge.dialler for edge in edges)
    if len(edges) == everywhere > 1:
        only = tuple(arriving) if len(arriving) == 1 else None
        return [((tuple(leaving) if len(leaving) == 1 else None, only), edges)]
    closed = {t for t, count in arriving.items() if count == incoming[port, t] > 1}
    shut = {d for d, count in leaving.items() if count == outgoing[port, d] > 1}
    found: defaultdict[_Key, list[BadEdge]] = defaultdict(list)
    whole = [edge for edge in edges if edge.target in closed]
    if whole:
        found[None, tuple(sorted(closed))] = whole
    alone: defaultdict[int, list[BadEdge]] = defaultdict(list)
    for edge in edges:
        if edge.target in closed:
            continue
        if edge.dialler in shut:
            found[tuple(sorted(shut)), None].append(edge)
        else:
            alone[edge.target].append(edge)
    for target, part in alone.items():
        found[tuple(sorted(edge.dialler for edge in part)), (target,)] += part
    return _joined(found)


def _joined(found: Mapping[_Key, list[BadEdge]]) -> list[tuple[_Key, list[BadEdge]]]:
    """Put targets together that the same hosts cannot reach."""
    same: defaultdict[_Side, list[_Key]] = defaultdict(list)
    for key in found:
        same[key[0] if key[1] is not None else (-1,)].append(key)
    groups: list[tuple[_Key, list[BadEdge]]] = []
    for diallers, keys in same.items():
        if diallers == (-1,) or len(keys) == 1:
            groups += [(key, found[key]) for key in keys]
            continue
        targets = tuple(sorted(target for key in keys for target in key[1] or ()))
        groups.append(((diallers, targets), [edge for key in keys for edge in found[key]]))
    return groups
