"""The counts of a comparison: what its exit status follows from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from scanner.diff.between import EdgeChange
from scanner.diff.hosts import HostDiff
from scanner.diff.rows import Kind, RowChange
from scanner.json_names import JSON_NAMES


@dataclass(frozen=True, slots=True)
class DiffSummary:
    """How much has changed."""

    __pydantic_config__: ClassVar = JSON_NAMES

    worse: bool
    """True if any host, row or edge is worse than it was."""
    new: int
    """Problems that are new: a row of a host, or a result between hosts."""
    first_judged: int
    """Problems of which nothing could be known before."""
    gone: int
    changed: int
    unjudged: int
    """Problems of which the new report says nothing."""
    added: int
    """Hosts."""
    lost: int
    status: int
    """Hosts that are in both, with another status."""
    facts: int
    edges: int

    @property
    def is_empty(self) -> bool:
        """True if nothing has changed."""
        counts = (
            self.new,
            self.first_judged,
            self.gone,
            self.changed,
            self.unjudged,
            self.added,
            self.lost,
        )
        return not any((*counts, self.status, self.facts, self.edges))


def summarize(
    hosts: Iterable[HostDiff], fleet: Iterable[RowChange], edges: Iterable[EdgeChange]
) -> DiffSummary:
    """Count, a host at a time."""
    kinds: Counter[Kind] = Counter()
    added = lost = status = facts = dialled = 0
    worse = False
    for host in hosts:
        kinds.update(row.kind for row in host.rows)
        facts += len(host.facts)
        added += host.before is None
        lost += host.after is None
        status += None not in {host.before, host.after} and host.before != host.after
        worse = worse or host.worse
    for row in fleet:
        kinds[row.kind] += 1
        worse = worse or row.worse
    for edge in edges:
        dialled += 1
        worse = worse or edge.worse
    return DiffSummary(
        worse,
        new=kinds[Kind.NEW],
        first_judged=kinds[Kind.FIRST],
        gone=kinds[Kind.GONE],
        changed=kinds[Kind.CHANGED],
        unjudged=kinds[Kind.UNJUDGED],
        added=added,
        lost=lost,
        status=status,
        facts=facts,
        edges=dialled,
    )
