"""The counts of a comparison: what its exit status follows from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import ClassVar

from scanner.diff.between import EdgeChange
from scanner.diff.cluster import PhaseChange
from scanner.diff.hosts import HostDiff
from scanner.diff.rows import Kind, RowChange
from scanner.json_names import JSON_NAMES


@dataclass(frozen=True, slots=True)
class DiffSummary:
    """How much has changed."""

    __pydantic_config__: ClassVar = JSON_NAMES

    worse: bool
    """True if any host, row, edge or phase is worse than it was, or all is no longer ready."""
    new: int
    """Problems that are new: a row of a host, a result between hosts or about the cluster."""
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
    phases: int
    no_longer_ready: bool
    """True if the old report is ready and the new one is not."""

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
        more = (self.status, self.facts, self.edges, self.phases, self.no_longer_ready)
        return not any((*counts, *more))


def summarize(
    hosts: Iterable[HostDiff],
    rows: Iterable[RowChange],
    edges: Iterable[EdgeChange],
    phases: Collection[PhaseChange],
    *,
    no_longer_ready: bool,
) -> DiffSummary:
    """Count, a host at a time; `rows` are those of no single host."""
    kinds: Counter[Kind] = Counter()
    added = lost = status = facts = dialled = 0
    worse = no_longer_ready or any(phase.worse for phase in phases)
    for host in hosts:
        kinds.update(row.kind for row in host.rows)
        facts += len(host.facts)
        added += host.before is None
        lost += host.after is None
        status += None not in {host.before, host.after} and host.before != host.after
        worse = worse or host.worse
    for row in rows:
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
        phases=len(phases),
        no_longer_ready=no_longer_ready,
    )
