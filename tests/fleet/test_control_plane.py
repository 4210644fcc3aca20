"""The endpoint as each host knows it, and the number of etcd's members."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.request import Cluster
from scanner.verdict import Verdict
from tests.fleet.fleets import CLUSTER, fleet, judged
from tests.hosts import EXTERNAL_ETCD


def test_all_know_the_endpoint() -> None:
    assert judged("KS741", fleet()).verdict is Verdict.PASS
    assert judged("KS741", fleet(1)).verdict is Verdict.PASS


def test_who_does_not_know_it_is_named() -> None:
    result = judged("KS741", fleet(5, {2: {"endpoint": ()}, 4: {"endpoint": ()}}))
    assert (result.verdict, result.hosts) == (Verdict.WARN, ("node2", "node4"))
    assert "api.example is neither in /etc/hosts nor in DNS" in result.message


def test_who_knows_another_address_is_named() -> None:
    result = judged("KS741", fleet(5, {5: {"endpoint": ("127.0.0.1",)}}))
    assert (result.verdict, result.hosts) == (Verdict.WARN, ("node5",))
    assert "is 127.0.0.1 here, and 198.51.100.10 on most hosts" in result.message


def test_a_lookup_that_did_not_end() -> None:
    result = judged("KS741", fleet(5, {5: {"endpoint": None, "why": {"endpoint": "no getent"}}}))
    assert (result.verdict, result.blocking) == (Verdict.UNKNOWN, False)


@pytest.mark.parametrize("endpoint", ["192.0.2.10:6443", "192.0.2.10", "[2001:db8::1]:6443"])
def test_an_address_needs_no_lookup(endpoint: str) -> None:
    cluster = replace(CLUSTER, control_plane_endpoint=endpoint)
    assert judged("KS741", fleet(5, cluster=cluster)).verdict is Verdict.SKIP


def test_without_an_endpoint_there_is_nothing_to_look_up() -> None:
    """The inventory refuses two control planes without one; saved captures may have them."""
    cluster = replace(CLUSTER, control_plane_endpoint="")
    assert judged("KS741", fleet(5, cluster=cluster)).verdict is Verdict.SKIP


@pytest.mark.parametrize(
    ("members", "verdict"),
    [
        (0, Verdict.SKIP),
        (1, Verdict.PASS),
        (2, Verdict.WARN),
        (3, Verdict.PASS),
        (4, Verdict.WARN),
        (5, Verdict.PASS),
    ],
)
def test_members_of_etcd(members: int, verdict: Verdict) -> None:
    assert judged("KS751", fleet(6, control_planes=members)).verdict is verdict


def test_external_etcd_is_not_counted() -> None:
    cluster = Cluster(etcd=EXTERNAL_ETCD)
    assert judged("KS751", fleet(6, cluster=cluster, control_planes=2)).verdict is Verdict.SKIP
