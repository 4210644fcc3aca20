"""One host, old against new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scanner.diff.facts import FactChange, compare_facts
from scanner.diff.rows import RowChange, compare_rows
from scanner.json_names import JSON_NAMES
from scanner.report import HostReport, HostStatus

_RANK = {
    None: 0,
    HostStatus.READY: 0,
    HostStatus.MEMBER: 0,
    HostStatus.HALF_DONE: 1,
    HostStatus.NOT_READY: 1,
    HostStatus.UNREACHABLE: 2,
}


@dataclass(frozen=True, slots=True)
class HostDiff:
    """What has changed of one host."""

    __pydantic_config__: ClassVar = JSON_NAMES

    name: str
    before: HostStatus | None
    """None: it was not in the old report."""
    after: HostStatus | None
    """None: it is not in the new report."""
    worse: bool
    """True if it is in a worse state, or any of its rows is."""
    reason: str = ""
    """Why it cannot be reached now."""
    rows: tuple[RowChange, ...] = ()
    facts: tuple[FactChange, ...] = ()

    @property
    def is_a_change(self) -> bool:
        """False if it is as it was."""
        return self.before != self.after or bool(self.rows) or bool(self.facts)


def compare_hosts(old: HostReport | None, new: HostReport) -> HostDiff:
    """Compare what is known of a host.

    Of a host that is not reached now nothing is known, so none of its problems is gone.

    Args:
        old: None if the host is an added one.
        new: the same host now.
    """
    before = None if old is None else old.status
    reached = new.status is not HostStatus.UNREACHABLE
    rows = tuple(compare_rows(old.results if old else (), new.results)) if reached else ()
    facts = tuple(compare_facts(old.facts, new.facts)) if old and reached else ()
    worse = _RANK[new.status] > _RANK[before] or any(row.worse for row in rows)
    return HostDiff(new.name, before, new.status, worse, new.reason, rows, facts)


def lost(name: str, status: HostStatus) -> HostDiff:
    """A host that the new report is not about: its problems are not gone, nor is it worse."""
    return HostDiff(name, status, None, worse=False)
