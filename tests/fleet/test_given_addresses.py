"""The addresses of the inventory beside those that the hosts have."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scanner.request import ExternalEtcd, LocalEtcd
from scanner.verdict import Verdict
from tests.fleet.fleets import CLUSTER, fleet, judged

EXTERNAL = ExternalEtcd(("http://192.0.2.31:2379",))


def given(address: str, name: str = "internalAddress") -> dict[str, Any]:
    return {"given": ((name, address),)}


@pytest.mark.parametrize("name", ["internalAddress", "advertiseAddress"])
def test_an_address_in_the_inventory_that_is_another_hosts(name: str) -> None:
    result = judged("KS707", fleet(3, {1: given("192.0.0.2", name), 2: given("192.0.0.2")}))
    assert (result.verdict, result.blocking) == (Verdict.FAIL, True)
    assert result.message == f"{name} of node1 is an address of node2"
    assert result.hosts == ("node1", "node2")


def test_an_address_that_is_its_own_or_nobodys_is_none_of_anothers() -> None:
    """Nobody's is one that is translated on the way."""
    spoiled = {1: given("192.0.0.1"), 2: given("198.51.100.9")}
    assert judged("KS707", fleet(3, spoiled)).verdict is Verdict.PASS


def test_whose_an_address_is_may_not_be_known() -> None:
    spoiled = {1: given("192.0.0.2"), 2: {"addresses": None}}
    assert judged("KS707", fleet(3, spoiled)).verdict is Verdict.UNKNOWN
    nothing = {number: {"given": (), "addresses": None} for number in (1, 2, 3)}
    assert judged("KS707", fleet(3, nothing)).verdict is Verdict.SKIP


def absent(name: str) -> dict[str, Any]:
    return {**given("203.0.113.9", name), "absent": (name,)}


@pytest.mark.parametrize(
    ("name", "etcd", "verdict", "words"),
    [
        ("internalAddress", LocalEtcd(), Verdict.FAIL, "the kubelet refuses it as --node-ip"),
        ("internalAddress", EXTERNAL, Verdict.FAIL, "the kubelet refuses it as --node-ip"),
        ("advertiseAddress", LocalEtcd(), Verdict.FAIL, "etcd cannot listen on it"),
        ("advertiseAddress", EXTERNAL, Verdict.WARN, "unless it is translated on the way"),
    ],
)
@pytest.mark.parametrize("size", [1, 3])
def test_an_address_that_a_program_on_the_host_needs(
    name: str, etcd: LocalEtcd | ExternalEtcd, verdict: Verdict, words: str, size: int
) -> None:
    result = judged("KS707", fleet(size, {1: absent(name)}, cluster=replace(CLUSTER, etcd=etcd)))
    assert (result.verdict, result.hosts) == (verdict, ("node1",))
    assert result.message.startswith(f"{name} of node1 is on no interface there: ")
    assert words in result.message
    assert result.findings[0].need == "an address of node1, such as 192.0.0.1"


def test_an_address_on_an_interface_that_was_not_told() -> None:
    spoiled = {1: {**given("203.0.113.9"), "absent": None, "why": {"absent": "not all told"}}}
    result = judged("KS707", fleet(3, spoiled))
    assert result.verdict is Verdict.UNKNOWN
    assert "not all told" in result.message
