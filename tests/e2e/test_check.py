"""`kscan check` on real systemd hosts with a real kubeadm v1.20.2, over their real sshd."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab import faults
from tests.lab.faults import Fault
from tests.lab.home import know_hosts
from tests.lab.hosts import Lab, LabHost, missing

pytestmark = pytest.mark.e2e

Row = tuple[str, str, str]
"""(kubeadm's name or our id, subject, verdict)."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A lab, and kscan in the place of the machine that scans."""

    lab: Lab
    home: Path

    def inventory(self, users: Mapping[str, str], extra: str = "") -> Path:
        hosts = "\n".join(
            f"  - {{name: {host.name}, address: {host.address}, roles: [control-plane], "
            f"user: {users.get(host.name, 'root')}}}"
            for host in self.lab.hosts
        )
        path = self.home / "inventory.yaml"
        path.write_text(
            f"cluster: {{controlPlaneEndpoint: {self.lab.hosts[0].address}}}\n"
            f"defaults: {{identityFile: {self.lab.key}{extra}}}\nhosts:\n{hosts}\n",
            encoding="utf-8",
        )
        return path

    def kscan(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        argv = ["env", f"HOME={self.home}", sys.executable, "-m", "scanner", *map(str, words)]
        return subprocess.run(
            self.lab.command(argv), capture_output=True, text=True, check=False, timeout=180
        )

    def check(
        self, *words: str, users: Mapping[str, str] | None = None, extra: str = ""
    ) -> dict[str, Any]:
        path = self.inventory(users or {}, extra)
        done = self.kscan("check", path, "--format", "json", "--network", "off", *words)
        assert done.returncode in {0, 3, 4}, done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report


def rows(report: dict[str, Any]) -> dict[str, set[Row]]:
    """What each host was found to be."""
    return {
        host["name"]: {
            (result["kubeadm"] or result["check"], result["subject"], result["verdict"])
            for result in host["results"]
        }
        for host in report["hosts"]
    }


def verdict(found: set[Row], name: str) -> str:
    return next(verdict for kubeadm, _, verdict in found if kubeadm == name)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("home")
    with Lab.start(3) as lab:
        know_hosts(home, lab.known_hosts)
        yield Fleet(lab, home)


def test_good_hosts_are_ready(fleet: Fleet) -> None:
    report = fleet.check()
    blocked = {
        (host["name"], result["kubeadm"] or result["check"], result["message"])
        for host in report["hosts"]
        for result in host["results"]
        if result["blocking"]
    }
    assert blocked == set()
    assert report["ready"] is True
    assert report["cluster"]["kubernetesVersion"] == "v1.20.2"


FAULTS: tuple[tuple[Fault, str], ...] = (
    (faults.PORT_6443_HELD, "fail"),
    (faults.PORT_10250_HELD, "fail"),
    (faults.MANIFEST_LEFT, "fail"),
    (faults.ETCD_DATA_LEFT, "fail"),
    (faults.DOCKER_STOPPED, "fail"),
    (faults.DOCKER_DISABLED, "warn"),
    (faults.KUBELET_DISABLED, "warn"),
    (faults.IP_FORWARD_OFF, "fail"),
    (faults.BRIDGE_NF_OFF, "fail"),
    (faults.SWAP_SHOWN, "fail"),
    (faults.SOCAT_MISSING, "warn"),
    (faults.CONNTRACK_MISSING, "fail"),
    (faults.HOSTNAME_UNRESOLVABLE, "warn"),
    (faults.PROXY_SET, "warn"),
    (faults.FIREWALLD_ACTIVE, "warn"),
)


@pytest.mark.parametrize(
    ("fault", "expected"), FAULTS, ids=lambda value: getattr(value, "name", "")
)
def test_a_fault_is_seen_on_its_host_only_and_vanishes(
    fleet: Fleet, fault: Fault, expected: str
) -> None:
    place = FAULTS.index((fault, expected)) % len(fleet.lab.hosts)
    host = fleet.lab.hosts[place]
    good = rows(fleet.check("--master", host.name))
    with fault.on(host):
        faulty = rows(fleet.check("--master", host.name))
    mended = rows(fleet.check("--master", host.name))

    assert verdict(good[host.name], fault.kubeadm) == "pass"
    assert verdict(faulty[host.name], fault.kubeadm) == expected
    others = {other.name for other in fleet.lab.hosts} - {host.name}
    assert {name: faulty[name] for name in others} == {name: good[name] for name in others}
    assert mended == good


def test_a_login_without_root_is_seen_on_its_host_only(fleet: Fleet) -> None:
    good = rows(fleet.check())
    plain = rows(fleet.check(users={"node2": "plain"}))
    assert verdict(good["node2"], "IsPrivilegedUser") == "pass"
    assert verdict(plain["node2"], "IsPrivilegedUser") == "fail"
    assert {"node1": plain["node1"], "node3": plain["node3"]} == {
        "node1": good["node1"],
        "node3": good["node3"],
    }
    greens = {row for row in plain["node2"] if row[2] == "pass"}
    assert greens <= {row for row in good["node2"] if row[2] == "pass"}


def test_sudo_gives_the_same_answer_as_root(fleet: Fleet) -> None:
    everyone = {host.name: "ops" for host in fleet.lab.hosts}
    assert rows(fleet.check(users=everyone)) == rows(fleet.check())


def test_sudo_with_a_password_gives_the_same_answer_as_root(fleet: Fleet) -> None:
    secret = fleet.home / "sudo-password"
    secret.write_text("lab-secret\n")
    before = [sessions(host, "pw") for host in fleet.lab.hosts]
    everyone = {host.name: "pw" for host in fleet.lab.hosts}
    report = fleet.check(users=everyone, extra=f", sudoPassword: 'file:{secret}'")
    assert rows(report) == rows(fleet.check())
    after = [sessions(host, "pw") for host in fleet.lab.hosts]
    assert [(a[0] - b[0], a[1] - b[1]) for a, b in zip(after, before, strict=True)] == [(1, 1)] * 3


def sessions(host: LabHost, login: str) -> tuple[int, int]:
    """(connections that logged in, commands that were started), by sshd's own log."""
    log = host.sshd_log()
    return (
        len(re.findall(rf"Accepted publickey for {login}\b", log)),
        len(re.findall(rf"Starting session: command for {login}\b", log)),
    )


def test_one_connection_and_one_exec_for_each_host(fleet: Fleet) -> None:
    for login in ("root", "ops"):
        before = [sessions(host, login) for host in fleet.lab.hosts]
        fleet.check(users={host.name: login for host in fleet.lab.hosts})
        after = [sessions(host, login) for host in fleet.lab.hosts]
        assert [(a[0] - b[0], a[1] - b[1]) for a, b in zip(after, before, strict=True)] == [
            (1, 1)
        ] * 3


def test_one_shared_connection_to_the_bastion(fleet: Fleet) -> None:
    bastion, *targets = fleet.lab.hosts
    before = sessions(bastion, "plain")
    report = fleet.check(
        "--jump",
        f"plain@{bastion.address}",
        "--identity-file",
        str(fleet.lab.key),
        "--limit",
        ",".join(host.name for host in targets),
    )
    assert report["summary"]["hosts"]["unreachable"] == 0, report["hosts"]
    after = sessions(bastion, "plain")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 0)


CLUSTER = """apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
localAPIEndpoint: {{advertiseAddress: {address}}}
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
kubernetesVersion: v1.20.2
"""


def kubeadm_says(host: LabHost) -> set[tuple[str, str]]:
    """The (severity, name) pairs of the host's own kubeadm; without image pulls, which need a
    registry."""
    host.write("/root/kubeadm.yaml", CLUSTER.format(address=host.address))
    words = host.run("kubeadm init phase preflight --config /root/kubeadm.yaml 2>&1", check=False)
    assert "[preflight] Running pre-flight checks" in words
    found = re.findall(r"^\t\[(WARNING|ERROR) ([^\]]+)\]", words, re.MULTILINE)
    return {(severity, name) for severity, name in found if name != "ImagePull"}


def ours(report: dict[str, Any], name: str) -> set[tuple[str, str]]:
    host = next(host for host in report["hosts"] if host["name"] == name)
    words = {"warning": "WARNING", "error": "ERROR"}
    return {
        (words[finding["severity"]], result["kubeadm"])
        for result in host["results"]
        # kubeadm pulls images, kscan only looks which are there.
        if result["kubeadm"] not in {None, "ImagePull"}
        for finding in result["findings"]
    }


@pytest.mark.parametrize(
    "put",
    [(), (faults.PORT_6443_HELD, faults.SOCAT_MISSING), (faults.DOCKER_STOPPED,)],
    ids=lambda put: " + ".join(fault.name for fault in put) or "good",
)
def test_the_hosts_own_kubeadm_says_the_same(fleet: Fleet, put: Sequence[Fault]) -> None:
    host = fleet.lab.hosts[0]
    for fault in put:
        fault.put(host)
    try:
        said = kubeadm_says(host)
        report = fleet.check("--kubernetes-version", "v1.20.2")
    finally:
        for fault in put:
            fault.take(host)
    assert ours(report, host.name) == said


def test_a_tool_that_hangs_costs_its_own_row_only(fleet: Fleet) -> None:
    """nproc is asked among the quick sections, which share a shell until one of them hangs."""
    host = fleet.lab.hosts[2]
    good = rows(fleet.check())
    host.run("mv /usr/bin/nproc /usr/bin/nproc.away")
    try:
        host.write("/usr/bin/nproc", "#!/bin/sh\nsleep 300\n", 0o755)
        hung = rows(fleet.check())
        assert host.run("pgrep -x sleep || true") == "", "nothing is left running"
    finally:
        host.run("mv /usr/bin/nproc.away /usr/bin/nproc")
    assert hung[host.name] ^ good[host.name] == {("NumCPU", "", "pass"), ("NumCPU", "", "unknown")}


@pytest.mark.parametrize("tool", ["grep", "awk", "sed", "head"])
def test_without_a_tool_what_it_reads_is_unknown(fleet: Fleet, tool: str) -> None:
    """Never green, and no false alarm either."""
    host = fleet.lab.hosts[0]
    path = host.run(f"readlink -f $(command -v {tool})").strip()
    with faults.PORT_6443_HELD.on(host):
        whole = rows(fleet.check())[host.name]
        host.run(f"mv {path} {path}.away")
        try:
            lacking = rows(fleet.check())[host.name]
        finally:
            host.run(f"mv {path}.away {path}")
    assert {row[:2] for row in lacking} == {row[:2] for row in whole}
    assert {row[2] for row in lacking - whole} == {"unknown"}


def test_checking_changes_nothing_on_a_host(fleet: Fleet) -> None:
    host = fleet.lab.hosts[1]
    host.run("touch /root/marker && sleep 1.1")
    fleet.check()
    noisy = "-path /var/log -o -path /run -o -path /proc -o -path /sys -o -path /dev"
    changed = host.run(
        f"find / \\( {noisy} -o -path /var/lib/docker -o -path /var/lib/containerd "
        "-o -path /var/lib/kubelet \\) -prune -o -newer /root/marker -print"
    ).split()
    assert [path for path in changed if not path.startswith("/var/lib/systemd")] == []
    assert "kscan" not in host.run("ps -eo args")


def test_captures_of_real_hosts_judge_the_same_offline(fleet: Fleet) -> None:
    captures = fleet.home / "captures"
    live = rows(fleet.check("--save-captures", str(captures)))
    done = fleet.kscan(
        "evaluate", captures, "-i", fleet.home / "inventory.yaml", "--format", "json"
    )
    assert rows(json.loads(done.stdout)) == live
