from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.diff.between import EdgeChange, compare_between, compare_edges
from scanner.diff.rows import Kind
from scanner.diff.seen import EVERYTHING, Seen
from scanner.edges.checks import CLOSED
from scanner.edges.mode import Network
from scanner.edges.ports import Proto
from scanner.edges.report import By, EdgeRow, EdgesReport, EdgeState
from scanner.fleet.judge import FleetResult
from scanner.fleet.rule import FleetFinding
from scanner.verdict import Verdict

GOOD = EdgesReport(Network.FULL, (), 2, {EdgeState.OPEN: 2}, sampled=False)
ROW = EdgeRow("a", "b", 6443, Proto.TCP, By.ADDRESS, EdgeState.DROPPED)
BAD = replace(GOOD, rows=(ROW,))
DIAL = replace(GOOD, mode=Network.DIAL)
SAMPLED = replace(GOOD, sampled=True)
CLOSED_EDGE = FleetResult(CLOSED.id, "a>b:6443/tcp", Verdict.FAIL, "dropped", blocking=True)
OPEN_EDGES = FleetResult(CLOSED.id, "", Verdict.PASS, "all answer")


def kind(new: tuple[FleetResult, ...], edges: EdgesReport | None) -> Kind:
    (change,) = compare_between([CLOSED_EDGE], new, BAD, edges)
    assert not change.worse
    return change.kind


def test_an_edge_that_answers_now() -> None:
    assert kind((OPEN_EDGES,), GOOD) is Kind.GONE


@pytest.mark.parametrize(
    ("new", "edges"),
    [
        ((), None),
        ((), GOOD),
        ((OPEN_EDGES,), DIAL),
        ((OPEN_EDGES,), SAMPLED),
        ((OPEN_EDGES,), replace(GOOD, counts={EdgeState.UNKNOWN: 1})),
    ],
)
def test_an_edge_that_was_not_dialled_is_not_gone(
    new: tuple[FleetResult, ...], edges: EdgesReport | None
) -> None:
    assert kind(new, edges) is Kind.UNJUDGED


def test_rules_between_hosts_always_have_a_row() -> None:
    twin = FleetResult("KS701", "", Verdict.FAIL, "twins", ("a", "b"), blocking=True)
    fine = replace(twin, verdict=Verdict.PASS, blocking=False)
    assert [c.kind for c in compare_between([twin], [fine], None, None)] == [Kind.GONE]
    assert [c.kind for c in compare_between([twin], [], None, None)] == [Kind.UNJUDGED]
    (new,) = compare_between([fine], [twin], None, None)
    assert (new.kind, new.worse, new.hosts) == (Kind.NEW, True, ("a", "b"))


def test_what_is_about_hosts_not_reached_before_is_first_judged_now() -> None:
    seen = Seen(hosts=frozenset({"a", "b"}))
    twin = FleetFinding("twins", ("a", "c"))
    fail = FleetResult("KS701", "", Verdict.FAIL, "twins", ("a", "c"), findings=(twin,))
    fine = FleetResult("KS701", "", Verdict.PASS, "")
    gap = replace(fine, verdict=Verdict.UNKNOWN, hosts=("c",))
    of_both = replace(twin, hosts=("a", "b"))
    standing = replace(fail, hosts=("a", "b"), findings=(of_both,))
    more = replace(fail, hosts=("a", "b", "c"), findings=(of_both, twin))
    for before, after, first in (
        (fine, fail, True),
        (gap, fail, True),
        (standing, more, True),
        (fine, more, False),
        (gap, standing, False),
    ):
        (row,) = compare_between([before], [after], None, None, seen)
        assert (row.kind is Kind.FIRST, row.worse) == (first, not first)
        (row,) = compare_between([before], [after], None, None)
        assert row.worse


def test_what_an_added_host_brings_along_is_worse() -> None:
    twin = FleetFinding("twins", ("a", "new"))
    fail = FleetResult("KS701", "", Verdict.FAIL, "twins", ("a", "new"), findings=(twin,))
    fine = FleetResult("KS701", "", Verdict.PASS, "")
    reached = Seen(hosts=frozenset({"a", "b"}))
    for old, kind in ({"a", "b"}, Kind.NEW), ({"a", "b", "new"}, Kind.FIRST):
        seen = reached.with_added(old, [fail])
        (row,) = compare_between([fine], [fail], None, None, seen)
        assert (row.kind, row.worse) == (kind, kind is Kind.NEW)


def test_closed_edges_that_were_not_dialled_before_are_first_judged_now() -> None:
    closed = replace(CLOSED_EDGE, hosts=("a", "b"))
    for old_edges, seen, kind in (
        (None, EVERYTHING, Kind.FIRST),
        (DIAL, EVERYTHING, Kind.FIRST),
        (GOOD, Seen(hosts=frozenset({"a"})), Kind.FIRST),
        (GOOD, Seen(hosts=frozenset({"a", "b"})), Kind.NEW),
    ):
        (row,) = compare_between([OPEN_EDGES], [closed], old_edges, BAD, seen)
        assert (row.kind, row.worse) == (kind, kind is Kind.NEW)


def test_a_check_that_the_old_run_did_not_ask() -> None:
    twin = FleetResult("KS701", "", Verdict.FAIL, "twins", ("a", "b"))
    (row,) = compare_between([OPEN_EDGES], [twin], None, None, Seen(alike=False))
    assert (row.kind, row.worse) == (Kind.FIRST, False)


def test_an_edge_of_a_host_that_was_not_reached_before() -> None:
    seen = Seen(hosts=frozenset({"a"}))
    unknown = EdgeState.UNKNOWN
    assert compare_edges(GOOD, BAD, seen) == (change(unknown, EdgeState.DROPPED, worse=False),)


def change(before: EdgeState | None, after: EdgeState | None, *, worse: bool) -> EdgeChange:
    return EdgeChange("a", "b", 6443, Proto.TCP, By.ADDRESS, before, after, worse)


def test_edges_one_by_one() -> None:
    dropped = EdgeState.DROPPED
    assert compare_edges(GOOD, BAD) == (change(None, dropped, worse=True),)
    assert compare_edges(BAD, GOOD) == (change(dropped, None, worse=False),)
    assert compare_edges(BAD, BAD) == ()
    refused = replace(BAD, rows=(replace(ROW, state=EdgeState.REFUSED),))
    assert compare_edges(BAD, refused) == (change(dropped, EdgeState.REFUSED, worse=False),)


@pytest.mark.parametrize("other", [None, DIAL, SAMPLED, replace(GOOD, left_out=1)])
def test_what_one_report_does_not_know_is_no_change(other: EdgesReport | None) -> None:
    assert compare_edges(BAD, other) == ()
    assert compare_edges(other, BAD) == ()
