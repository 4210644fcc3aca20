"""Host states on a real cluster: `kubeadm init` and `kubeadm join` of v1.20.2, then what breaks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.lab import cluster
from tests.lab.home import know_hosts
from tests.lab.hosts import Lab, LabHost, missing

pytestmark = pytest.mark.e2e

KS317 = "KS317"
HEALTHY = """
for i in $(seq 100); do
	[ "$(curl -s http://127.0.0.1:10248/healthz)" = ok ] && exit 0
	sleep 0.5
done
exit 1
"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """node1 a control plane, node2 its worker, node3 good and in no cluster."""

    lab: Lab
    home: Path

    @property
    def hosts(self) -> tuple[LabHost, ...]:
        return self.lab.hosts

    def check(self, *words: str) -> dict[str, Any]:
        hosts = "\n".join(
            f"  - {{name: {host.name}, address: {host.address}, roles: [{role}]}}"
            for host, role in zip(self.hosts, ("control-plane", "worker", "worker"), strict=True)
        )
        path = self.home / "inventory.yaml"
        path.write_text(
            f"cluster: {{kubernetesVersion: {cluster.VERSION}}}\n"
            f"defaults: {{identityFile: {self.lab.key}}}\nhosts:\n{hosts}\n",
            encoding="utf-8",
        )
        argv = ["env", f"HOME={self.home}", sys.executable, "-m", "scanner", "check", str(path)]
        argv += ["--network", "off"]
        done = subprocess.run(
            self.lab.command([*argv, "--format", "json", *words]),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode in {0, 3, 4}, done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        report["exit"] = done.returncode
        return report


def statuses(report: dict[str, Any]) -> dict[str, str]:
    return {host["name"]: host["status"] for host in report["hosts"]}


def said(report: dict[str, Any], name: str) -> tuple[str, str]:
    """Verdict and message of the membership of one host."""
    host = next(host for host in report["hosts"] if host["name"] == name)
    result = next(result for result in host["results"] if result["check"] == KS317)
    return result["verdict"], result["message"]


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("home")
    with Lab.start(3, binaries=cluster.BINARIES) as lab:
        know_hosts(home, lab.known_hosts)
        cluster.join(lab.hosts[1], cluster.init(lab.hosts[0]))
        yield Fleet(lab, home)


ALL_GOOD = {"node1": "member", "node2": "member", "node3": "ready"}


def test_members_are_told_from_hosts_that_are_ready(fleet: Fleet) -> None:
    report = fleet.check()
    assert statuses(report) == ALL_GOOD
    assert report["exit"] == 0
    assert report["ready"] is True
    failed = [
        (host["name"], result["check"])
        for host in report["hosts"]
        for result in host["results"]
        if result["verdict"] == "fail"
    ]
    assert failed == []


def test_kubeadm_would_refuse_the_member_that_kscan_knows(fleet: Fleet) -> None:
    """The difference is there, and it is not an error of kubeadm's that is hidden from a join."""
    words = fleet.hosts[0].run("kubeadm init phase preflight 2>&1", check=False)
    assert "[ERROR Port-6443]" in words
    assert "[ERROR DirAvailable--var-lib-etcd]" in words


def test_a_member_with_a_stopped_kubelet_is_half_done(fleet: Fleet) -> None:
    worker = fleet.hosts[1]
    worker.run("systemctl stop kubelet")
    try:
        report = fleet.check()
    finally:
        worker.run(f"systemctl start kubelet\n{HEALTHY}")
    assert statuses(report) == {**ALL_GOOD, "node2": "halfDone"}
    verdict, message = said(report, "node2")
    assert verdict == "fail"
    assert "but not an active kubelet service, a healthy kubelet on port 10248" in message
    assert report["exit"] == 3


def test_a_member_without_its_kubeconfig_is_half_done(fleet: Fleet) -> None:
    worker = fleet.hosts[1]
    worker.run("mv /etc/kubernetes/kubelet.conf /root/")
    try:
        report = fleet.check()
    finally:
        worker.run("mv /root/kubelet.conf /etc/kubernetes/")
    assert statuses(report) == {**ALL_GOOD, "node2": "halfDone"}
    assert "but not /etc/kubernetes/kubelet.conf" in said(report, "node2")[1]


def test_a_control_plane_without_its_scheduler_is_half_done(fleet: Fleet) -> None:
    host = fleet.hosts[0]
    host.run(
        "mv /etc/kubernetes/manifests/kube-scheduler.yaml /root/\n"
        "for i in $(seq 100); do pgrep -x kube-scheduler || exit 0; sleep 0.5; done; exit 1"
    )
    try:
        report = fleet.check()
    finally:
        host.run(
            "mv /root/kube-scheduler.yaml /etc/kubernetes/manifests/\n"
            "for i in $(seq 100); do ss -Hltn sport = :10259 | grep -q . && exit 0; sleep 0.5; done"
        )
    assert statuses(report) == {**ALL_GOOD, "node1": "halfDone"}
    assert "but not kube-scheduler on port 10259" in said(report, "node1")[1]


def test_without_the_first_control_plane_nobody_knows_whose_member_it_is(fleet: Fleet) -> None:
    report = fleet.check("--limit", "node2")
    verdict, message = said(report, "node2")
    assert (verdict, statuses(report)) == ("unknown", {"node2": "notReady"})
    assert report["exit"] == 3, "its ports and files are then judged as kubeadm judges them"
    assert "node1 was not asked for its own" in message


def test_a_member_of_another_cluster_is_no_member_of_this_one(fleet: Fleet) -> None:
    stranger = fleet.hosts[2]
    cluster.init(stranger)
    report = fleet.check()
    assert statuses(report) == {**ALL_GOOD, "node3": "notReady"}
    assert "a member of another cluster" in said(report, "node3")[1]


def test_a_host_that_was_reset_is_in_no_cluster(fleet: Fleet) -> None:
    for host in fleet.hosts[1:]:
        host.run("kubeadm reset --force 2>&1")
    assert statuses(fleet.check()) == {"node1": "member", "node2": "ready", "node3": "ready"}
