"""IPv6 between three hosts: the same faults, found by each of the ways to dial."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.e2e.edges.fleet import Fleet
from tests.lab.light import LightLab, missing

pytestmark = pytest.mark.e2e

TOOLS: tuple[tuple[str, ...], ...] = ((), ("python3",), ("python3", "perl"))
"""What the hosts do without: python3 dials, perl dials, sshd dials."""


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if reason := missing():
        pytest.skip(reason)
    with LightLab.start(3) as lab:
        yield Fleet(lab, tmp_path_factory.mktemp("home"), ipv6=True)


@pytest.fixture(params=TOOLS, ids=["python", "perl", "sshd"])
def without(fleet: Fleet, request: pytest.FixtureRequest) -> Iterator[tuple[str, ...]]:
    gone: tuple[str, ...] = request.param
    with ExitStack() as stack:
        for host in fleet.lab.hosts:
            stack.enter_context(host.without_programs(*gone))
        yield gone


def test_nothing_is_wrong(fleet: Fleet, without: tuple[str, ...]) -> None:
    for network in ("dial", "full"):
        seen = fleet.check(network)
        assert seen.rows == []
        by_sshd = "perl" in without  # which dials no UDP
        assert bool(seen.results) is by_sshd, seen.results
        states = {state for state, count in seen.edges["counts"].items() if count}
        answer = "refused" if network == "dial" or by_sshd else "open"
        assert states == ({answer, "unknown"} if by_sshd else {answer})


def test_a_dropped_port(fleet: Fleet, without: tuple[str, ...]) -> None:
    node1, _, node3 = fleet.lab.hosts
    rule = f"INPUT -s {node3.address6} -p tcp --dport 6443 -j DROP"
    with node1.changed(f"ip6tables -A {rule}", f"ip6tables -D {rule}"):
        assert fleet.check("full").rows == [("node3", "node1", 6443, "address", "dropped")]
    # /etc/hosts has the IPv4 addresses alone: by name that way is gone, by address nothing is
    rule = f"INPUT -s {node3.address} -p tcp --dport 6443 -j DROP"
    with node1.changed(f"iptables -A {rule}", f"iptables -D {rule}"):
        seen = fleet.check("full")
    by_name = [("node3", "node1", 6443, "name", "dropped")]
    assert seen.rows == ([] if "perl" in without else by_name)


def test_a_refusal_by_a_firewall(fleet: Fleet) -> None:
    node1, _, node3 = fleet.lab.hosts
    reject = f"INPUT -s {node3.address6} -p tcp --dport 6443 -j REJECT --reject-with"
    rule = f"{reject} icmp6-port-unreachable"
    with node1.changed(f"ip6tables -A {rule}", f"ip6tables -D {rule}"):
        assert fleet.check("full").rows == [("node3", "node1", 6443, "address", "refused")]
    rule = f"{reject} icmp6-adm-prohibited"
    with node1.changed(f"ip6tables -A {rule}", f"ip6tables -D {rule}"):
        assert fleet.check("dial").rows == [("node3", "node1", 6443, "address", "unroutable")]


@pytest.mark.parametrize("gone", TOOLS[:2], ids=["python", "perl"])
def test_udp_and_the_size_of_packets(fleet: Fleet, gone: tuple[str, ...]) -> None:
    node1, node2, _ = fleet.lab.hosts
    control = fleet.lab.command(["ip", "link", "set", "node2", "mtu"])
    with ExitStack() as stack:
        for host in fleet.lab.hosts:
            stack.enter_context(host.without_programs(*gone))
        rule = "INPUT -p udp --dport 8472 -j DROP"
        with node1.changed(f"ip6tables -A {rule}", f"ip6tables -D {rule}"):
            assert set(fleet.check("full").results) == {("KS790", "*>node1:8472/udp")}
        subprocess.run([*control, "1400"], check=True)
        try:
            seen = fleet.check("full")
        finally:
            subprocess.run([*control, "1500"], check=True)
            for host in fleet.lab.hosts:  # what IPv6 has learnt of a path holds for 10 minutes
                host.run("ip -6 route flush cache")
    assert ("KS792", "node2:mtu") in seen.results
    assert "packets of more than 1400 bytes" in seen.results["KS792", "node2:mtu"]
    assert node2.address6 in node2.run("ip -6 addr show dev eth0")
