"""What hosts say of the control plane's endpoint -> what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scanner.edges.endpoint import EndpointDials
from scanner.edges.report import EdgeState
from scanner.fleet.judge import FleetResult
from scanner.fleet.reach import with_reach
from scanner.fleet.record import Reach
from scanner.verdict import Verdict
from tests.fleet.fleets import CLUSTER, fleet, judged, record

OPEN, REFUSED = EdgeState.OPEN, EdgeState.REFUSED
DROPPED, UNROUTABLE, UNKNOWN = EdgeState.DROPPED, EdgeState.UNROUTABLE, EdgeState.UNKNOWN
BALANCER, SECOND = "198.51.100.10", "2001:db8::10"


def saw(*states: EdgeState | None, at: tuple[str, ...] = (BALANCER, SECOND)) -> dict[str, Any]:
    return {"reach": Reach(tuple(zip(at, states, strict=False)))}


def seen(*hosts: dict[str, Any], usual: EdgeState = REFUSED, **more: Any) -> FleetResult:
    """Five hosts, of which the first ones have seen something else than the others."""
    spoiled = {n: {**saw(usual), **more.get(f"node{n}", {})} for n in range(1, 6)}
    for number, host in enumerate(hosts, start=1):
        spoiled[number] |= host
    return judged("KS742", fleet(5, spoiled))


@pytest.mark.parametrize("state", [OPEN, REFUSED])
def test_an_answer_is_enough(state: EdgeState) -> None:
    assert seen(usual=state).verdict is Verdict.PASS


@pytest.mark.parametrize("state", [DROPPED, UNROUTABLE])
def test_a_closed_way_that_is_open_for_others_fails(state: EdgeState) -> None:
    result = seen(saw(state), saw(state))
    assert (result.verdict, result.hosts) == (Verdict.FAIL, ("node1", "node2"))
    assert "api.example:6443 at 198.51.100.10" in result.message
    assert "other hosts get an answer" in result.message
    assert len(result.findings) == 1


@pytest.mark.parametrize("state", [DROPPED, UNROUTABLE])
def test_what_nobody_reaches_may_come_with_the_control_plane(state: EdgeState) -> None:
    result = seen(usual=state)
    assert (result.verdict, result.blocking) == (Verdict.WARN, False)
    assert "kube-vip" in result.message
    assert len(result.hosts) == 5


def test_but_not_where_the_cluster_is_there_already() -> None:
    result = seen(usual=DROPPED, node2={"member": True})
    assert result.verdict is Verdict.FAIL
    assert "kube-vip" not in result.message


def test_nor_where_the_address_is_that_of_a_host() -> None:
    own = record(3).addresses or ()
    result = seen(*[saw(DROPPED, at=own)] * 2, saw(REFUSED, at=own), usual=DROPPED)
    assert result.verdict is Verdict.FAIL
    assert {"node1", "node2"} <= set(result.hosts)


def test_a_refusal_is_none_where_others_are_let_in() -> None:
    result = seen(saw(REFUSED), usual=OPEN)
    assert (result.verdict, result.hosts) == (Verdict.FAIL, ("node1",))
    assert "refuses, though others are let in" in result.message


def test_what_a_host_sees_of_itself_says_nothing_of_the_others() -> None:
    result = seen({**saw(OPEN), "addresses": (BALANCER,)}, usual=REFUSED)
    assert result.verdict is Verdict.PASS


def test_on_loopback_each_host_has_a_balancer_of_its_own() -> None:
    here = ("127.0.0.1",)
    result = seen(saw(OPEN, at=here), *[saw(REFUSED, at=here)] * 4)
    assert result.verdict is Verdict.PASS


def test_one_address_of_two_is_enough_and_a_silent_one_is_told() -> None:
    assert seen(saw(REFUSED, UNROUTABLE)).verdict is Verdict.PASS
    result = seen(saw(REFUSED, DROPPED))
    assert (result.verdict, result.hosts) == (Verdict.WARN, ("node1",))
    assert "another of its addresses does" in result.message


def test_a_host_that_does_not_know_the_name_is_a_gap_that_does_not_block() -> None:
    result = seen(saw())
    assert (result.verdict, result.blocking, result.hosts) == (Verdict.UNKNOWN, False, ("node1",))


@pytest.mark.parametrize(
    "host", [{"reach": None, "why": {"reach": "interrupted"}}, saw(UNKNOWN, UNKNOWN)]
)
def test_a_host_that_has_not_dialled_is_a_gap_that_blocks(host: dict[str, Any]) -> None:
    result = seen(host)
    assert (result.verdict, result.blocking, result.measured) == (Verdict.UNKNOWN, True, 4)


def test_an_sshd_that_has_looked_the_name_up_is_compared_too() -> None:
    result = seen(saw(DROPPED, at=("api.example",)))
    assert (result.verdict, result.hosts) == (Verdict.FAIL, ("node1",))


def test_not_asked() -> None:
    nobody = fleet(5, {n: {"reach": None} for n in range(1, 6)})
    assert judged("KS742", nobody).verdict is Verdict.SKIP
    no_endpoint = replace(CLUSTER, control_plane_endpoint="")
    assert judged("KS742", fleet(5, cluster=no_endpoint)).verdict is Verdict.SKIP
    servers = {n: saw(None) for n in range(1, 6)}
    result = judged("KS742", fleet(5, servers))
    assert result.verdict is Verdict.SKIP
    assert "KS790" in result.message


def test_a_control_planes_own_port_is_an_edge() -> None:
    dials = EndpointDials({BALANCER: DROPPED, SECOND: OPEN})
    made = with_reach(record(1), dials, {BALANCER})
    assert made.reach == Reach(((BALANCER, None), (SECOND, OPEN)))
    late = with_reach(record(1, reach=None), EndpointDials({}, "its name is slow"), set())
    assert (late.reach, late.reason("reach")) == (None, "its name is slow")
    assert with_reach(record(1), None, set()) == record(1)
