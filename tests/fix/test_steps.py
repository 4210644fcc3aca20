"""Which results become which calls, and which are left to a person."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.evaluate import Ignored, Result
from scanner.fix.steps import MENDERS, Call, Plan, plan
from scanner.verdict import Verdict
from tests.fix.ground import FORWARD, GROUND, LEFT, MENDED, bad


def planned(*results: Result, **ground: object) -> Plan:
    return plan(replace(GROUND, **ground), results)  # type: ignore[arg-type]


@pytest.mark.parametrize(("result", "calls"), MENDED, ids=lambda value: getattr(value, "check", ""))
def test_it_is_mended(result: Result, calls: tuple[Call, ...]) -> None:
    made = planned(result)
    (part,) = made.parts
    assert (part.calls, part.mends, made.left) == (calls, (result,), ())


def test_every_mender_has_a_row() -> None:
    assert {result.check for result, _ in MENDED} == set(MENDERS)


@pytest.mark.parametrize(("result", "ground", "why"), LEFT)
def test_it_is_left(result: Result, ground: dict[str, object], why: str) -> None:
    made = planned(result, **ground)
    assert made.parts == ()
    (leaving,) = made.left
    assert leaving.result == result
    assert why in leaving.why


def test_what_is_green_or_accepted_is_not_touched() -> None:
    for verdict in (Verdict.PASS, Verdict.SKIP):
        assert planned(replace(bad("KS104"), verdict=verdict)).parts == ()
    ignored = replace(bad("KS104"), verdict=Verdict.WARN, ignored=Ignored("NodeSwap", ""))
    made = planned(ignored)
    assert (made.parts, made.left) == ((), ())


def test_results_of_one_subject_are_one_part_in_a_fixed_order() -> None:
    results = (
        bad("KS203"),
        bad("KS401", FORWARD),
        bad("KS321", "tc"),
        bad("KS321", "ip"),
        bad("KS104"),
        bad("KS202"),
    )
    made = planned(*results)
    assert [part.title for part in made.parts] == [
        "programs",
        "swap",
        "kernel switches",
        "services",
    ]
    assert made.parts[0].calls == (("programs", "apt", "tc:iproute2", "ip:iproute2"),)
    assert planned(*reversed(results)).parts[1:3] == made.parts[1:3]
