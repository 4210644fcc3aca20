"""What no host shows alone, on five real hosts: each fault is one finding that names its hosts, and
is gone when it is repaired.

All hosts share this machine's clock, and a time namespace does not move CLOCK_REALTIME: the clock
that is wrong here is a program `date` of one host that says so. tests/e2e/fleet/test_machines.py
has machines with clocks of their own.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab.home import know_hosts
from tests.lab.hosts import Lab, LabHost, missing

pytestmark = pytest.mark.e2e

LATE_DATE = """#!/bin/sh
# a clock that is 90 s behind
exec /bin/date -d '90 seconds ago' "$@"
"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Bare hosts: what they run does not matter here."""

    lab: Lab
    home: Path

    def host(self, name: str) -> LabHost:
        return next(host for host in self.lab.hosts if host.name == name)

    def check(self, *words: str, endpoint: str = "api.lab:6443") -> dict[str, dict[str, Any]]:
        """The results between the hosts, by check."""
        hosts = "\n".join(
            f"  - {{name: {host.name}, address: {host.address},"
            f" roles: [{'control-plane' if number < 3 else 'worker'}]}}"
            for number, host in enumerate(self.lab.hosts)
        )
        path = self.home / "inventory.yaml"
        path.write_text(
            f"cluster: {{controlPlaneEndpoint: '{endpoint}',"
            " networking: {podSubnet: 10.244.0.0/16}}\n"
            f"defaults: {{identityFile: {self.lab.key}}}\nhosts:\n{hosts}\n",
            encoding="utf-8",
        )
        argv = ["env", f"HOME={self.home}", sys.executable, "-m", "scanner", "check", str(path)]
        done = subprocess.run(
            self.lab.command([*argv, "--format", "json", "--only", "KS7*", *words]),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode in {0, 3, 4}, done.stderr
        found = {result["check"]: result for result in json.loads(done.stdout)["fleet"]}
        assert (done.returncode == 3) is any(one["verdict"] == "fail" for one in found.values())
        return found


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("home")
    with Lab.start(5, kube=False) as lab:
        know_hosts(home, lab.known_hosts)
        for host in lab.hosts:
            host.run("echo 10.77.0.1 api.lab >>/etc/hosts")
        yield Fleet(lab, home)


@contextlib.contextmanager
def twin_hostname(fleet: Fleet) -> Iterator[None]:
    """node4 calls itself as node2 does, but for the case."""
    try:
        fleet.host("node4").run("hostname NODE2")
        yield
    finally:
        fleet.host("node4").run("hostname node4")


@contextlib.contextmanager
def cloned_machine_id(fleet: Fleet) -> Iterator[None]:
    """node3 has the machine-id of node1."""
    own = fleet.host("node3").run("cat /etc/machine-id")
    try:
        fleet.host("node3").write("/etc/machine-id", fleet.host("node1").run("cat /etc/machine-id"))
        yield
    finally:
        fleet.host("node3").write("/etc/machine-id", own)


@contextlib.contextmanager
def route_over_the_pods(fleet: Fleet) -> Iterator[None]:
    """node5 sends the pods' network elsewhere."""
    try:
        fleet.host("node5").run("ip route add 10.244.0.0/16 via 10.77.0.1")
        yield
    finally:
        fleet.host("node5").run("ip route del 10.244.0.0/16 || :")


@contextlib.contextmanager
def twin_address(fleet: Fleet) -> Iterator[None]:
    """node2 and node5 have one more address, and it is the same."""
    names = ("node2", "node5")
    try:
        for name in names:
            fleet.host(name).run("ip addr add 10.77.9.9/32 dev eth0")
        yield
    finally:
        for name in names:
            fleet.host(name).run("ip addr del 10.77.9.9/32 dev eth0 || :")


@contextlib.contextmanager
def late_clock(fleet: Fleet) -> Iterator[None]:
    """The date(1) of node4 says what it would if its clock were 90 s behind."""
    path = "/usr/local/sbin/date"
    try:
        fleet.host("node4").write(path, LATE_DATE, 0o755)
        yield
    finally:
        fleet.host("node4").run(f"rm -f {path}")


@contextlib.contextmanager
def unknown_endpoint(fleet: Fleet) -> Iterator[None]:
    """node3 has no entry for the endpoint any more."""
    try:
        fleet.host("node3").run("cp /etc/hosts /run/hosts; sed '/api.lab/d' /run/hosts >/etc/hosts")
        yield
    finally:
        fleet.host("node3").run("cat /run/hosts >/etc/hosts")


FAULTS: tuple[
    tuple[Callable[[Fleet], contextlib.AbstractContextManager[None]], str, str, list[str]], ...
] = (
    (twin_hostname, "KS701", "fail", ["node2", "node4"]),
    (cloned_machine_id, "KS702", "warn", ["node1", "node3"]),
    (twin_address, "KS705", "fail", ["node2", "node5"]),
    (late_clock, "KS711", "fail", ["node4"]),
    (route_over_the_pods, "KS731", "fail", ["node5"]),
    (unknown_endpoint, "KS741", "warn", ["node3"]),
)


def test_five_good_hosts_are_found_alike(fleet: Fleet) -> None:
    found = fleet.check()
    wrong = {check: one["message"] for check, one in found.items() if one["verdict"] == "fail"}
    assert wrong == {}
    for check in ("KS701", "KS702", "KS704", "KS705", "KS706", "KS711", "KS712", "KS721", "KS731"):
        assert found[check]["verdict"] == "pass", found[check]
        assert found[check]["measured"] == found[check]["total"] == 5
    assert found["KS741"]["verdict"] == "pass"
    assert found["KS751"]["verdict"] == "pass"


@pytest.mark.parametrize(
    ("fault", "check", "verdict", "hosts"), FAULTS, ids=[fault[0].__name__ for fault in FAULTS]
)
def test_a_fault_is_one_finding_that_names_its_hosts_and_vanishes(
    fleet: Fleet,
    fault: Callable[[Fleet], contextlib.AbstractContextManager[None]],
    check: str,
    verdict: str,
    hosts: list[str],
) -> None:
    good = {name: one["verdict"] for name, one in fleet.check().items()}
    assert good[check] == "pass"
    with fault(fleet):
        found = fleet.check()
    result = found[check]
    assert (result["verdict"], result["hosts"]) == (verdict, hosts), result
    assert [finding["hosts"] for finding in result["findings"]] == [hosts]
    # who does not know the endpoint's name cannot dial it
    follow = {check, "KS742"} if check == "KS741" else {check}
    others = {name: one["verdict"] for name, one in found.items() if name not in follow}
    assert others == {name: said for name, said in good.items() if name not in follow}
    assert {name: one["verdict"] for name, one in fleet.check().items()} == good


def test_a_host_that_is_not_reached_leaves_nothing_unique(fleet: Fleet) -> None:
    node = fleet.host("node5")
    node.run("systemctl stop ssh.service ssh.socket 2>/dev/null || systemctl stop ssh")
    try:
        found = fleet.check("--timeout", "15")
    finally:
        node.run("systemctl start ssh")
    assert (found["KS701"]["verdict"], found["KS701"]["hosts"]) == ("unknown", ["node5"])
    assert "4 of 5 hosts" in found["KS701"]["message"]


def test_the_clocks_of_one_machine_agree_within_what_was_measured(fleet: Fleet) -> None:
    """kscan and all hosts read the same clock: whatever it says of them is error."""
    found = fleet.check()
    assert (found["KS711"]["verdict"], found["KS712"]["verdict"]) == ("pass", "pass")
