"""The rules between hosts as a whole."""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.catalogue import EVERYTHING
from scanner.checks import CATALOGUE
from scanner.checks.named import collect
from scanner.checks.rule import Severity
from scanner.edges.report import EdgeState
from scanner.fleet import FLEET_CATALOGUE
from scanner.fleet.judge import FleetResult, judge_fleet
from scanner.fleet.page import page
from scanner.fleet.record import FleetFacts, Offset, Reach
from scanner.fleet.rule import Fleet, FleetCheck, fleet_check
from scanner.verdict import Verdict
from tests.fleet.fleets import fleet, record, silent, via

FAILING = {"KS701", "KS705", "KS706", "KS707", "KS711", "KS731", "KS742"}
"""What design says can fail; the rest warns."""


def test_each_rule_explains_itself() -> None:
    for check in FLEET_CATALOGUE:
        assert check.title
        assert len(check.description) > 60, check.id
        assert check.remedy.endswith("."), check.id
        assert check.passed
        assert "Fix: " in "\n".join(page(check))


def test_ids_are_ordered_unique_and_of_their_hundred() -> None:
    ids = [check.id for check in FLEET_CATALOGUE]
    assert ids == sorted(set(ids))
    assert all(len(check_id) == 5 and check_id[2] == "7" for check_id in ids)
    assert len({check.id for check in EVERYTHING}) == len(EVERYTHING)
    titles = {check.title for check in FLEET_CATALOGUE}
    assert len(titles) == len(FLEET_CATALOGUE)
    assert titles.isdisjoint(check.title for check in CATALOGUE)


def test_severities() -> None:
    failing = {check.id for check in FLEET_CATALOGUE if check.severity is Severity.ERROR}
    assert failing == FAILING


def test_a_good_fleet_passes_everything() -> None:
    for result in judge_fleet(FLEET_CATALOGUE, fleet(7)):
        assert result.verdict is Verdict.PASS, result
        assert not result.blocking


@pytest.mark.parametrize(("size", "control_planes"), [(1, 1), (2, 1), (3, 3), (4, 3), (7, 3)])
def test_nothing_passes_where_nobody_answers(size: int, control_planes: int) -> None:
    """But for what the inventory alone decides; also where a role has one host."""
    spoiled = fleet(size, unreached=tuple(range(1, size + 1)), control_planes=control_planes)
    hosts = tuple(
        replace(host, control_plane=place < control_planes)
        for place, host in enumerate(spoiled.hosts)
    )
    results = judge_fleet(FLEET_CATALOGUE, replace(spoiled, hosts=hosts))
    passed = {result.check for result in results if result.verdict is Verdict.PASS}
    assert passed == {"KS732", "KS751"}
    for result in results:
        if result.verdict is Verdict.UNKNOWN:
            assert (result.measured, result.hosts) == (0, tuple(host.host for host in hosts))
            assert "not reached" in result.message or result.check == "KS712", result
    if size > 1:
        alike = {f"KS72{digit}" for digit in range(1, 6)}
        unknown = {result.check for result in results if result.verdict is Verdict.UNKNOWN}
        assert alike <= unknown


def test_one_host_is_asked_what_means_something_for_one() -> None:
    results = judge_fleet(FLEET_CATALOGUE, fleet(1))
    asked = {result.check for result in results if result.verdict is not Verdict.SKIP}
    assert asked == {"KS707", "KS731", "KS732", "KS741", "KS751"}


def test_one_id_cannot_be_given_twice() -> None:
    def make(title: str) -> Any:
        wrap = fleet_check("KS799", title, Severity.ERROR, passed="p", remedy="r")
        return wrap(lambda _fleet: iter(()))

    one, two = ModuleType("one"), ModuleType("two")
    vars(one)["first"] = vars(two)["again"] = make("a")
    assert [found.title for found in collect(FleetCheck, one, two)] == ["a"]
    vars(two)["other"] = make("b")
    with pytest.raises(ValueError, match="KS799"):
        collect(FleetCheck, one, two)


SPOILED: tuple[dict[str, Any], ...] = (
    {},
    {"node_name": "twin", "machine_id": "cloned"},
    {"node_name": "TWIN", "boot_id": "b", "machine_id": "cloned"},
    {"boot_id": "b"},
    {"addresses": ("192.0.2.9", "10.244.0.7")},
    {"clock": Offset(89.9, 90.1), "kernel": "5.10"},
    {"clock": Offset(-9.0, 9.0), "kernel": "4.19", "endpoint": ("192.0.2.77",)},
    {"reach": Reach((("198.51.100.10", EdgeState.DROPPED), ("192.0.2.77", EdgeState.OPEN)))},
    {"reach": Reach((("api.example", EdgeState.UNROUTABLE),)), "member": True},
    {"reach": Reach((("198.51.100.10", EdgeState.OPEN),))},
    {"reach": Reach(())},
    {"clock": None, "routes": None, "endpoint": (), "why": {"clock": "a", "routes": "b"}},
    {"routes": via("10.0.0.0/8"), "resolvers": ("10.96.0.1",)},
    {"routes": via("10.244.3.0/24", gateway="192.0.0.2"), "bridge": "192.0.0.0/24"},
    {"product_uuid": None, "macs": None, "runtime": None, "cgroup_driver": None},
)


@st.composite
def fleets(draw: st.DrawFn) -> tuple[Fleet, Fleet]:
    """The same hosts in two orders."""
    kinds = draw(st.lists(st.integers(-1, len(SPOILED) - 1), min_size=2, max_size=9))
    hosts = [
        silent(number) if kind < 0 else record(number, **SPOILED[kind])
        for number, kind in enumerate(kinds, start=1)
    ]
    whole = fleet(2)
    orders = (hosts, draw(st.permutations(hosts)))
    one, two = (replace(whole, hosts=tuple(order)) for order in orders)
    return one, two


def without_order(result: FleetResult) -> FleetResult:
    findings = tuple(
        replace(finding, hosts=tuple(sorted(finding.hosts))) for finding in result.findings
    )
    return replace(result, hosts=tuple(sorted(result.hosts)), findings=findings)


@given(fleets())
def test_the_order_of_the_hosts_decides_nothing(both: tuple[Fleet, Fleet]) -> None:
    one, two = (tuple(map(without_order, judge_fleet(FLEET_CATALOGUE, x))) for x in both)
    assert one == two


@given(fleets())
def test_a_gap_is_never_a_pass_and_a_failure_always_blocks(both: tuple[Fleet, Fleet]) -> None:
    for result in judge_fleet(FLEET_CATALOGUE, both[0]):
        if result.measured < result.total and result.verdict is not Verdict.SKIP:
            assert result.verdict is not Verdict.PASS
        assert result.blocking or result.verdict is not Verdict.FAIL
        assert bool(result.findings) is (result.verdict in (Verdict.FAIL, Verdict.WARN))
        named = {name for finding in result.findings for name in finding.hosts}
        assert set(result.hosts) >= named


def calls(hosts: int) -> int:
    """How many functions are called to judge so many hosts, of which half are twins."""
    spoiled = {
        number: {
            "node_name": f"twin{number // 4}",
            "clock": Offset(number, number + 0.1),
            "reach": Reach(((f"192.0.2.{number % 256}", EdgeState.DROPPED),) * 4),
        }
        for number in range(1, hosts, 2)
    }
    judged = fleet(hosts, spoiled, unreached=tuple(range(4, hosts, 10)))
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1

    sys.setprofile(count)
    try:
        judge_fleet(FLEET_CATALOGUE, judged)
    finally:
        sys.setprofile(None)
    return seen


def test_the_work_grows_with_the_hosts_and_not_with_their_pairs() -> None:
    calls(100)
    assert calls(800) < 10 * calls(100)


def test_a_record_is_small() -> None:
    """Less than 2 KiB, without what is one object for many hosts (text) and the field names."""
    host = record(1, routes=via("10.0.0.0/8") * 16, addresses=("2001:db8::1",) * 16)
    size = sys.getsizeof(host)
    size += sum(sys.getsizeof(getattr(host, field.name)) for field in fields(FleetFacts))
    assert size < 2048
