"""One host, old against new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scanner.diff.facts import FactChange, compare_facts
from scanner.diff.rows import Judged, RowChange, compare_rows
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
    """True if it is in a worse state, or any of its rows is; an added host if it is not ready."""
    reason: str = ""
    """Why it cannot be reached now."""
    rows: tuple[RowChange, ...] = ()
    facts: tuple[FactChange, ...] = ()

    @property
    def is_a_change(self) -> bool:
        """False if it is as it was."""
        return self.before != self.after or bool(self.rows) or bool(self.facts)


def compare_hosts(old: HostReport | None, new: HostReport, *, alike: bool = True) -> HostDiff:
    """Compare what is known of a host.

    Of a host that is not reached now nothing is known, so none of its problems is gone; and of
    one that was not reached before, or was not there, none is worse than it was.

    Args:
        old: None if the host is an added one.
        new: the same host now.
        alike: whether both runs have asked the same of their hosts.
    """
    before = None if old is None else old.status
    reached = new.status is not HostStatus.UNREACHABLE
    # of an unreachable host there is no role, and there are no results
    as_before = old is not None and alike and old.role == new.role
    judged = {result.check for result in old.results} if old else set[str]()

    def is_first(_before: Judged | None, after: Judged) -> bool:
        return not as_before and after.check not in judged

    results = old.results if old else ()
    rows = tuple(compare_rows(results, new.results, is_first=is_first)) if reached else ()
    facts = tuple(compare_facts(old.facts, new.facts)) if old and reached else ()
    worse = _RANK[new.status] > _RANK[before] or any(row.worse for row in rows)
    if old is not None and not as_before and new.status is HostStatus.NOT_READY:
        worse = any(row.worse for row in rows)  # what was not asked before cannot have been ready
    return HostDiff(new.name, before, new.status, worse, new.reason, rows, facts)


def lost(name: str, status: HostStatus) -> HostDiff:
    """A host that the new report is not about: its problems are not gone, nor is it worse."""
    return HostDiff(name, status, None, worse=False)
