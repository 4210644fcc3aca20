"""Results by (check, subject), old against new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from scanner.evaluate import Result
from scanner.fleet.judge import FleetResult
from scanner.json_names import JSON_NAMES
from scanner.matrix import PROBLEMS
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult

Judged: TypeAlias = Result | FleetResult | VerifyResult


class Kind(StrEnum):
    """What has become of a result."""

    NEW = "new"
    """A problem now, and none before."""
    FIRST = "firstJudged"
    """A problem now, of which nothing could be known before: that is not worse."""
    GONE = "gone"
    """A problem before; now judged, and none."""
    CHANGED = "changed"
    """A problem then and now, but not in the same way."""
    UNJUDGED = "unjudged"
    """A problem before of which the new report says nothing: that is not gone."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """One result that is not what it was."""

    __pydantic_config__: ClassVar = JSON_NAMES

    kind: Kind
    check: str
    kubeadm: str | None
    subject: str
    before: Verdict | None
    """None = there was no such result."""
    after: Verdict | None
    worse: bool
    message: str
    """What is said now, or was said before if nothing is said now."""
    remedy: str
    hosts: tuple[str, ...] = ()
    """Of a result between hosts."""


IsGone: TypeAlias = Callable[[Judged], bool]
IsFirst: TypeAlias = Callable[[Judged | None, Judged], bool]


def rank(result: Judged | None) -> int:
    """How bad it is; what blocks is worse than what does not, and not to know worse than to warn.

    None, PASS and SKIP are 0, WARN 1, UNKNOWN 2, UNKNOWN that blocks 3, FAIL 4.
    """
    if result is None or result.verdict not in PROBLEMS:
        return 0
    match result.verdict:
        case Verdict.FAIL:
            return 4
        case Verdict.UNKNOWN:
            return 3 if result.blocking else 2
    return 1


def never_gone(_result: Judged) -> bool:
    """A host has a row for everything that is judged, so one without a row was not judged."""
    return False


def never_first(_before: Judged | None, _after: Judged) -> bool:
    """Everything was asked before."""
    return False


def compare_rows(
    old: Iterable[Judged],
    new: Iterable[Judged],
    is_gone: IsGone = never_gone,
    is_first: IsFirst = never_first,
) -> Iterator[RowChange]:
    """The changes, in the order of the new report, then what it does not have.

    Args:
        old: of one host, or those between hosts.
        new: of the same.
        is_gone: True for a problem that would be in the new report if it were still there.
        is_first: True for one that could not be in the old report, had it been there; it is
            given the old result, if there was one, and the new.
    """
    left = {(result.check, result.subject): result for result in old}
    for result in new:
        before = left.pop((result.check, result.subject), None)
        change = _change(before, result, is_first)
        if change is not None:
            yield change
    for before in left.values():
        if rank(before):
            kind = Kind.GONE if is_gone(before) else Kind.UNJUDGED
            yield _row(kind, before, before, None, worse=False)


def _change(before: Judged | None, after: Judged, is_first: IsFirst) -> RowChange | None:
    was, now = rank(before), rank(after)
    more = bool(now) and was == now and bool(_more_hosts(before, after))
    if (now > was or more) and is_first(before, after):
        return _row(Kind.FIRST, after, before, after, worse=False)
    if was == now:
        return _row(Kind.CHANGED, after, before, after, worse=True) if more else None
    known = Kind.CHANGED if now else Kind.GONE
    kind = known if was else Kind.NEW
    return _row(kind, after if now else before or after, before, after, worse=now > was)


def _more_hosts(before: Judged | None, after: Judged) -> set[str]:
    """Hosts that a problem between hosts did not concern before."""
    if isinstance(before, FleetResult) and isinstance(after, FleetResult):
        return {*after.hosts} - {*before.hosts}
    return set()


def _row(
    kind: Kind, told: Judged, before: Judged | None, after: Judged | None, *, worse: bool
) -> RowChange:
    return RowChange(
        kind,
        told.check,
        told.kubeadm,
        told.subject,
        None if before is None else before.verdict,
        None if after is None else after.verdict,
        worse,
        told.message,
        told.remedy if after is not None and rank(after) else "",
        told.hosts if isinstance(told, FleetResult) else (),
    )
