"""`kscan check --with-kubeadm` with the real kubeadm v1.20.2 of real hosts."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.parity.bench import load_images
from tests.lab import faults
from tests.lab.faults import Fault
from tests.lab.home import know_hosts
from tests.lab.hosts import Lab, LabHost, missing

pytestmark = pytest.mark.e2e

OWN_CONFIG = """apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
localAPIEndpoint: {{advertiseAddress: {address}}}
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
kubernetesVersion: v1.20.2
controlPlaneEndpoint: {address}
"""
RUNNING = "ps -eo pid,args | grep -E 'kubeadm|docker pull|[k]scan|GUARD' | grep -v grep || true"
HUNG = "10.77.255.1"
"""Stands for a registry that never answers: the host drops what it sends there."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """node1 for init, node2 for a join; kscan in the place of the machine that scans."""

    lab: Lab
    home: Path

    @property
    def first(self) -> LabHost:
        return self.lab.hosts[0]

    def argv(
        self, *words: str, cluster: str = "", role: str = "worker", user: str = "root"
    ) -> list[str]:
        one, two = self.lab.hosts
        path = self.home / "inventory.yaml"
        path.write_text(
            f"cluster: {{controlPlaneEndpoint: {one.address}{cluster}}}\n"
            f"defaults: {{identityFile: {self.lab.key}, user: {user}}}\n"
            "hosts:\n"
            f"  - {{name: {one.name}, address: {one.address}, roles: [control-plane]}}\n"
            f"  - {{name: {two.name}, address: {two.address}, roles: [{role}]}}\n",
            encoding="utf-8",
        )
        kscan = [sys.executable, "-m", "scanner", "check", str(path), "--with-kubeadm", "--yes"]
        kscan += ["--network", "off"]
        return self.lab.command(["env", f"HOME={self.home}", *kscan, *words])

    def check(
        self, *words: str, cluster: str = "", role: str = "worker", user: str = "root"
    ) -> dict[str, dict[str, Any]]:
        argv = self.argv("--format", "json", *words, cluster=cluster, role=role, user=user)
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=180)
        assert done.returncode in {0, 3, 4}, done.stderr
        return {host["name"]: host for host in json.loads(done.stdout)["hosts"]}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("home")
    with Lab.start(2) as lab:
        know_hosts(home, lab.known_hosts)
        for host in lab.hosts:
            load_images(host)
        yield Fleet(lab, home)


def says(host: dict[str, Any]) -> set[str]:
    """All lines of kubeadm in the rows of a host."""
    return {line for result in host["results"] for line in result["kubeadmSays"] or ()}


def rows(host: dict[str, Any]) -> dict[str, Any]:
    return {result["kubeadm"]: result["kubeadmSays"] for result in host["results"]}


def kubeadms_own(host: LabHost) -> set[str]:
    """What kubeadm prints when it is run by hand, with a configuration that kscan did not write."""
    host.write("/root/own.yaml", OWN_CONFIG.format(address=host.address))
    words = host.run("kubeadm init phase preflight --config /root/own.yaml 2>&1", check=False)
    assert "[preflight] Running pre-flight checks" in words
    return set(re.findall(r"^\t(\[(?:WARNING|ERROR) [^\]]+\]: .*)$", words, re.MULTILINE))


@pytest.mark.parametrize("user", ["root", "ops"])
@pytest.mark.parametrize(
    "put",
    [(), (faults.PORT_6443_HELD, faults.SOCAT_MISSING), (faults.IP_FORWARD_OFF,)],
    ids=lambda put: " + ".join(fault.name for fault in put) or "good",
)
def test_kubeadms_own_words_stand_beside_ours(
    fleet: Fleet, put: Sequence[Fault], user: str
) -> None:
    with ExitStack() as stack:
        for fault in put:
            stack.enter_context(fault.on(fleet.first))
        own = kubeadms_own(fleet.first)
        found = fleet.check(user=user)
        shown = subprocess.run(
            fleet.argv("-q", user=user), capture_output=True, text=True, check=False, timeout=180
        )
    assert says(found["node1"]) == own
    assert {name for name in rows(found["node1"]) if name and rows(found["node1"])[name]} == {
        re.split(r"[ \]]", line)[1] for line in own
    }
    assert len(own) >= len(put) + 1, "docker's version is warned of on every lab host"
    assert [note for host in found.values() for note in host["notes"]] == []
    assert rows(found["node2"])["Port-10250"] == []
    assert "kubeadm on 2 hosts said the same" in shown.stdout


def test_a_login_without_root_ends_at_the_first_check(fleet: Fleet) -> None:
    node = fleet.check(user="plain")["node1"]
    line = "[ERROR IsPrivilegedUser]: user is not running as root"
    assert says(node) == {line}
    asked = {name for name, lines in rows(node).items() if lines is not None}
    assert asked == {"IsPrivilegedUser"}, "silence after the end says nothing"


def test_a_control_plane_join_comes_to_its_first_stage(fleet: Fleet) -> None:
    found = rows(fleet.check(role="control-plane")["node2"])
    assert found["Port-10250"] == []
    assert found["Swap"] == []
    assert found["Port-6443"] is None
    assert found["NumCPU"] is None


def test_the_whole_of_an_inventory_is_accepted_by_kubeadm(fleet: Fleet) -> None:
    cluster = (
        ", bindPort: 7443, proxyMode: ipvs, imageRepository: k8s.gcr.io,"
        " networking: {podSubnet: 10.244.0.0/16, serviceSubnet: 10.97.0.0/16, dnsDomain: k.local},"
        " featureGates: {IPv6DualStack: false}, containerRuntime: docker,"
        " etcd: {local: {dataDir: /data/etcd}}"
    )
    node = fleet.check(cluster=cluster)["node1"]
    assert node["notes"] == []
    assert rows(node)["Port-7443"] == []
    assert rows(node)["DirAvailable--data-etcd"] == []


def test_a_configuration_that_kubeadm_refuses_is_a_note(fleet: Fleet) -> None:
    node = fleet.check("--kubernetes-version", "v1.14.0")["node1"]
    assert says(node) == set()
    (note,) = node["notes"]
    assert note.startswith("kubeadm ended before its first check: this version of kubeadm only")


def test_captures_keep_the_words(fleet: Fleet) -> None:
    captures = fleet.home / "captures"
    with faults.PORT_6443_HELD.on(fleet.first):
        live = fleet.check("--save-captures", str(captures))
    argv = [sys.executable, "-m", "scanner", "evaluate", str(captures), "--format", "json"]
    argv += ["-i", str(fleet.home / "inventory.yaml")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    again = {host["name"]: host for host in json.loads(done.stdout)["hosts"]}
    assert says(live["node1"])
    for name, host in live.items():
        assert rows(again[name]) == rows(host)
        assert again[name]["notes"] == host["notes"]


@pytest.fixture
def hung(fleet: Fleet) -> Iterator[str]:
    """Every image is missing, and the registry never answers."""
    fleet.first.run(f"ip route add {HUNG} via {fleet.lab.hosts[1].address}")
    fleet.lab.hosts[1].run(
        f"iptables -I FORWARD -d {HUNG} -j DROP; sysctl -qw net.ipv4.ip_forward=1"
    )
    fleet.first.run(f"iptables -I OUTPUT -d {HUNG} -j DROP")
    yield f", imageRepository: {HUNG}"
    fleet.first.run(f"iptables -D OUTPUT -d {HUNG} -j DROP; ip route del {HUNG}")
    fleet.lab.hosts[1].run(f"iptables -D FORWARD -d {HUNG} -j DROP")


def nothing_runs(host: LabHost, within: float = 5) -> None:
    end = time.monotonic() + within
    while left := host.run(RUNNING):
        assert time.monotonic() < end, left
        time.sleep(0.2)


@pytest.mark.parametrize("user", ["root", "ops"])
def test_a_pull_that_does_not_end_costs_nothing_but_itself(
    fleet: Fleet, hung: str, user: str
) -> None:
    host = fleet.first
    host.run("touch /root/marker && sleep 1.1")
    node = fleet.check("--timeout", "15", cluster=hung, user=user)["node1"]
    nothing_runs(host)
    assert node["status"] == "ready"
    assert rows(node)["SystemVerification"], "what was said before is kept"
    assert rows(node)["Mem"] == [], "its checks had been passed"
    (note,) = node["notes"]
    assert re.fullmatch(r"kubeadm did not end within \d+ s; see --timeout", note)
    noisy = "-path /var/log -o -path /run -o -path /proc -o -path /sys -o -path /dev"
    kept = "-path /var/lib/docker -o -path /var/lib/containerd -o -path /var/lib/kubelet"
    changed = host.run(
        f"find / \\( {noisy} -o {kept} -o -path /var/lib/systemd \\) -prune "
        "-o -newer /root/marker -print"
    ).split()
    assert changed == []


@pytest.mark.parametrize("user", ["root", "ops"])
def test_nothing_is_left_after_ctrl_c(fleet: Fleet, hung: str, user: str) -> None:
    argv = fleet.argv("--format", "json", cluster=hung, user=user)
    kscan = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        end = time.monotonic() + 30
        while "docker pull" not in fleet.first.run(RUNNING):
            assert time.monotonic() < end
            time.sleep(0.2)
        kscan.send_signal(signal.SIGINT)
        out, err = kscan.communicate(timeout=20)
    finally:
        kscan.kill()
    assert kscan.returncode == 130, err
    assert json.loads(out)["run"]["complete"] is False
    nothing_runs(fleet.first)


def test_a_host_without_kubeadm_is_not_asked(fleet: Fleet) -> None:
    host = fleet.first
    host.run("mv /usr/bin/kubeadm /usr/bin/kubeadm.away")
    try:
        node = fleet.check()["node1"]
    finally:
        host.run("mv /usr/bin/kubeadm.away /usr/bin/kubeadm")
    assert set(rows(node).values()) == {None}
    assert node["notes"] == []
