"""`kscan init` of three control planes and a worker, with the real kubeadm v1.20.2 and etcd."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.init.fleet import KUBECTL, Fleet, fleet
from tests.lab.hosts import missing

pytestmark = pytest.mark.e2e
ENDPOINT = "api.lab"
NAMES = ("node1", "node2", "node3", "node4")
CURL = (
    "curl -sS --cacert /etc/kubernetes/pki/etcd/ca.crt"
    " --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt"
    " --key /etc/kubernetes/pki/etcd/healthcheck-client.key"
)
MEMBERS = f"{CURL} -X POST -d '{{}}' https://127.0.0.1:2379/v3/cluster/member/list"
HEALTHY = '{"health":"true"}'
RESET = ("-i", "lab.yaml", "--yes")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    roles = ("control-plane", "control-plane", "control-plane", "worker")
    with fleet(tmp_path_factory.mktemp("home"), *roles) as made:
        for host in made.hosts:  # stands for a load balancer
            host.run(f"echo '{made.hosts[0].address} {ENDPOINT}' >>/etc/hosts")
        made.write_inventory(f"{ENDPOINT}:6443")
        yield made


def etcd_members(lab: Fleet) -> set[str]:
    return {member["name"] for member in json.loads(lab.hosts[0].run(MEMBERS))["members"]}


def etcd_is_healthy(lab: Fleet, name: str) -> bool:
    """Asked from node1, as a member of the cluster would."""
    url = f"https://{lab.host(name).address}:2379/health"
    return lab.hosts[0].run(f"{CURL} --max-time 3 {url} || true").strip() == HEALTHY


def until(what: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(1)


def test_three_control_planes_and_a_worker(lab: Fleet) -> None:
    done = lab.kscan("init", "lab.yaml", "--yes", "--format", "json", within=1200)
    assert done.returncode == 0, done.stderr
    assert lab.ready_nodes() == dict.fromkeys(NAMES, "Ready=True")
    assert etcd_members(lab) == {"node1", "node2", "node3"}
    secrets = lab.hosts[0].run(f"{KUBECTL} -n kube-system get secrets -o name")
    assert "kubeadm-certs" not in secrets
    assert "bootstrap-token" not in secrets
    joins = [run for run in lab.kubeadm_runs() if ": join" in run]
    assert [run.split(":")[0] for run in joins] == ["node2", "node3", "node4"]
    assert not [run for run in lab.kubeadm_runs() if "certificate-key " in run]


def test_a_reset_that_would_cost_etcd_its_quorum_changes_nothing(lab: Fleet) -> None:
    """One of the other two is down: one more would leave one of two."""
    second, runs = lab.host("node2"), lab.kubeadm_runs()
    manifest = "/etc/kubernetes/manifests/etcd.yaml"
    second.run(f"mv {manifest} /root/etcd.yaml")
    try:
        until(lambda: not etcd_is_healthy(lab, "node2"))
        for names in (("node3",), ("node3", "node4")):
            done = lab.kscan("reset", *names, *RESET)
            assert done.returncode == 3, done.stderr
            assert "without node3 etcd would lose its quorum" in done.stderr
            assert "node2 (https://" in done.stderr
        assert lab.kubeadm_runs() == runs
        assert etcd_members(lab) == {"node1", "node2", "node3"}
        specs = lab.hosts[0].run(f"{KUBECTL} get nodes -o jsonpath='{{.items[*].spec}}'")
        assert "unschedulable" not in specs
        assert etcd_is_healthy(lab, "node3")
    finally:
        second.run(f"mv /root/etcd.yaml {manifest}")
    until(lambda: etcd_is_healthy(lab, "node2"))


def test_a_member_leaves_etcd_before_its_host_is_reset(lab: Fleet) -> None:
    """Without admin.conf kubeadm v1.20 resets the host, leaves its member, and exits with 0."""
    lab.host("node3").run("mv /etc/kubernetes/admin.conf /root/")
    began = time.monotonic()
    done = lab.kscan("reset", "node3", *RESET)
    assert done.returncode == 0, done.stderr
    assert etcd_members(lab) == {"node1", "node2"}
    assert etcd_is_healthy(lab, "node1")
    assert etcd_is_healthy(lab, "node2")
    assert not lab.host("node3").run("ls -A /var/lib/etcd").strip()
    assert [run for run in lab.kubeadm_runs() if "--skip-phases=remove-etcd-member" in run]
    log = (lab.folder / "logs" / "node1.log").read_text(encoding="utf-8")
    # before the removal, its own answer, the list that proves it, and the one after the reset
    assert log.count("members {") >= 3
    assert time.monotonic() - began < 240, "kubeadm must not wait for a member that is gone"
    done = lab.kscan("join", "node3", *RESET)
    assert done.returncode == 0, done.stderr
    assert etcd_members(lab) == {"node1", "node2", "node3"}


def test_a_control_plane_that_is_reset_leaves_etcd_and_joins_again(lab: Fleet) -> None:
    done = lab.kscan("reset", "node3", "-i", "lab.yaml", "--yes")
    assert done.returncode == 0, done.stderr
    assert etcd_members(lab) == {"node1", "node2"}
    assert etcd_is_healthy(lab, "node1")
    assert etcd_is_healthy(lab, "node2")
    assert [*lab.ready_nodes()] == ["node1", "node2", "node4"]
    done = lab.kscan("join", "node3", "-i", "lab.yaml", "--yes")
    assert done.returncode == 0, done.stderr
    assert etcd_members(lab) == {"node1", "node2", "node3"}
    assert lab.ready_nodes() == dict.fromkeys(NAMES, "Ready=True")


def test_the_master_is_not_the_cluster_where_others_stay(lab: Fleet) -> None:
    """Nor is the host that the endpoint leads to; it leads to node2 after that."""
    done = lab.kscan("reset", "node1", *RESET)
    assert done.returncode == 0, done.stderr
    assert f"controlPlaneEndpoint {ENDPOINT} leads to node1" in done.stderr
    address = lab.host("node2").address
    for host in lab.hosts:
        host.run(
            f"sed 's/^.* {ENDPOINT}$/{address} {ENDPOINT}/' /etc/hosts >/tmp/hosts\n"
            "cat /tmp/hosts >/etc/hosts"
        )
    second = lab.host("node2")
    members = json.loads(second.run(MEMBERS))["members"]
    assert {member["name"] for member in members} == {"node2", "node3"}
    nodes = second.run(f"{KUBECTL} get nodes -o name").split()
    assert nodes == ["node/node2", "node/node3", "node/node4"]


def test_of_two_control_planes_one_can_be_reset(lab: Fleet) -> None:
    """Its member leaves while it still counts: etcd on the other one keeps its quorum."""
    done = lab.kscan("reset", "node3", "--master", "node2", *RESET)
    assert done.returncode == 0, done.stderr
    second = lab.host("node2")
    members = json.loads(second.run(MEMBERS))["members"]
    assert {member["name"] for member in members} == {"node2"}
    assert second.run(f"{CURL} https://127.0.0.1:2379/health").strip() == HEALTHY
    nodes = second.run(f"{KUBECTL} get nodes -o name").split()
    assert nodes == ["node/node2", "node/node4"]
    status = second.run(f"{KUBECTL} -n kube-system get cm kubeadm-config -o yaml")
    assert "node3" not in status, "kubeadm v1.20 would go by it at the next join"


def test_all_that_are_left_can_be_reset(lab: Fleet) -> None:
    done = lab.kscan("reset", "node2", "node4", "--master", "node2", *RESET)
    assert done.returncode == 0, done.stderr
    for name in ("node2", "node4"):
        assert "kubelet.conf" not in lab.host(name).run("ls /etc/kubernetes")
