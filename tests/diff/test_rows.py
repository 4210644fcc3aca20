from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from scanner.diff.rows import Kind, RowChange, compare_rows, rank
from scanner.evaluate import Ignored, Result
from scanner.fleet.judge import FleetResult
from scanner.verdict import Verdict

OK = Result("KS104", "Swap", "", Verdict.PASS, "")
SKIP = replace(OK, verdict=Verdict.SKIP)
WARN = replace(OK, verdict=Verdict.WARN, message="warn")
OPEN = replace(OK, verdict=Verdict.UNKNOWN, message="unknown")
STUCK = replace(OPEN, blocking=True)
FAIL = replace(OK, verdict=Verdict.FAIL, message="fail", remedy="mend it", blocking=True)
BY_RANK = ((None, OK, SKIP), (WARN,), (OPEN,), (STUCK,), (FAIL,))


def one(before: Result | None, after: Result | None) -> RowChange | None:
    rows = compare_rows([before] if before else [], [after] if after else [])
    return next(rows, None)


def test_every_pair_of_verdicts() -> None:
    seen = 0
    for (was, befores), (now, afters) in itertools.product(enumerate(BY_RANK), repeat=2):
        for before, after in itertools.product(befores, afters):
            if after is None:
                continue
            seen += 1
            change = one(before, after)
            assert (rank(before), rank(after)) == (was, now)
            if was == now:
                assert change is None
                continue
            assert change is not None
            assert change.worse == (now > was)
            kind = Kind.NEW if not was else Kind.CHANGED if now else Kind.GONE
            assert change.kind is kind
            assert change.message == (after if now else before or after).message
    assert seen == 7 * 6


def test_what_is_no_longer_judged_is_not_gone() -> None:
    change = one(FAIL, None)
    assert change is not None
    assert (change.kind, change.worse, change.after) == (Kind.UNJUDGED, False, None)
    assert change.remedy == ""
    assert one(OK, None) is None


def test_a_problem_that_is_not_known_any_more_is_not_gone() -> None:
    change = one(FAIL, STUCK)
    assert change is not None
    assert (change.kind, change.worse) == (Kind.CHANGED, False)


def test_ignoring_is_a_change_for_the_better() -> None:
    ignored = replace(WARN, ignored=Ignored("a lab", ""))
    change = one(FAIL, ignored)
    assert change is not None
    assert (change.kind, change.worse, change.after) == (Kind.CHANGED, False, Verdict.WARN)


def test_a_subject_is_part_of_the_key() -> None:
    old, new = replace(FAIL, subject="6443"), replace(FAIL, subject="10250")
    kinds = [change.kind for change in compare_rows([old], [new])]
    assert kinds == [Kind.NEW, Kind.UNJUDGED]


@pytest.mark.parametrize(("before", "after", "changed"), [("a", "ab", 1), ("ab", "a", 0)])
def test_a_problem_between_more_hosts_is_worse(before: str, after: str, changed: int) -> None:
    old, new = (
        FleetResult("KS711", "", Verdict.WARN, "late", tuple(hosts)) for hosts in (before, after)
    )
    assert [change.worse for change in compare_rows([old], [new])] == [True] * changed
