"""What the running cluster is and what was done to it, old against new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from scanner.cluster.result import NOT_DONE, Outcome, PhaseResult
from scanner.diff.rows import Judged, RowChange, compare_rows
from scanner.json_names import JSON_NAMES
from scanner.verify.result import VerifyResult


@dataclass(frozen=True, slots=True)
class PhaseChange:
    """A phase of a host that is done now and was not, or the other way round."""

    __pydantic_config__: ClassVar = JSON_NAMES

    phase: str
    host: str
    before: Outcome | None
    """None = the old report does not know it."""
    after: Outcome
    worse: bool
    message: str
    """Why it failed."""


def compare_verify(
    old: Iterable[VerifyResult], new: Iterable[VerifyResult]
) -> tuple[RowChange, ...]:
    """The results about the running cluster; a check without any row was not asked."""
    before = tuple(old)
    asked = {result.check for result in before}

    def is_first(_was: Judged | None, now: Judged) -> bool:
        return now.check not in asked

    return tuple(compare_rows(before, new, is_first=is_first))


def compare_phases(
    old: Iterable[PhaseResult], new: Iterable[PhaseResult]
) -> tuple[PhaseChange, ...]:
    """The phases that the new report has; what it has not was not to be done."""
    before = {(result.phase, result.host): result.outcome for result in old}
    return tuple(_phases(before, new))


def _phases(
    before: dict[tuple[str, str], Outcome], new: Iterable[PhaseResult]
) -> Iterator[PhaseChange]:
    for result in new:
        was = before.get((result.phase, result.host))
        worse = result.outcome in NOT_DONE
        if worse != (was in NOT_DONE):
            yield PhaseChange(result.phase, result.host, was, result.outcome, worse, result.message)
