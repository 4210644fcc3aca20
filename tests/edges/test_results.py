"""Answers -> results in words: each cause once, however many edges it closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.edges.mode import Network
from scanner.edges.peers import Peer
from scanner.edges.report import EdgeState
from scanner.edges.results import edge_results
from scanner.edges.summary import edges_report
from scanner.request import CniProfile
from scanner.verdict import Verdict
from tests.edges.fleet import peers, plan
from tests.edges.tallies import Letters, only, tally, told


def test_all_is_well() -> None:
    results = edge_results(tally(plan(3, 2)))
    assert [(r.check, r.verdict) for r in results] == [("KS790", Verdict.PASS)]
    assert results[0].message == "all 36 edges dialled answer"


def test_one_drop_is_one_edge() -> None:
    found = tally(plan(), {("node3", "node1", "6443/tcp"): "d"}, control={("node3", "node1"): "r"})
    (result,) = [r for r in edge_results(found) if r.verdict is not Verdict.PASS]
    assert result.message == (
        "node3 -> node1 6443/tcp: dropped, answers on 22; a firewall on node1, on the way, or "
        "node3's own"
    )
    assert (result.subject, result.verdict) == ("node3>node1:6443/tcp", Verdict.FAIL)
    assert (result.hosts, result.blocking) == (("node1", "node3"), True)
    report = edges_report(found)
    assert [(row.from_, row.to, row.port, row.state) for row in report.rows] == [
        ("node3", "node1", 6443, EdgeState.DROPPED)
    ]
    assert report.matrix == ("-..", ".--", "d--")
    assert report.counts[EdgeState.DROPPED] == 1


@pytest.mark.parametrize(
    ("letters", "message"),
    [
        (
            {("node1", "node2", "10250/tcp"): "d", ("node1", "node3", "10250/tcp"): "d"},
            (
                "node1 -> every host 10250/tcp: dropped; a firewall on node1 itself, "
                "on the way, or on the hosts dialled"
            ),
        ),
        (
            {("node2", "node1", "6443/tcp"): "u", ("node3", "node1", "6443/tcp"): "u"},
            (
                "every host -> node1 6443/tcp: no route, or a firewall says that "
                "it may not be reached, on node1 or between"
            ),
        ),
        (
            {("node2", "node1", "6443/tcp"): "r"},
            (
                "node2 -> node1 6443/tcp: refused, though kscan listened "
                "there: a firewall rejects it, on node1, on the way, or node2's own"
            ),
        ),
        (
            {("node2", "node1", "6443/tcp"): "h"},
            "node2 -> node1 6443/tcp: unroutable from node2: see its routes",
        ),
        (
            {("node2", "node1", "6443/tcp"): "h", ("node3", "node1", "6443/tcp"): "h"},
            "every host -> node1 6443/tcp: unroutable by the diallers' own routes: see those",
        ),
    ],
)
def test_what_is_closed_is_said_in_words(letters: Letters, message: str) -> None:
    assert only(tally(plan(), letters)) == message


def test_a_refusal_is_an_answer_where_kscan_has_not_listened() -> None:
    found = tally(plan(), {("node2", "node1", "6443/tcp"): "r"}, listened=False)
    assert told(found) == []
    assert found.counts[EdgeState.REFUSED] == 1


def test_silence_in_udp_says_nothing_where_kscan_has_not_listened() -> None:
    made = plan(1, 2, Network.DIAL, CniProfile.FLANNEL)
    found = tally(made, {("node2", "node1", "8472/udp"): "d"}, listened=False)
    assert told(found) == [("KS790", "*>*:8472/udp", Verdict.UNKNOWN)]
    (result,) = [r for r in edge_results(found) if r.verdict is Verdict.UNKNOWN]
    assert not result.blocking  # more cannot be known in this mode
    assert (result.measured, result.total, result.unit) == (0, 1, "edge")
    assert "--network sample" in result.message
    assert edges_report(found).matrix[1][0] == "?"
    full = replace(made, mode=Network.FULL)
    assert told(tally(full, {("node2", "node1", "8472/udp"): "d"}))[0][2] is Verdict.FAIL


def test_a_failure_says_how_many_edges_are_known() -> None:
    found = tally(plan(), {("node3", "node1", "6443/tcp"): "d"}, silent={"node2": "no python3"})
    (result,) = [r for r in edge_results(found) if r.verdict is Verdict.FAIL]
    edges = sum(found.counts.values())
    assert (result.measured, result.total, result.unit) == (edges - 1, edges, "edge")


def test_ports_that_not_all_need_are_warnings() -> None:
    made = plan(1, 2, profile=CniProfile.CALICO)
    found = tally(made, {("node2", "node3", "5473/tcp"): "d"})
    assert told(found) == [("KS790", "node2>node3:5473/tcp", Verdict.WARN)]
    assert "only some ways to run Calico (Typha) need it" in only(found)


def test_a_whole_host_is_one_line() -> None:
    made = plan(1, 39, profile=CniProfile.FLANNEL)
    others = [f"node{n}" for n in range(1, 41) if n != 7]
    letters = {(a, "node7", "8472/udp"): "d" for a in others}
    assert only(tally(made, letters)).startswith("every host -> node7 8472/udp: dropped")


def test_a_rack_that_is_cut_off_is_one_line() -> None:
    made = plan(1, 39, profile=CniProfile.FLANNEL)
    near, far = [f"node{n}" for n in range(1, 31)], [f"node{n}" for n in range(31, 41)]
    letters = {(a, b, "8472/udp"): "d" for a in near for b in far}
    assert only(tally(made, letters)).startswith("node[1-30] -> node[31-40] 8472/udp: dropped")


def test_a_host_that_cannot_dial_is_unknown_and_blocks() -> None:
    found = tally(plan(), silent={"node2": "it has neither python3 nor perl to dial with"})
    assert told(found) == [("KS790", "node2>*", Verdict.UNKNOWN)]
    (result,) = [r for r in edge_results(found) if r.verdict is Verdict.UNKNOWN]
    assert (result.blocking, result.hosts) == (True, ("node2",))
    assert {(r.measured, r.total, r.unit) for r in edge_results(found)} == {(3, 4, "edge")}
    assert found.counts[EdgeState.UNKNOWN] == 1
    assert edges_report(found).matrix == ("-..", "?--", ".--")


def test_a_host_without_an_address_is_unknown() -> None:
    two = peers(1, 1)
    found = tally(plan(members=(two[0], replace(two[1], addresses=()))))
    assert told(found) == [("KS790", "*>node2", Verdict.UNKNOWN)]
    report = edges_report(found)
    assert (report.counts[EdgeState.UNKNOWN], report.counts[EdgeState.OPEN]) == (1, 1)
    assert report.matrix == ("-?", ".-")


def test_a_host_that_nobody_needs_to_dial_may_have_no_address() -> None:
    workers = tuple(replace(one, is_control_plane=False, addresses=()) for one in peers(1, 1))
    assert edge_results(tally(plan(members=workers))) == ()


OWN = ("10.0.0.2",)


@pytest.mark.parametrize(
    ("names", "subject", "words"),
    [
        (
            {("node2", "node1"): (), ("node3", "node1"): OWN},
            "node2>node1:name",
            (
                "node2 looks up the node name of node1 and finds no address: a missing entry in "
                "/etc/hosts or DNS"
            ),
        ),
        (
            {("node2", "node1"): ("192.0.2.9",), ("node3", "node1"): OWN},
            "node2>node1:name",
            "node2 looks up the node name of node1 and finds 192.0.2.9, none of its addresses",
        ),
        (
            {("node1", "node2"): (), ("node2", "node1"): (), ("node3", "node1"): ()},
            "*>*:name",
            "every host looks up the node name of any other and finds no address",
        ),
    ],
)
def test_names(names: Mapping[tuple[str, str], object], subject: str, words: str) -> None:
    found = tally(plan(), names=names)
    assert told(found) == [("KS791", subject, Verdict.WARN)]
    assert only(found) == words


def test_another_address_of_a_name_is_dialled_by_that_name() -> None:
    one, *others = peers(1, 2)
    made = plan(members=(replace(one, addresses=("10.0.0.2", "10.9.0.1")), *others))
    found = tally(
        made,
        names={("node2", "node1"): ("10.9.0.1",)},
        named={("node2", "node1"): ("10.9.0.1", "d")},
    )
    assert told(found) == [("KS790", "node2>node1:6443/tcp:name", Verdict.FAIL)]


def test_many_results_are_counted() -> None:
    made = plan(1, 60, profile=CniProfile.CALICO)
    letters = {
        (f"node{n}", f"node{n + 1 + n % 3}", port): "d"
        for n in range(1, 58)
        for port in ("179/tcp", "5473/tcp", "4789/udp")[n % 2 :]
        if n % 2 or port != "4789/udp"
    }
    letters |= {(f"node{n}", f"node{n + 5}", "179/tcp"): "u" for n in range(1, 56)}
    results = edge_results(tally(made, letters))
    closed = [r for r in results if r.check == "KS790"]
    assert len(closed) <= 101
    assert len({r.subject for r in closed}) == len(closed)


HOSTS = 5
EDGE = st.tuples(st.sampled_from("ordux"), st.booleans())


@given(st.lists(EDGE, min_size=1, max_size=60), st.permutations(range(HOSTS)))
def test_every_bad_edge_is_in_a_result_and_order_changes_nothing(
    drawn: list[tuple[str, bool]], order: list[int]
) -> None:
    members = peers(2, HOSTS - 2)
    made = plan(members=members, profile=CniProfile.CALICO)
    questions = [
        (a.name, b.name, port.name) for a in members for b in members for port in made.ports
    ]
    letters = {q: drawn[n % len(drawn)][0] for n, q in enumerate(questions)}
    found = tally(made, letters)
    results = edge_results(found)
    bad = {edge.target for edge in found.bad} | {edge.dialler for edge in found.bad}
    failed = [r for r in results if r.verdict in (Verdict.FAIL, Verdict.WARN)]
    assert bool(bad) == bool(failed)
    assert len({(r.check, r.subject) for r in results}) == len(results)
    other: tuple[Peer, ...] = tuple(members[place] for place in order)
    again = edge_results(tally(replace(made, peers=other), letters))

    def known(results: object) -> set[tuple[object, ...]]:
        return {(r.check, r.verdict, frozenset(r.hosts)) for r in results}  # type: ignore[attr-defined]

    assert known(again) == known(results)
