"""`kscan init` of three control planes and a worker, with the real kubeadm v1.20.2 and etcd."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.e2e.init.fleet import KUBECTL, Fleet, fleet
from tests.lab.hosts import missing

pytestmark = pytest.mark.e2e
ENDPOINT = "api.lab"
NAMES = ("node1", "node2", "node3", "node4")
MEMBERS = (
    "curl -sS --cacert /etc/kubernetes/pki/etcd/ca.crt"
    " --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt"
    " --key /etc/kubernetes/pki/etcd/healthcheck-client.key"
    " -X POST -d '{}' https://127.0.0.1:2379/v3/cluster/member/list"
)


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


def test_a_control_plane_that_is_reset_leaves_etcd_and_joins_again(lab: Fleet) -> None:
    done = lab.kscan("reset", "node3", "-i", "lab.yaml", "--yes")
    assert done.returncode == 0, done.stderr
    assert etcd_members(lab) == {"node1", "node2"}
    assert [*lab.ready_nodes()] == ["node1", "node2", "node4"]
    done = lab.kscan("join", "node3", "-i", "lab.yaml", "--yes")
    assert done.returncode == 0, done.stderr
    assert etcd_members(lab) == {"node1", "node2", "node3"}
    assert lab.ready_nodes() == dict.fromkeys(NAMES, "Ready=True")
