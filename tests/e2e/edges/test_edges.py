"""Faults of the network between five hosts: each gives exactly what it is, and vanishes with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from scanner.edges.questions import program
from tests.e2e.edges.fleet import Fleet, Seen, marked
from tests.edges.on_host import BOUNDARY, TOKEN
from tests.lab.light import LightHost, LightLab, missing

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if reason := missing():
        pytest.skip(reason)
    with LightLab.start(5) as lab:
        yield Fleet(lab, tmp_path_factory.mktemp("home"))


@pytest.fixture
def node1(fleet: Fleet) -> LightHost:
    return fleet.lab.hosts[0]


def round_trips(seen: Seen) -> dict[tuple[str, str], float | None]:
    """Milliseconds of each pair; flannel's port is all that workers dial of each other."""
    paths = seen.edges["paths"]
    hosts = paths["hosts"]
    return {
        (name, hosts[place]): ms
        for name, row in zip(hosts, paths["from"], strict=True)
        for place, ms in zip(row["to"], row["ms"], strict=True)
    }


def test_nothing_is_wrong(fleet: Fleet) -> None:
    for network in ("dial", "sample", "full"):
        seen = fleet.check(network)
        assert seen.rows == []
        assert seen.results == {}
        assert seen.status == 0
        assert sum(seen.edges["counts"].values()) == 4 + 4 + 20
        states = {state for state, count in seen.edges["counts"].items() if count}
        assert states == ({"refused"} if network == "dial" else {"open"})
        times = round_trips(seen)
        assert len(times) == 5 * 4
        assert network == "dial" or None not in times.values()
    assert marked(fleet.home) == []


def test_a_drop_is_exactly_that_edge(fleet: Fleet, node1: LightHost) -> None:
    rule = f"INPUT -s {fleet.lab.hosts[2].address} -p tcp --dport 6443 -j DROP"
    for network in ("dial", "full"):
        with node1.changed(f"iptables -A {rule}", f"iptables -D {rule}"):
            seen = fleet.check(network)
        assert seen.rows == [("node3", "node1", 6443, "address", "dropped")]
        assert seen.results == {
            ("KS790", "node3>node1:6443/tcp"): (
                "node3 -> node1 6443/tcp: dropped, answers on 8472/udp; a firewall on node1, on "
                "the way, or node3's own"
            )
        }
        assert seen.status == 3
    assert fleet.check("full").results == {}


def test_a_dropped_udp_port(fleet: Fleet, node1: LightHost) -> None:
    rule = "INPUT -p udp --dport 8472 -j DROP"
    with node1.changed(f"iptables -A {rule}", f"iptables -D {rule}"):
        full, dial = fleet.check("full"), fleet.check("dial")
    assert set(full.results) == {("KS790", "*>node1:8472/udp")}
    assert set(dial.results) == {("KS790", "*>*:8472/udp")}
    assert dial.edges["counts"]["unknown"] == 4


@pytest.mark.parametrize("way", ["icmp-port-unreachable", "tcp-reset"])
def test_a_refusal_by_a_firewall_is_told_only_where_kscan_listens(
    fleet: Fleet, node1: LightHost, way: str
) -> None:
    rule = (
        f"INPUT -s {fleet.lab.hosts[2].address} -p tcp --dport 6443 -j REJECT --reject-with {way}"
    )
    with node1.changed(f"iptables -A {rule}", f"iptables -D {rule}"):
        assert fleet.check("dial").rows == []
        seen = fleet.check("full")
    assert seen.rows == [("node3", "node1", 6443, "address", "refused")]


def test_a_prohibition_is_unroutable(fleet: Fleet, node1: LightHost) -> None:
    rule = "INPUT -p tcp --dport 6443 -j REJECT --reject-with icmp-host-prohibited"
    with node1.changed(f"iptables -A {rule}", f"iptables -D {rule}"):
        seen = fleet.check("dial")
    assert {row[4] for row in seen.rows} == {"unroutable"}
    assert set(seen.results) == {("KS790", "*>node1:6443/tcp")}


def test_delay_and_loss(fleet: Fleet) -> None:
    with fleet.lab.hosts[3].slow(60, 15):
        seen = fleet.check("full")
    assert seen.rows == []
    assert set(seen.results) == {("KS792", "node4:rtt"), ("KS792", "node4:loss")}
    times = round_trips(seen)
    assert {pair for pair, ms in times.items() if ms is None or ms > 50} == {
        pair for pair in times if "node4" in pair
    }
    assert fleet.check("full").results == {}


def test_a_delay_alone_shows_in_a_dial(fleet: Fleet) -> None:
    with fleet.lab.hosts[0].slow(60, 0):
        seen = fleet.check("dial")
    assert seen.results.keys() == {("KS792", "node1:rtt")}


def test_an_mtu_of_one_link(fleet: Fleet) -> None:
    host = fleet.lab.hosts[1]
    with host.changed("ip link set eth0 mtu 1400", "ip link set eth0 mtu 1500"):
        seen, dial = fleet.check("full"), fleet.check("dial")
    assert seen.results == {
        ("KS792", "node2:mtu"): (
            "node2: its link has an MTU of 1400, the others' 1500, and packets of more than 1400 "
            "bytes to or from it vanish (an MTU black hole)"
        )
    }
    assert dial.results == {
        ("KS792", "node2:mtu"): "node2: its link has an MTU of 1400, the others' 1500"
    }


def test_an_mtu_that_only_the_switch_has_is_a_black_hole(fleet: Fleet) -> None:
    control = fleet.lab.command(["ip", "link", "set", "node2", "mtu"])
    subprocess.run([*control, "1400"], check=True)
    try:
        seen = fleet.check("full")
    finally:
        subprocess.run([*control, "1500"], check=True)
    assert seen.results == {
        ("KS792", "node2:mtu"): (
            "node2: packets of more than 1400 bytes to or from it vanish (an MTU black hole)"
        )
    }


def test_a_missing_name(fleet: Fleet) -> None:
    with fleet.lab.hosts[4].without_name("node1"):
        seen = fleet.check("dial")
    assert seen.rows == [("node5", "node1", 0, "name", "nameless")]
    assert set(seen.results) == {("KS791", "node5>node1:name")}
    assert seen.status == 0
    assert fleet.check("dial").results == {}


@pytest.mark.parametrize("gone", [("python3",), ("python3", "perl")])
def test_without_python_perl_and_sshd_find_the_same(
    fleet: Fleet, node1: LightHost, gone: tuple[str, ...]
) -> None:
    node3 = fleet.lab.hosts[2]
    rule = f"INPUT -s {node3.address} -p tcp --dport 6443 -j DROP"
    with node1.changed(f"iptables -A {rule}", f"iptables -D {rule}"), node3.without_programs(*gone):
        seen = fleet.check("full")
    assert seen.rows == [("node3", "node1", 6443, "address", "dropped")]
    unknown = {subject for _, subject in seen.results if subject == "node3>*"}
    assert unknown == ({"node3>*"} if "perl" in gone else set())  # sshd dials no UDP


def test_all_by_perl(fleet: Fleet) -> None:
    with ExitStack() as stack:
        for host in fleet.lab.hosts:
            stack.enter_context(host.without_programs("python3"))
        assert fleet.check("full").results == {}
        with fleet.lab.hosts[3].slow(60, 15):
            seen = fleet.check("full")
        assert set(seen.results) == {("KS792", "node4:rtt"), ("KS792", "node4:loss")}
        host = fleet.lab.hosts[1]
        with host.changed("ip link set eth0 mtu 1400", "ip link set eth0 mtu 1500"):
            assert set(fleet.check("full").results) == {("KS792", "node2:mtu")}


@pytest.mark.parametrize("network", ["dial", "full"])
def test_one_that_hangs_costs_no_more_than_the_time_given(
    fleet: Fleet, network: str, tmp_path: Path
) -> None:
    hangs = tmp_path / "python3"
    hangs.write_text(f"#!/bin/sh\nexec sleep {(odd := 1000 + os.getpid())}\n")
    hangs.chmod(0o755)
    tmp_path.chmod(0o755)
    with fleet.lab.hosts[2].without_programs("python3", put=str(hangs)):
        began = time.monotonic()
        seen = fleet.check(network, "KS79*", "--timeout", "5")
        seconds = time.monotonic() - began
        left = time.monotonic() + 120
        while sleeping(odd) and time.monotonic() < left:
            time.sleep(0.2)
    assert {subject for _, subject in seen.results} == {"node3>*"}
    assert seconds < 30
    assert not sleeping(odd)


def sleeping(seconds: int) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if path.read_bytes() == f"sleep\0{seconds}\0".encode():
                return True
    return False


@pytest.mark.parametrize("way", ["blackhole", "prohibit", "unreachable"])
def test_a_route_that_leads_nowhere_is_the_diallers_own(
    fleet: Fleet, node1: LightHost, way: str
) -> None:
    route = f"{way} {node1.address}"
    node3 = fleet.lab.hosts[2]
    with node3.changed(f"ip route add {route}", f"ip route del {route}"):
        seen = fleet.check("dial")
    # what node1 dials there is not answered
    assert {(row[0], row[1], row[4]) for row in seen.rows} == {
        ("node3", "node1", "unroutable"),
        ("node1", "node3", "dropped"),
    }
    assert any(
        message.endswith("unroutable from node3: see its routes")
        for message in seen.results.values()
    )


def test_runs_beside_each_other_hold_no_port(fleet: Fleet) -> None:
    for wait in (0.4, 0.8, 1.2, 1.6, 2.0, 2.4):
        first = fleet.start("--network", "full", "--only", "KS79*,Port-*")
        time.sleep(wait)
        second = fleet.check("off", "Port-*")
        first.wait()
        for host in second.hosts:
            rows = {row["kubeadm"]: row["verdict"] for row in host["results"]}
            assert set(rows.values()) <= {"pass", "skip"}, (wait, rows)


def wait_for_listeners(fleet: Fleet, number: int) -> None:
    for _ in range(600):
        if len(marked(fleet.home)) >= number:
            return
        time.sleep(0.05)
    pytest.fail("no listener was started")


def test_a_killed_kscan_leaves_no_listener(fleet: Fleet, node1: LightHost) -> None:
    rule = "INPUT -p tcp --dport 6443 -j DROP"  # so that there is a middle
    with node1.changed(f"iptables -A {rule}", f"iptables -D {rule}"):
        run = fleet.start("--network", "full")
        wait_for_listeners(fleet, 5)
        run.send_signal(signal.SIGKILL)
        run.wait()
        for _ in range(600):
            if not marked(fleet.home):
                break
            time.sleep(0.1)
    assert marked(fleet.home) == []


def test_not_even_where_its_end_is_not_heard_of(fleet: Fleet, node1: LightHost) -> None:
    """The network is gone with kscan: only the listeners' own timer is left."""
    rule = "INPUT -p tcp --dport 6443 -j DROP"
    cables = [fleet.lab.command(["ip", "link", "set", host.name]) for host in fleet.lab.hosts]
    with node1.changed(f"iptables -A {rule}", f"iptables -D {rule}"):
        run = fleet.start("--network", "full")
        wait_for_listeners(fleet, 5)
        began = time.monotonic()
        try:
            for cable in cables:
                subprocess.run([*cable, "down"], check=True)
            run.send_signal(signal.SIGKILL)
            run.wait()
            while marked(fleet.home) and time.monotonic() - began < 90:
                time.sleep(0.2)
            seconds = time.monotonic() - began
        finally:
            for cable in cables:
                subprocess.run([*cable, "up"], check=True)
    assert marked(fleet.home) == []
    assert seconds < 61


@pytest.mark.parametrize("network", ["dial", "full"])
def test_an_interrupt_reports_and_leaves_nothing_on_the_hosts(
    fleet: Fleet, node1: LightHost, network: str
) -> None:
    rule = "INPUT -p tcp --dport 6443 -j DROP"
    with node1.changed(f"iptables -A {rule}", f"iptables -D {rule}"):
        run = subprocess.Popen(
            fleet.words("--network", network),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            cwd=Path(__file__).parents[3],
        )
        wait_for_listeners(fleet, 5)
        run.send_signal(signal.SIGINT)
        said, _ = run.communicate()
    assert run.returncode == 130
    report = json.loads(said)
    assert not report["ready"]
    assert {host["status"] for host in report["hosts"]} <= {"ready", "notReady"}
    assert report["edges"]["counts"]["unknown"]
    for _ in range(100):
        if not marked(fleet.home):
            break
        time.sleep(0.1)
    assert marked(fleet.home) == []


def test_a_second_kscan_does_not_see_the_first_ones_ports(fleet: Fleet, node1: LightHost) -> None:
    first = subprocess.Popen(
        node1.command(["sh", "-s"]), stdin=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        assert first.stdin is not None
        assert first.stderr is not None
        first.stdin.write(b"".join(program(BOUNDARY, listens=True)))
        first.stdin.flush()
        assert b" up " in first.stderr.readline()
        first.stdin.write(f"token {TOKEN}\nlisten 6443/tcp 10250/tcp\nbind\n".encode())
        first.stdin.flush()
        assert b" ready" in first.stderr.readline()
        second = fleet.check("off", "Port-*")
    finally:
        first.kill()
        first.communicate()
    host = second.hosts[0]
    assert {row["kubeadm"]: row["verdict"] for row in host["results"]}["Port-6443"] == "pass"
    assert "another kscan listens here" in " ".join(host["notes"])


def test_a_port_that_a_component_holds_stays_its_own(fleet: Fleet, node1: LightHost) -> None:
    holder = subprocess.Popen(
        node1.command(
            ["python3", "-c", "import socket; s = socket.create_server(('', 6443)); s.accept()"]
        )
    )
    try:
        for _ in range(100):
            if "192b" in node1.run("cat /proc/net/tcp").lower():
                break
            time.sleep(0.05)
        seen = fleet.check("full", "KS79*,Port-*")
    finally:
        holder.kill()
        holder.wait()
    assert seen.rows == []
    port = next(row for row in seen.hosts[0]["results"] if row["kubeadm"] == "Port-6443")
    assert port["verdict"] == "fail"


def test_nothing_stays_on_the_ports(fleet: Fleet, node1: LightHost) -> None:
    fleet.check("full")
    bind = "import socket, sys; [socket.socket().bind(('', int(p))) for p in sys.argv[1:]]"
    node1.run(f'python3 -c "{bind}" 6443 10250 2379 2380')
