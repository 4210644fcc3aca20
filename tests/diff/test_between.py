from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.diff.between import EdgeChange, compare_between, compare_edges
from scanner.diff.rows import Kind
from scanner.edges.checks import CLOSED
from scanner.edges.mode import Network
from scanner.edges.ports import Proto
from scanner.edges.report import By, EdgeRow, EdgesReport, EdgeState
from scanner.fleet.judge import FleetResult
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
