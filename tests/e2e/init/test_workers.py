"""`kscan init` with the real kubeadm v1.20.2: one control plane and two workers, and what breaks.

The tests are one story: each goes on with the hosts as the one before has left them.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.init.fleet import KUBECTL, Fleet, fleet
from tests.e2e.init.kills import PHASES
from tests.lab import faults, whole
from tests.lab.hosts import missing

pytestmark = pytest.mark.e2e
NAMES = ("node1", "node2", "node3")
INIT = ("init", "lab.yaml", "--network", "off")
READY = dict.fromkeys(NAMES, "Ready=True")
SECRETS = f"{KUBECTL} -n kube-system get secrets -o name"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with fleet(tmp_path_factory.mktemp("home"), "control-plane", "worker", "worker") as made:
        yield made


@pytest.fixture(scope="module")
def before(lab: Fleet) -> dict[str, dict[str, str]]:
    """What was said of the hosts before the first init."""
    return verdicts(lab)


def verdicts(lab: Fleet) -> dict[str, dict[str, str]]:
    done = lab.kscan("check", "lab.yaml", "--network", "off", "--format", "json")
    return {
        host["name"]: {
            f"{result['check']} {result['subject']}": result["verdict"]
            for result in host["results"]
        }
        for host in json.loads(done.stdout)["hosts"]
    }


def init(lab: Fleet, status: int = 0) -> dict[str, Any]:
    done = lab.kscan("init", "lab.yaml", "--yes", "--format", "json")
    assert done.returncode == status, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def outcomes(report: dict[str, Any]) -> dict[str, str]:
    return {f"{row['phase']} {row['host']}": row["outcome"] for row in report["phases"]}


def test_a_failed_check_an_unreachable_host_and_no_yes_change_nothing(
    lab: Fleet, before: dict[str, dict[str, str]]
) -> None:
    with faults.PORT_6443_HELD.on(lab.host("node1")):
        report = init(lab, 3)
    assert report["phases"] == []
    lab.host("node3").run("systemctl stop ssh.socket ssh.service")
    try:
        done = lab.kscan("init", "lab.yaml", "--yes")
    finally:
        lab.host("node3").run("systemctl start ssh.service")
    assert done.returncode == 4
    assert "kscan: nothing was changed on any host" in done.stderr
    assert "node3: unreachable" in done.stderr
    done = lab.kscan("init", "lab.yaml")
    assert done.returncode == 2
    assert "without a terminal to ask on say --yes" in done.stderr
    done = lab.kscan("init", "lab.yaml", "--plan")
    assert done.returncode == 0
    assert "kubeadm init --config kubeadm.yaml" in done.stdout
    assert lab.kubeadm_runs() == []
    assert verdicts(lab) == before


def test_killed_while_init_runs_it_goes_on_and_the_next_run_finds_its_end(lab: Fleet) -> None:
    assert lab.killed_when(INIT, "kscan: kubeadm init on node1", 4)
    (begun,) = lab.kubeadm_runs()
    assert begun.startswith("node1: init")
    assert lab.killed_when(INIT, "kscan: kubeadm join of the worker node3", 1.5)
    report = init(lab)
    assert lab.ready_nodes() == READY
    proven = Counter(result["verdict"] for result in report["verify"])
    assert proven["pass"] > 20
    assert proven["fail"] == proven["unknown"] == 0
    runs = lab.kubeadm_runs()
    assert sum(run.startswith("node1: init") for run in runs) == 1, "init was not run again"
    assert [run for run in runs if ": join" in run] == [
        "node2: join --config kubeadm.yaml",
        "node3: join --config kubeadm.yaml",
    ]
    assert not [run for run in runs if "reset" in run]
    assert set(outcomes(report).values()) <= {"done", "already"}


def test_all_that_the_inventory_asks_for_is_there(lab: Fleet) -> None:
    first = lab.host("node1")
    labels = first.run(f"{KUBECTL} get nodes -L lab.example/number --no-headers")
    assert re.findall(r"^(\S+) .* (\d)$", labels, re.MULTILINE) == [
        ("node1", "1"),
        ("node2", "2"),
        ("node3", "3"),
    ]
    rolled = first.run(f"{KUBECTL} -n lab-network get daemonset network --no-headers").split()
    assert rolled[1:4] == ["3", "3", "3"]
    assert first.run(f"{KUBECTL} get deployment web --no-headers").split()[1] == "1/1"


def test_no_secret_and_no_file_is_left(lab: Fleet) -> None:
    assert "bootstrap-token" not in lab.host("node1").run(SECRETS)
    for host in lab.hosts:
        assert host.run("ls -d /run/kscan-* /run/kscan.*[!k] 2>/dev/null || true") == ""
    conf = lab.folder / "admin.conf"
    assert conf.stat().st_mode & 0o777 == 0o600
    assert conf.read_text(encoding="utf-8") == lab.host("node1").run(
        "cat /etc/kubernetes/admin.conf"
    )
    kept = [path for path in lab.home.rglob("*") if path.is_file() and path.name != "admin.conf"]
    for path in kept:
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not re.search(r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b", text), path


def test_a_second_init_changes_nothing(lab: Fleet) -> None:
    first = lab.host("node1")
    versions = f"{KUBECTL} get nodes,daemonsets,deployments,configmaps,secrets -A -o jsonpath="
    # what kubelets, leases and elections change by themselves is no part of it
    versions += "'{range .items[*]}{.kind}/{.metadata.name} {.metadata.generation} "
    versions += '{.metadata.labels} {.spec} {.data}{"\\n"}{end}\''
    state, runs = first.run(versions), lab.kubeadm_runs()
    report = init(lab)
    assert lab.kubeadm_runs() == runs, "kubeadm was run"
    assert first.run(versions) == state
    found = outcomes(report)
    assert found["cni node1"] == found["addons node1"] == "already"
    assert {name for name in found if "kubeadm" in name or "join" in name} == set()


def test_init_of_a_finished_cluster_tries_a_workload(lab: Fleet) -> None:
    words = ("--smoke", "--smoke-image", whole.SMOKE_IMAGE, "--smoke-timeout", "240")
    done = lab.kscan("init", "lab.yaml", "--yes", "--format", "json", *words, within=1200)
    assert done.returncode == 0, done.stderr
    verified = json.loads(done.stdout)["verify"]
    tried = {row["check"]: row["verdict"] for row in verified if row["check"] >= "KS841"}
    assert tried == {f"KS84{number}": "pass" for number in range(1, 8)}, verified
    assert len(verified) > len(tried) + 20
    spaces = lab.host("node1").run(f"{KUBECTL} get namespaces -o name")
    assert "kscan-smoke" not in spaces


def test_two_at_once(lab: Fleet) -> None:
    """One on another machine has another folder; the master tells it."""
    elsewhere = lab.home / "elsewhere"
    elsewhere.mkdir()
    for path in lab.home.glob("*.yaml"):
        (elsewhere / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    first = lab.host("node1")
    first.run(
        "(exec 9>>/run/kscan.lock; flock 9; echo 'ann@elsewhere, run x' >/run/kscan.lock\n"
        "exec sleep 120) >/dev/null 2>&1 </dev/null &\n"
        "sleep 0.5"
    )
    try:
        done = lab.kscan("init", "elsewhere/lab.yaml", "--yes")
    finally:
        first.run("pkill -x -f 'sleep 120'")
    assert done.returncode == 2, done.stderr
    assert "node1: another kscan is at work on this cluster: ann@elsewhere, run x" in done.stderr


def test_a_worker_that_fails_is_named_with_kubeadms_words_and_joins_when_repaired(
    lab: Fleet,
) -> None:
    worker = lab.host("node3")
    done = lab.kscan("reset", "node3", "-i", "lab.yaml", "--yes")
    assert done.returncode == 0, done.stderr
    assert [*lab.ready_nodes()] == ["node1", "node2"]
    # what no check sees: the kubelet ends as soon as kubeadm starts it
    worker.run("mkdir -p /etc/systemd/system/kubelet.service.d")
    worker.write(
        "/etc/systemd/system/kubelet.service.d/99-bad.conf",
        "[Service]\nExecStart=\nExecStart=/bin/false\n",
    )
    worker.run("systemctl daemon-reload")
    report = init(lab, 3)
    found = outcomes(report)
    assert found["join-worker node3"] == "failed"
    (row,) = (row for row in report["phases"] if row["outcome"] == "failed")
    assert any("kubelet" in line for line in row["said"]), row
    assert report["ready"] is False
    worker.run("rm /etc/systemd/system/kubelet.service.d/99-bad.conf; systemctl daemon-reload")
    # cut off in the middle of undoing it: the next run goes on with that
    assert lab.killed_when(INIT, "kscan: kubeadm reset on node3, and what it leaves removed", 0.3)
    init(lab)
    assert lab.ready_nodes() == READY
    assert [run for run in lab.kubeadm_runs() if run.startswith("node3")][-2:] == [
        "node3: reset --force --cri-socket /var/run/dockershim.sock",
        "node3: join --config kubeadm.yaml",
    ]


def test_a_reset_of_all_gives_hosts_as_green_as_before(
    lab: Fleet, before: dict[str, dict[str, str]]
) -> None:
    done = lab.kscan("reset", *NAMES, "-i", "lab.yaml", "--yes")
    assert done.returncode == 0, done.stderr
    assert verdicts(lab) == before


def test_a_new_cluster_on_the_same_hosts_killed_in_every_phase(lab: Fleet) -> None:
    conf = lab.folder / "admin.conf"
    old = [conf.read_text(encoding="utf-8")] if conf.exists() else []
    runs = lab.kubeadm_runs()
    killed = [phase for phase in PHASES if lab.killed_when(INIT, f"kscan: {phase}", 0.1)]
    # what one run has been killed in may have ended well, and then the next one does not do it
    assert len(killed) >= len(PHASES) - 3
    report = init(lab)
    assert lab.ready_nodes() == READY
    # kubeadm_runs is by host: what is new is what there is more of
    new = Counter(lab.kubeadm_runs()) - Counter(runs)
    counts = Counter(run.split(" ")[1] for run in new.elements())
    assert (counts["init"], counts["join"], counts["reset"]) == (1, 2, 0)
    assert "bootstrap-token" not in lab.host("node1").run(SECRETS)
    assert report["ready"] is True
    assert conf.read_text(encoding="utf-8") not in old
    assert [path.read_text(encoding="utf-8") for path in lab.folder.glob("admin.conf.*")] == old


# Whoever holds the lock has it open; kscan's own shell is not killed by a name that others have.
_CUT_OFF = """\
for fd in /proc/[0-9]*/fd/*; do
	[ "$(readlink "$fd")" != /run/kscan.lock ] || kill -9 "$(echo "$fd" | cut -d / -f 3)"
done
:
"""


def test_a_run_that_loses_the_lock_stops_before_its_next_step(lab: Fleet) -> None:
    first = lab.host("node1")
    done = lab.kscan("reset", "node3", "-i", "lab.yaml", "--yes")
    assert done.returncode == 0, done.stderr
    kscan, said = lab.until(INIT, "kscan: kubeadm join of the worker node3")
    first.run(_CUT_OFF)
    said.append(kscan.communicate(timeout=600)[1])
    text = "".join(said)
    assert kscan.returncode == 2, text
    assert "the lock /run/kscan.lock was lost with its connection" in text
    assert "kubeadm join of the worker node3: done" in text, "what runs is waited for"
    assert "lab.example/number" not in first.run(f"{KUBECTL} get node node3 -o yaml || true")
    assert "bootstrap-token" in first.run(SECRETS), "it could be another run's"
    init(lab)
    assert lab.ready_nodes() == READY
    assert "bootstrap-token" not in first.run(SECRETS)


def test_a_node_that_a_reset_has_left_is_deleted_when_the_control_plane_works_again(
    lab: Fleet,
) -> None:
    first, manifest = lab.host("node1"), "/etc/kubernetes/manifests/kube-apiserver.yaml"
    first.run(f"mv {manifest} /root/; while ss -ltn | grep -q ':6443 '; do sleep 1; done")
    try:
        done = lab.kscan("reset", "node3", "-i", "lab.yaml", "--yes")
    finally:
        first.run(f"mv /root/kube-apiserver.yaml {manifest}")
    assert done.returncode == 0, done.stderr
    assert "no control plane works (node1)" in done.stderr
    first.run(f"until {KUBECTL} get nodes >/dev/null 2>&1; do sleep 1; done")
    assert "node/node3" in first.run(f"{KUBECTL} get nodes -o name")
    old = first.run(f"{KUBECTL} get node node3 -o jsonpath={{.metadata.uid}}")
    done = lab.kscan("join", "node3", "-i", "lab.yaml", "--yes")
    assert done.returncode == 0, done.stderr
    assert (
        "the cluster without the node node3, which an earlier reset has left: done" in done.stderr
    )
    assert lab.ready_nodes() == READY
    assert first.run(f"{KUBECTL} get node node3 -o jsonpath={{.metadata.uid}}") != old
