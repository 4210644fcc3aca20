"""Clocks at each limit, and what is not certain enough to be said."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.fleet.record import Offset
from scanner.verdict import Verdict
from tests.fleet.fleets import fleet, judged, offset


@pytest.mark.parametrize(
    ("ahead", "uncertainty", "verdict", "blocking"),
    [
        (0.0, 0.02, Verdict.PASS, False),
        (0.98, 0.02, Verdict.PASS, False),
        (1.01, 0.02, Verdict.UNKNOWN, False),
        (1.03, 0.02, Verdict.WARN, False),
        (-1.03, 0.02, Verdict.WARN, False),
        (30.01, 0.02, Verdict.WARN, False),
        (30.03, 0.02, Verdict.FAIL, True),
        (-90.0, 0.02, Verdict.FAIL, True),
        (5.0, 4.5, Verdict.UNKNOWN, False),
        (5.0, 3.5, Verdict.WARN, False),
        (33.0, 3.5, Verdict.WARN, False),
        (0.0, 2.0, Verdict.UNKNOWN, False),
        (0.0, 31.0, Verdict.UNKNOWN, True),
        (31.0, 31.0, Verdict.UNKNOWN, True),
    ],
)
def test_one_clock_against_the_others(
    ahead: float, uncertainty: float, verdict: Verdict, blocking: bool
) -> None:
    result = judged("KS711", fleet(5, {3: {"clock": offset(ahead, uncertainty)}}))
    assert (result.verdict, result.blocking) == (verdict, blocking), result
    assert result.hosts == (() if verdict is Verdict.PASS else ("node3",))


def test_the_finding_says_how_far_and_how_sure() -> None:
    (finding,) = judged("KS711", fleet(5, {3: {"clock": offset(-90.25, 0.5)}})).findings
    assert finding.message == "a clock is 90.2 s (give or take 0.500 s) behind the fleet's median"
    assert finding.have == "90.2 s (give or take 0.500 s)"
    assert finding.need == "at most 30 s"


@pytest.mark.parametrize(
    ("apart", "verdict"),
    [(0.9, Verdict.PASS), (1.5, Verdict.WARN), (29.9, Verdict.WARN), (90.0, Verdict.FAIL)],
)
def test_of_two_nobody_knows_which_one_is_wrong(apart: float, verdict: Verdict) -> None:
    result = judged("KS711", fleet(2, {2: {"clock": offset(apart)}}))
    assert result.verdict is verdict
    assert result.hosts == (() if verdict is Verdict.PASS else ("node1", "node2"))


def test_a_clock_that_was_not_measured_is_not_right() -> None:
    why = {"clock": "the round trip was not measured"}
    spoiled: dict[int, dict[str, Any]] = {2: {"clock": None, "why": why}}
    result = judged("KS711", fleet(5, spoiled))
    assert (result.verdict, result.blocking) == (Verdict.UNKNOWN, True)
    assert "round trip" in result.message
    result = judged("KS711", fleet(5, spoiled | {4: {"clock": offset(90)}}))
    assert (result.verdict, result.hosts) == (Verdict.FAIL, ("node4",))
    assert "known of 4 of 5 hosts only" in result.message


def all_at(middle: float, uncertainty: float = 0.02) -> dict[int, dict[str, Offset]]:
    return {number: {"clock": offset(middle, uncertainty)} for number in range(1, 6)}


@pytest.mark.parametrize(
    ("middle", "uncertainty", "verdict", "words"),
    [
        (0.0, 0.02, Verdict.PASS, "within 1 s"),
        (0.97, 0.02, Verdict.PASS, "within 1 s"),
        (1.01, 0.02, Verdict.UNKNOWN, "too long"),
        (90.0, 0.02, Verdict.WARN, "90.0 s behind"),
        (-90.0, 0.02, Verdict.WARN, "90.0 s ahead of"),
        (2.0, 1.5, Verdict.UNKNOWN, "too long"),
    ],
)
def test_the_clock_of_who_asks(
    middle: float, uncertainty: float, verdict: Verdict, words: str
) -> None:
    hosts = fleet(5, all_at(middle, uncertainty))
    result = judged("KS712", hosts)
    assert (result.verdict, result.blocking) == (verdict, False)
    assert words in result.message
    if uncertainty < 1:
        assert judged("KS711", hosts).verdict is Verdict.PASS


def test_two_clocks_do_not_outvote_a_third() -> None:
    assert judged("KS712", fleet(2)).verdict is Verdict.SKIP
    assert judged("KS712", fleet(3, unreached=(2,))).verdict is Verdict.UNKNOWN
