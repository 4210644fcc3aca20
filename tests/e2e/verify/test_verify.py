"""A real Kubernetes v1.20.2 on lab hosts: verified, spoilt object by object, and used."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scanner.verify.catalogue import VERIFY_CATALOGUE, reads
from scanner.verify.objects import Ref
from scanner.versions import parse_version
from tests.lab import cluster, whole
from tests.lab.home import know_hosts
from tests.lab.hosts import Lab, LabHost, missing

pytestmark = pytest.mark.e2e

VERSION = parse_version(cluster.VERSION)
NOT_USED = {"kube-dns"}
"""Deployment and ServiceAccount of the other DNS, which kubeadm makes only if it is asked."""
NOT_ASKED = {"KS805", "KS810"}
KUBECTL = "kubectl --kubeconfig /etc/kubernetes/admin.conf"
WITHIN_S = 120.0
SMOKE = ("--smoke", "--smoke-image", whole.SMOKE_IMAGE, "--smoke-timeout", "240")


@dataclass(frozen=True, slots=True)
class Cluster:
    """node1 a control plane, node2 its worker."""

    lab: Lab
    home: Path

    @property
    def master(self) -> LabHost:
        return self.lab.hosts[0]

    def kubectl(self, words: str, *, check: bool = True) -> str:
        return self.master.run(f"{KUBECTL} {words}", check=check)

    def argv(self, *words: str) -> list[str]:
        program = ["env", f"HOME={self.home}", sys.executable, "-m", "scanner", "verify"]
        inventory = str(self.home / "inventory.yaml")
        return self.lab.command([*program, inventory, "--format", "json", *words])

    def verify(self, *words: str) -> dict[str, Any]:
        done = subprocess.run(
            self.argv(*words), capture_output=True, text=True, check=False, timeout=1200
        )
        assert done.returncode in {0, 3, 4}, done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        report["exit"] = done.returncode
        return report

    def settled(self) -> None:
        """Return when all passes again: a controller signs anew, pods start anew."""
        deadline = time.monotonic() + WITHIN_S
        while found := bad(self.verify()):
            assert time.monotonic() < deadline, found
            time.sleep(1)


def bad(report: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {
        (result["check"], result["subject"]): f"{result['verdict']}: {result['message']}"
        for result in report["verify"]
        if result["verdict"] not in {"pass", "skip"}
    }


def dependents(check: str) -> set[str]:
    mine = {step.id for step in VERIFY_CATALOGUE if check in step.depends}
    return mine.union(*(dependents(other) for other in mine))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    home = tmp_path_factory.mktemp("home")
    with Lab.start(2, binaries=whole.BINARIES) as lab:
        know_hosts(home, lab.known_hosts)
        one, two = lab.hosts
        (home / "inventory.yaml").write_text(
            f"defaults: {{identityFile: {lab.key}}}\n"
            "hosts:\n"
            f"  - {{name: one, address: {one.address}, roles: [control-plane]}}\n"
            f"  - {{name: two, address: {two.address}}}\n",
            encoding="utf-8",
        )
        whole.prepare(lab.hosts)
        two.run(whole.init(one))
        whole.wait(one)
        yield Cluster(lab, home)


def test_a_good_cluster_is_verified(made: Cluster) -> None:
    report = made.verify()
    assert bad(report) == {}
    assert report["exit"] == 0
    assert report["ready"] is True
    assert report["cluster"]["kubernetesVersion"] == cluster.VERSION
    skipped = {r["check"] for r in report["verify"] if r["verdict"] == "skip"}
    assert skipped == NOT_ASKED
    steps = {result["step"] for result in report["verify"]} - {None}
    assert steps == set(range(1, 12))
    nodes = {r["subject"] for r in report["verify"] if r["check"] == "KS826"}
    assert nodes == {"node1", "node2"}


def test_a_login_with_sudo_and_one_without(made: Cluster) -> None:
    assert bad(made.verify("--user", "ops")) == {}
    done = subprocess.run(
        made.argv("--user", "plain"), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "admin.conf of one cannot be read without root" in done.stderr


def test_nothing_of_admin_conf_is_said_or_kept(made: Cluster) -> None:
    log = made.home / "log"
    report = json.dumps(made.verify("-vvv", "--log-file", str(log)))
    conf = made.master.run("cat /etc/kubernetes/admin.conf")
    secrets = [line.split()[-1] for line in conf.splitlines() if "-data" in line]
    tokens = made.kubectl("-n kube-system get secrets -o json")
    secrets += [
        secret["data"]["token-secret"]
        for secret in json.loads(tokens)["items"]
        if secret["type"] == "bootstrap.kubernetes.io/token"
    ]
    assert len(secrets) >= 4
    said = report + log.read_text(encoding="utf-8")
    for secret in secrets[1:]:  # the first is the CA, which is public
        assert secret[:40] not in said


def _deletable() -> list[Ref]:
    refs = [ref for ref in reads(VERSION) if ref.name not in NOT_USED or ref.kind == "Service"]
    # what pods need is deleted last: they start anew afterwards
    return sorted(refs, key=lambda ref: ref.kind in {"ServiceAccount", "Deployment", "DaemonSet"})


def test_each_object_that_is_deleted_fails_its_step(made: Cluster) -> None:
    made.settled()
    for ref in _deletable():
        where = f"-n {ref.namespace} " if ref.namespace else ""
        saved = json.loads(made.kubectl(f"{where}get {ref.kind} {ref.name} -o json"))
        for key in ("resourceVersion", "uid", "creationTimestamp", "selfLink", "managedFields"):
            saved["metadata"].pop(key, None)
        saved.pop("status", None)
        made.kubectl(f"{where}delete {ref.kind} {ref.name} --wait=false")
        report = made.verify()
        made.master.write("/root/saved.json", json.dumps(saved))
        made.kubectl("create -f /root/saved.json")
        found = {check for check, _ in bad(report)}
        (owner,) = (step.id for step in VERIFY_CATALOGUE if ref in step.reads(VERSION))
        assert owner in found, f"{ref}: {bad(report)}"
        assert found <= {owner, *dependents(owner)}, f"{ref}: {bad(report)}"
        assert report["exit"] == 3
        if ref.kind in {"ServiceAccount", "Deployment", "DaemonSet"}:
            kind = "daemonset" if ref.name == "kube-proxy" else "deployment"
            made.kubectl(f"-n kube-system rollout restart {kind} {ref.name}")
        made.settled()


def test_a_label_a_taint_and_an_annotation(made: Cluster) -> None:
    label = "node-role.kubernetes.io/master"
    socket = "kubeadm.alpha.kubernetes.io/cri-socket"
    for spoil, mend, check in (
        (f"label node node1 {label}-", f"label node node1 {label}=", "KS803"),
        (
            f"label node node1 --overwrite {label}=true",
            f"label node node1 --overwrite {label}=",
            "KS803",
        ),
        (f"taint node node1 {label}-", f"taint node node1 {label}=:NoSchedule", "KS803"),
        ("cordon node2", "uncordon node2", "KS826"),
        (
            f"annotate node node2 {socket}-",
            f"annotate node node2 {socket}=/var/run/dockershim.sock",
            "KS804",
        ),
        (
            f"annotate node node2 --overwrite {socket}=/run/containerd/containerd.sock",
            f"annotate node node2 --overwrite {socket}=/var/run/dockershim.sock",
            "KS804",
        ),
    ):
        made.kubectl(spoil)
        report = made.verify()
        made.kubectl(mend)
        assert {check for check, _ in bad(report)} == {check}, spoil
    made.settled()


def test_a_token_that_is_deleted(made: Cluster) -> None:
    """Without any, what needs one is not asked: tokens expire."""
    names = made.kubectl("-n kube-system get secrets -o name").split()
    for name in names:
        if "bootstrap-token-" in name:
            made.kubectl(f"-n kube-system delete {name}")
    report = made.verify()
    assert bad(report) == {}
    skipped = {(r["check"], r["subject"]) for r in report["verify"] if r["verdict"] == "skip"}
    assert {("KS806", "Secret"), ("KS807", "signature"), ("KS811", "")} <= skipped
    made.master.run("kubeadm token create")
    made.settled()
    report = made.verify()
    assert ("KS811", "pass") in {(r["check"], r["verdict"]) for r in report["verify"]}


def namespaces(made: Cluster) -> list[str]:
    words = made.kubectl("get namespaces -l app.kubernetes.io/managed-by=kscan-smoke -o json")
    return [
        item["metadata"]["name"]
        for item in json.loads(words)["items"]
        if item["status"]["phase"] == "Active"
    ]


def test_the_smoke_test(made: Cluster) -> None:
    report = made.verify(*SMOKE)
    assert bad(report) == {}
    tried = [r["check"] for r in report["verify"] if r["check"] >= "KS841"]
    assert tried == [f"KS84{number}" for number in range(1, 8)]
    assert namespaces(made) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_smoke_test_is_interrupted(made: Cluster, number: signal.Signals) -> None:
    with subprocess.Popen(made.argv(*SMOKE), stdout=subprocess.PIPE, text=True) as running:
        while not namespaces(made):
            assert running.poll() is None
            time.sleep(0.2)
        os.kill(running.pid, number)  # `ip netns exec` and env have become kscan
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert json.loads(out)["run"]["complete"] is False
    assert namespaces(made) == []


def test_what_a_killed_smoke_test_leaves_is_removed_by_the_next(made: Cluster) -> None:
    with subprocess.Popen(made.argv(*SMOKE), stdout=subprocess.PIPE, text=True) as running:
        while not namespaces(made):
            assert running.poll() is None
            time.sleep(0.2)
        os.kill(running.pid, signal.SIGKILL)
        running.wait(timeout=60)
    (left,) = namespaces(made)
    # as if its time had passed, which takes a minute and a half
    made.kubectl(f"annotate namespace {left} --overwrite kscan/until=2026-01-01T00:00:00Z")
    report = made.verify("--smoke", "--smoke-image", "lab/absent:1", "--smoke-timeout", "10")
    assert ("KS841", "") in bad(report)
    assert "lab/absent" in bad(report)["KS841", ""]
    assert left not in namespaces(made)


def test_a_worker_whose_kubelet_is_stopped(made: Cluster) -> None:
    worker = made.lab.hosts[1]
    worker.run("systemctl stop kubelet")
    try:
        deadline = time.monotonic() + WITHIN_S
        while ("KS826", "node2") not in (found := bad(made.verify())):
            assert time.monotonic() < deadline
            time.sleep(2)
        assert "is not Ready" in found["KS826", "node2"]
    finally:
        worker.run("systemctl start kubelet")
    made.settled()


def test_a_scheduler_that_is_gone(made: Cluster) -> None:
    manifest = "/etc/kubernetes/manifests/kube-scheduler.yaml"
    made.master.run(f"mv {manifest} /root/")
    try:
        deadline = time.monotonic() + WITHIN_S
        while not (found := bad(made.verify())):
            assert time.monotonic() < deadline
            time.sleep(2)
    finally:
        made.master.run(f"mv /root/kube-scheduler.yaml {manifest}")
    assert {check for check, _ in found} == {"KS823"}
    made.settled()


def test_without_an_api_server_that_is_what_is_said(made: Cluster) -> None:
    manifest = "/etc/kubernetes/manifests/kube-apiserver.yaml"
    made.master.run(
        f"mv {manifest} /root/\n"
        "for i in $(seq 100); do pgrep -x kube-apiserver || exit 0; sleep 0.5; done; exit 1"
    )
    try:
        report = made.verify()
    finally:
        made.master.run(f"mv /root/kube-apiserver.yaml {manifest}")
    assert report["exit"] == 3
    found = bad(report)
    assert "nothing listens at" in found["KS820", ""]
    assert {verdict.split(":")[0] for verdict in found.values()} == {"fail", "unknown"}
    made.settled()
