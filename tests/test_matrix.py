from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.evaluate import Ignored, Result
from scanner.matrix import PROBLEMS, Matrix, build, worst
from scanner.report import HostReport, HostStatus
from scanner.verdict import Verdict

VERDICTS = list(Verdict)
PLACES = st.tuples(st.sampled_from(["KS101", "KS301", "user/x"]), st.sampled_from(["", "2", "10"]))
ROWS = st.dictionaries(PLACES, st.tuples(st.sampled_from(VERDICTS), st.sampled_from("ab")))


def result(
    check: str,
    verdict: Verdict,
    message: str = "",
    subject: str = "",
    *,
    blocking: bool = False,
    ignored: Ignored | None = None,
) -> Result:
    return Result(check, None, subject, verdict, message, blocking=blocking, ignored=ignored)


def host(
    name: str,
    *results: Result,
    status: HostStatus = HostStatus.READY,
    reason: str = "",
    address: str = "",
) -> HostReport:
    return HostReport(name, name, address, (), "", status, reason, results=results)


@st.composite
def fleets(draw: st.DrawFn) -> list[HostReport]:
    made = []
    for number, rows in enumerate(draw(st.lists(ROWS, max_size=8))):
        results = [
            result(check, verdict, message, subject)
            for (check, subject), (verdict, message) in rows.items()
        ]
        made.append(
            host(f"n{number}", *results, status=draw(st.sampled_from(list(HostStatus)[:3])))
        )
    return made


def table(matrix: Matrix) -> dict[tuple[str, str, str], Verdict]:
    return {
        (name, row.check, row.subject): cell
        for group in matrix.groups
        for name in group.hosts
        for row, cell in zip(matrix.rows, group.cells, strict=True)
        if cell is not None
    }


@given(fleets())
def test_no_cell_is_lost_or_made_up(fleet: list[HostReport]) -> None:
    matrix = build(iter(fleet), {})
    assert table(matrix) == {
        (one.name, r.check, r.subject): r.verdict for one in fleet for r in one.results
    }
    assert sorted(h for g in matrix.groups for h in g.hosts) == sorted(h.name for h in fleet)
    looks = [(group.status, group.cells) for group in matrix.groups]
    assert len(set(looks)) == len(looks)
    for group in matrix.groups:
        assert all(one.status is group.status for one in fleet if one.name in group.hosts)


@given(fleets())
def test_every_problem_is_told_once(fleet: list[HostReport]) -> None:
    told = [
        (name, problem.row.check, problem.row.subject, problem.verdict, problem.message)
        for problem in build(fleet, {}).problems
        for name in problem.hosts
    ]
    there = [
        (one.name, r.check, r.subject, r.verdict, r.message)
        for one in fleet
        for r in one.results
        if r.verdict in PROBLEMS
    ]
    assert sorted(told) == sorted(there)


@given(fleets())
def test_the_order_of_hosts_changes_no_row_and_no_cell(fleet: list[HostReport]) -> None:
    forwards, backwards = build(fleet, {}), build(fleet[::-1], {})
    assert forwards.rows == backwards.rows
    assert table(forwards) == table(backwards)


@given(st.lists(st.sampled_from([None, *VERDICTS])), st.sampled_from(VERDICTS))
def test_another_verdict_never_makes_it_better(some: list[Verdict | None], more: Verdict) -> None:
    order = [None, Verdict.SKIP, Verdict.PASS, Verdict.WARN, Verdict.UNKNOWN, Verdict.FAIL]
    assert order.index(worst([*some, more])) >= order.index(worst(some))


def test_rows_are_sorted_by_check_and_number_and_named_by_kubeadm_or_title() -> None:
    named = Result("KS301", "Port-10250", "10250", Verdict.PASS, "")
    first = host("a", named, result("KS301", Verdict.SKIP, subject="2379"))
    second = host("b", result("KS101", Verdict.PASS), result("KS301", Verdict.PASS, "", "10250"))
    rows = build([second, first], {"KS301": "Port"}).rows
    assert [row.name for row in rows] == ["KS101", "Port 2379", "Port-10250"]


def test_groups_stand_in_the_order_of_the_inventory() -> None:
    fine, bad = result("KS101", Verdict.PASS), result("KS101", Verdict.FAIL)
    fleet = [host("a", bad), host("b", fine), host("c", bad), host("d", fine)]
    assert [group.hosts for group in build(fleet, {}).groups] == [("a", "c"), ("b", "d")]
    assert [group.worst for group in build(fleet, {}).groups] == [Verdict.FAIL, Verdict.PASS]


def test_unreachable_hosts_are_grouped_by_cause_and_not_by_their_own_address() -> None:
    def lost(name: str, reason: str) -> HostReport:
        address = f"10.0.0.{name[1:]}"
        reason = reason.format(address)
        return host(name, status=HostStatus.UNREACHABLE, reason=reason, address=address)

    fleet = [lost("n1", "no route to {}:22"), lost("n11", "no route to {}:22"), lost("n2", "key")]
    groups = build(fleet, {}).groups
    assert [(group.hosts, group.reason) for group in groups] == [
        (("n1", "n11"), "no route to HOST:22"),
        (("n2",), "key"),
    ]


def test_problems_come_worst_first_then_the_most_hosts_first() -> None:
    ignored = Ignored("known", "")
    rows = [
        result("KS101", Verdict.WARN, "ignored", ignored=ignored),
        result("KS102", Verdict.WARN, "warned"),
        result("KS103", Verdict.UNKNOWN, "open"),
        result("KS104", Verdict.UNKNOWN, "blocks", blocking=True),
        result("KS105", Verdict.FAIL, "one", blocking=True),
    ]
    both = result("KS106", Verdict.FAIL, "two", blocking=True)
    problems = build([host("a", *rows, both), host("b", both)], {}).problems
    messages = [problem.message for problem in problems]
    assert messages == ["two", "one", "blocks", "open", "warned", "ignored"]


def test_two_results_for_one_row_are_refused() -> None:
    with pytest.raises(ValueError, match="two results for KS101"):
        build([host("a", result("KS101", Verdict.PASS), result("KS101", Verdict.FAIL))], {})


def test_memory_grows_with_what_differs() -> None:
    def fleet(size: int) -> Iterator[HostReport]:
        for number in range(size):
            rows = (result(f"KS{row}", VERDICTS[number % 5], "m" * 50) for row in range(100, 200))
            yield host(f"n{number}", *rows)

    def kept(size: int) -> int:
        tracemalloc.start()
        matrix = build(fleet(size), {})
        used, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(matrix.groups) == 5
        return used

    # a host more costs its name and a place in each of its problems' lists of names
    assert (kept(2_000) - kept(1_000)) / 1_000 < 100 + 100 * 8 * 2
