from __future__ import annotations

import pytest

from scanner.cluster.result import Outcome, PhaseResult
from scanner.diff.cluster import compare_phases, compare_verify
from scanner.diff.rows import Kind
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult

GOOD = VerifyResult("KS801", "", Verdict.PASS, "it is")
BAD = VerifyResult("KS801", "", Verdict.FAIL, "it is not", blocking=True)


def test_the_cluster_is_worse_than_it_was() -> None:
    (change,) = compare_verify([GOOD], [BAD])
    assert (change.kind, change.worse) == (Kind.NEW, True)
    (change,) = compare_verify([BAD], [GOOD])
    assert (change.kind, change.worse) == (Kind.GONE, False)
    assert compare_verify([BAD], [BAD]) == ()


def test_what_was_not_asked_before_or_is_not_now() -> None:
    (change,) = compare_verify([], [BAD])
    assert (change.kind, change.worse) == (Kind.FIRST, False)
    (change,) = compare_verify([BAD], [])
    assert (change.kind, change.worse) == (Kind.UNJUDGED, False)


@pytest.mark.parametrize(
    ("before", "after", "worse"),
    [
        (Outcome.DONE, Outcome.FAILED, True),
        (Outcome.ALREADY, Outcome.SKIPPED, True),
        (None, Outcome.FAILED, True),
        (Outcome.FAILED, Outcome.DONE, False),
        (Outcome.FAILED, Outcome.SKIPPED, None),
        (Outcome.DONE, Outcome.ALREADY, None),
        (None, Outcome.DONE, None),
        (Outcome.FAILED, None, None),
    ],
)
def test_phases(before: Outcome | None, after: Outcome | None, worse: bool | None) -> None:
    old, new = ([PhaseResult("init", "cp1", o, 1.0)] if o else [] for o in (before, after))
    assert [change.worse for change in compare_phases(old, new)] == (
        [] if worse is None else [worse]
    )
