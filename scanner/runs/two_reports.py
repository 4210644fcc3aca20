"""Two reports side by side, a pair of hosts at a time: their hosts are never in memory together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter

from scanner.diff.between import EdgeChange, compare_between, compare_edges
from scanner.diff.cluster import PhaseChange, compare_phases, compare_verify
from scanner.diff.hosts import HostDiff, compare_hosts, lost
from scanner.diff.rows import RowChange
from scanner.diff.seen import Seen, asked_alike
from scanner.diff.summary import DiffSummary, summarize
from scanner.report import Header, HostReport, HostStatus, Report
from scanner.runs.nameless_file import NamelessFile, Place

_HOST = TypeAdapter(HostReport)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What has changed between two reports; `hosts()` may be asked as often as one needs."""

    old: Header
    new: Header
    fleet: tuple[RowChange, ...]
    """Results between hosts."""
    edges: tuple[EdgeChange, ...]
    verify: tuple[RowChange, ...]
    """Results about the running cluster."""
    phases: tuple[PhaseChange, ...]
    _pairs: _Pairs

    def hosts(self) -> Iterator[HostDiff]:
        """Hosts of which something has changed: of the new report in its order, then lost ones."""
        return (diff for diff in self._pairs() if diff.is_a_change)

    def summary(self) -> DiffSummary:
        """The counts."""
        return summarize(
            self.hosts(),
            (*self.fleet, *self.verify),
            self.edges,
            self.phases,
            no_longer_ready=self.old.ready and not self.new.ready,
        )

    def notes(self) -> tuple[str, ...]:
        """Why the two are not quite comparable, in the order of weight."""
        return tuple(_notes(self.old, self.new))


@dataclass(frozen=True, slots=True)
class _Pairs:
    new: Report
    file: NamelessFile
    places: dict[str, tuple[HostStatus, Place]]
    """Of the old hosts, by name."""
    alike: bool

    def __call__(self) -> Iterator[HostDiff]:
        left = dict.fromkeys(self.places)
        for host in self.new.hosts():
            place = self.places.get(host.name)
            left.pop(host.name, None)
            old = None if place is None else _HOST.validate_json(self.file.get(place[1]))
            yield compare_hosts(old, host, alike=self.alike)
        yield from (lost(name, self.places[name][0]) for name in left)


def compare(old: Report, new: Report, file: NamelessFile) -> Comparison:
    """Compare; memory keeps a name and an offset of each old host.

    Args:
        old: the earlier report.
        new: the later one; it is read again by each `hosts()`.
        file: empty; keeps the old hosts, so close it after the comparison is used.
    """
    places: dict[str, tuple[HostStatus, Place]] = {}
    for host, line in zip(old.hosts(), old.host_lines(), strict=True):
        places[host.name] = (host.status, file.put(line))
    reached = (name for name, (status, _) in places.items() if status is not HostStatus.UNREACHABLE)
    seen = Seen(asked_alike(old.header, new.header), frozenset(reached))
    return Comparison(
        old.header,
        new.header,
        compare_between(
            old.fleet, new.fleet, old.edges, new.edges, seen.with_added(places, new.fleet)
        ),
        compare_edges(old.edges, new.edges, seen),
        compare_verify(old.verify, new.verify),
        compare_phases(old.phases, new.phases),
        _Pairs(new, file, places, seen.alike),
    )


def _notes(old: Header, new: Header) -> Iterator[str]:
    pairs = (
        ("cluster", old.cluster.name, new.cluster.name),
        ("Kubernetes", old.cluster.kubernetes_version, new.cluster.kubernetes_version),
        ("kscan", old.tool.version, new.tool.version),
        ("--only", " ".join(old.run.only), " ".join(new.run.only)),
        ("--skip", " ".join(old.run.skip), " ".join(new.run.skip)),
    )
    for name, was, now in pairs:
        if was != now:
            yield f"{name}: {was or 'none'} before, {now or 'none'} now"
    for word, header in (("old", old), ("new", new)):
        if not header.run.complete:
            yield f"the {word} run was interrupted before every host had finished"
    if new.run.started_at < old.run.started_at:
        yield "the new report is older than the old one"
