from __future__ import annotations

import itertools

import pytest

from scanner.exit_status import ExitStatus, exit_status
from scanner.report import HostCounts, Summary
from scanner.verdict import Verdict

NOTHING = dict.fromkeys(Verdict, 0)
YES_NO = (False, True)


@pytest.mark.parametrize("complete", YES_NO)
@pytest.mark.parametrize("strict", YES_NO)
@pytest.mark.parametrize(
    ("fail", "half_done", "unknown", "unreachable", "unexplained", "warning", "member"),
    list(itertools.product(YES_NO, repeat=7)),
)
def test_every_combination(
    *,
    fail: bool,
    half_done: bool,
    unknown: bool,
    unreachable: bool,
    unexplained: bool,
    warning: bool,
    member: bool,
    strict: bool,
    complete: bool,
) -> None:
    not_ready = fail + unknown + unexplained
    hosts = HostCounts(
        1 + not_ready + half_done + unreachable + member,
        1,
        not_ready,
        member,
        half_done,
        unreachable,
    )
    verdicts = {**NOTHING, Verdict.FAIL: fail, Verdict.UNKNOWN: 1, Verdict.WARN: 1}
    got = exit_status(Summary(hosts, verdicts, unknown, warning), strict=strict, complete=complete)
    if not complete:
        expected = 130
    elif fail or half_done:
        expected = 3
    elif unknown or unreachable or unexplained:
        expected = 4
    else:
        expected = 5 if strict and warning else 0
    assert got == expected


@pytest.mark.parametrize("complete", YES_NO)
@pytest.mark.parametrize("strict", YES_NO)
def test_no_host_is_never_ready(*, strict: bool, complete: bool) -> None:
    with pytest.raises(ValueError, match="no hosts"):
        exit_status(Summary(HostCounts(), NOTHING), strict=strict, complete=complete)


def test_values_are_those_of_the_documentation() -> None:
    assert [status.value for status in ExitStatus] == [0, 1, 2, 3, 4, 5, 130]
