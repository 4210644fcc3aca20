"""Ignoring takes down and stays visible."""

from __future__ import annotations

import datetime

import pytest

from scanner.evaluate import Ignored, Result
from scanner.ignore import IgnoreList
from scanner.request import Ignore
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult

TODAY = datetime.date(2026, 6, 15)
FAIL = Result("KS104", "Swap", "", Verdict.FAIL, "swap is on", blocking=True)
UNKNOWN = Result("KS105", "Mem", "", Verdict.UNKNOWN, "?", blocking=True)
WARN = Result("KS106", "Hostname", "", Verdict.WARN, "?")


@pytest.mark.parametrize("name", ["Swap", "swap", "ks104", "all", "ALL"])
def test_names_are_compared_without_case(name: str) -> None:
    entries = IgnoreList([Ignore(name, reason="NodeSwap")], TODAY)
    (result,) = entries.apply("n1", [FAIL])
    assert (result.verdict, result.blocking) == (Verdict.WARN, False)
    assert result.ignored == Ignored("NodeSwap", "")
    assert result.message == FAIL.message
    assert entries.warnings() == ()


def test_an_unknown_stays_unknown_but_no_longer_blocks() -> None:
    (result,) = IgnoreList([Ignore("Mem")], TODAY).apply("n1", [UNKNOWN])
    assert (result.verdict, result.blocking) == (Verdict.UNKNOWN, False)


def test_what_does_not_block_is_left_alone() -> None:
    entries = IgnoreList([Ignore("Hostname")], TODAY)
    assert entries.apply("n1", [WARN]) == (WARN,)


def test_only_the_named_hosts() -> None:
    entries = IgnoreList([Ignore("Swap", hosts=frozenset({"n1"}))], TODAY)
    assert entries.apply("n2", [FAIL]) == (FAIL,)
    assert entries.apply("n1", [FAIL])[0].verdict is Verdict.WARN


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("FileExisting-conntrackk", "is no check's name, did you mean FileExisting-conntrack?"),
        ("Port-*", "matched no error: as with kubeadm a * stands for nothing, write out each name"),
        ("Port-6443", "matched no error"),
    ],
)
def test_an_entry_without_effect_says_why(name: str, said: str) -> None:
    entries = IgnoreList([Ignore(name), Ignore(name)], TODAY)
    entries.apply("n1", [FAIL])
    assert entries.warnings() == (f"ignore: {name} {said}",)


def test_an_entry_for_a_host_that_did_not_answer() -> None:
    entries = IgnoreList([Ignore("Swap", hosts=frozenset({"n1"}))], TODAY)
    entries.apply("n2", [FAIL])
    assert entries.warnings() == ("ignore: Swap is only for hosts of which nothing is known",)


def test_an_answer_is_judged_by_the_day_it_was_given() -> None:
    entries = IgnoreList([Ignore("Swap", until=TODAY - datetime.timedelta(days=7))], TODAY)
    (result,) = entries.apply("n1", [FAIL], TODAY - datetime.timedelta(days=30))
    assert result.verdict is Verdict.WARN
    assert entries.warnings() == ()


@pytest.mark.parametrize(("until", "counts"), [(-1, False), (0, True), (1, True)])
def test_an_entry_counts_up_to_its_last_day(until: int, counts: bool) -> None:
    day = TODAY + datetime.timedelta(days=until)
    entries = IgnoreList([Ignore("Swap", until=day)], TODAY)
    (result,) = entries.apply("n1", [FAIL])
    assert (result.verdict is Verdict.WARN) == counts
    assert bool(entries.warnings()) != counts


def test_a_result_about_the_cluster_is_ignored_by_its_id() -> None:
    failed = VerifyResult("KS803", "node1", Verdict.FAIL, "no taint", blocking=True)
    other = VerifyResult("KS826", "node1", Verdict.FAIL, "not Ready", blocking=True)

    def said(*entries: Ignore) -> list[Verdict]:
        found = IgnoreList(entries, TODAY).apply_verify((failed, other))
        return [result.verdict for result in found]

    assert said(Ignore("ks803", reason="we want pods there")) == [Verdict.WARN, Verdict.FAIL]
    assert said(Ignore("KS803", hosts=frozenset({"node2"}))) == [Verdict.FAIL, Verdict.FAIL]
    assert said(Ignore("all")) == [Verdict.FAIL, Verdict.FAIL]
    assert IgnoreList((Ignore("KS803"),), TODAY).warnings() == ()
