"""Who is who: each value that two hosts must not share, and those that they may."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.fleet.identity import DEFAULT_UUIDS
from scanner.verdict import Verdict
from tests.fleet.fleets import fleet, judged

FIELDS = {
    "KS701": ("node_name", "twin", Verdict.FAIL),
    "KS702": ("machine_id", "cloned", Verdict.WARN),
    "KS703": ("product_uuid", "cloned", Verdict.WARN),
    "KS704": ("macs", ("3c:ec:ef:00:00:aa",), Verdict.WARN),
    "KS705": ("addresses", ("192.0.2.200", "2001:db8::1"), Verdict.FAIL),
}


@pytest.mark.parametrize("check", FIELDS)
def test_each_has_its_own(check: str) -> None:
    result = judged(check, fleet())
    assert (result.verdict, result.findings, result.hosts) == (Verdict.PASS, (), ())
    assert (result.measured, result.total) == (5, 5)


@pytest.mark.parametrize("check", FIELDS)
def test_twins_are_named_in_one_finding(check: str) -> None:
    name, value, verdict = FIELDS[check]
    result = judged(check, fleet(6, {2: {name: value}, 5: {name: value}}))
    assert result.verdict is verdict
    assert result.blocking is (verdict is Verdict.FAIL)
    assert result.hosts == ("node2", "node5")
    assert len(result.findings) == (len(value) if isinstance(value, tuple) else 1)
    for finding in result.findings:
        assert finding.hosts == ("node2", "node5")
        assert finding.message.endswith("is on more than one host")
        assert finding.have.startswith("2 hosts with ")
        assert finding.source
    assert result.remedy


def test_names_are_compared_without_case() -> None:
    result = judged("KS701", fleet(3, {1: {"node_name": "Web"}, 3: {"node_name": "web"}}))
    assert result.hosts == ("node1", "node3")


@pytest.mark.parametrize(
    "uuid", sorted(DEFAULT_UUIDS | {"", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"})
)
def test_what_a_maker_has_left_out_is_nobodys(uuid: str) -> None:
    both = {number: {"product_uuid": uuid} for number in (1, 2, 3)}
    assert judged("KS703", fleet(3, both)).verdict is Verdict.PASS


@pytest.mark.parametrize("check", FIELDS)
def test_unique_among_41_of_43_is_not_called_unique(check: str) -> None:
    result = judged(check, fleet(43, unreached=(7, 42)))
    assert result.verdict is Verdict.UNKNOWN
    assert "41 of 43 hosts" in result.message
    assert "not reached" in result.message
    assert result.hosts == ("node7", "node42")
    assert (result.measured, result.total) == (41, 43)
    assert result.blocking is (FIELDS[check][2] is Verdict.FAIL)


@pytest.mark.parametrize("check", FIELDS)
def test_a_twin_stays_one_where_others_are_not_known(check: str) -> None:
    name, value, verdict = FIELDS[check]
    spoiled = {2: {name: value}, 5: {name: value}}
    result = judged(check, fleet(43, spoiled, unreached=(7, 42)))
    assert result.verdict is verdict
    assert "known of 41 of 43 hosts only" in result.message
    assert result.hosts == ("node2", "node5")


def test_a_value_that_one_host_did_not_tell_says_why() -> None:
    spoiled = {4: {"product_uuid": None, "why": {"product_uuid": "which takes root"}}}
    result = judged("KS703", fleet(5, spoiled))
    assert result.verdict is Verdict.UNKNOWN
    assert "which takes root" in result.message
    assert result.hosts == ("node4",)


ONE: dict[str, Any] = {"boot_id": "b", "machine_id": "m"}


def test_two_rows_of_one_machine_are_one_finding() -> None:
    same = {**ONE, "node_name": "a", "addresses": ("192.0.2.9",), "macs": ("3c:ec:ef:00:00:bb",)}
    both = fleet(4, {2: same, 3: same})
    result = judged("KS706", both)
    assert (result.verdict, result.hosts) == (Verdict.FAIL, ("node2", "node3"))
    assert [finding.message for finding in result.findings] == ["these are one machine"]
    assert all(judged(check, both).verdict is Verdict.PASS for check in FIELDS)


def test_containers_of_one_machine_are_a_warning() -> None:
    spoiled = {2: {"boot_id": "b"}, 3: {"boot_id": "b"}}
    result = judged("KS706", fleet(4, spoiled))
    assert (result.verdict, result.hosts) == (Verdict.WARN, ("node2", "node3"))
    # who is called alike is found all the same
    spoiled = {number: {"boot_id": "b", "node_name": "x"} for number in (2, 3)}
    assert judged("KS701", fleet(4, spoiled)).verdict is Verdict.FAIL


def test_one_host_is_compared_with_nobody() -> None:
    for check in (*FIELDS, "KS706"):
        assert judged(check, fleet(1)).verdict is Verdict.SKIP
