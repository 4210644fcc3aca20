from __future__ import annotations

from dataclasses import replace

from scanner.diff.hosts import compare_hosts, lost
from scanner.diff.rows import Kind
from scanner.report import HostStatus
from tests.render.fleet import fail, host, unreachable, warn

GOOD = host("a", "10.0.0.1")
BAD = host("a", "10.0.0.1", Swap=fail("swap is on", "Turn it off."))
LOST = unreachable("a", "10.0.0.1", "no answer")


def test_the_same_host_is_no_change() -> None:
    diff = compare_hosts(BAD, BAD)
    assert not diff.is_a_change
    assert not diff.worse


def test_nothing_is_gone_of_a_host_that_is_not_reached() -> None:
    diff = compare_hosts(BAD, LOST)
    assert (diff.before, diff.after) == (HostStatus.NOT_READY, HostStatus.UNREACHABLE)
    assert (diff.rows, diff.facts, diff.worse, diff.reason) == ((), (), True, "no answer")


def test_a_host_that_answers_again() -> None:
    assert not compare_hosts(LOST, GOOD).worse
    diff = compare_hosts(LOST, BAD)
    assert [(row.kind, row.worse) for row in diff.rows] == [(Kind.FIRST, False)]
    assert not diff.worse, "to fail is not worse than not to be reached"


WARNS = host("a", "10.0.0.1", Hostname=warn("old"), Swap=warn("swap"))


def test_standing_warnings_of_a_host_that_answers_again_are_not_new() -> None:
    for old in (LOST, None):
        diff = compare_hosts(old, WARNS)
        assert {(row.kind, row.before, row.worse) for row in diff.rows} == {
            (Kind.FIRST, None, False)
        }
        assert not diff.worse


def test_a_check_that_the_old_run_did_not_ask_is_first_judged_now() -> None:
    narrow = replace(GOOD, results=tuple(r for r in GOOD.results if r.kubeadm != "Swap"))
    (row,) = compare_hosts(narrow, BAD, alike=False).rows
    assert (row.kind, row.worse) == (Kind.FIRST, False)
    (row,) = compare_hosts(narrow, BAD).rows
    assert (row.kind, row.worse) == (Kind.NEW, True)
    (row,) = compare_hosts(GOOD, BAD, alike=False).rows
    assert (row.kind, row.worse) == (Kind.NEW, True)
    assert not compare_hosts(narrow, BAD, alike=False).worse
    assert compare_hosts(narrow, BAD).worse
    assert compare_hosts(GOOD, BAD, alike=False).worse


def test_added_hosts() -> None:
    assert not compare_hosts(None, GOOD).worse
    assert compare_hosts(None, GOOD).is_a_change
    assert compare_hosts(None, BAD).worse
    assert compare_hosts(None, LOST).worse


def test_a_lost_host_is_told_and_is_not_worse() -> None:
    diff = lost("a", HostStatus.READY)
    assert diff.is_a_change
    assert not diff.worse


def test_a_member_is_as_good_as_a_ready_host() -> None:
    member = replace(GOOD, status=HostStatus.MEMBER)
    half = replace(GOOD, status=HostStatus.HALF_DONE)
    assert not compare_hosts(GOOD, member).worse
    assert not compare_hosts(member, GOOD).worse
    assert compare_hosts(member, half).worse
    assert not compare_hosts(half, member).worse
