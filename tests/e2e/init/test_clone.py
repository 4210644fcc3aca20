"""A host that is a clone of a node's machine: that node is neither drained nor deleted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.init.fleet import KUBECTL, Fleet, fleet
from tests.lab.hosts import missing

pytestmark = pytest.mark.e2e
FILES = ("/etc/kubernetes/kubelet.conf", "/etc/kubernetes/pki/ca.crt")
NODE2 = (
    f"{KUBECTL} get node node2 -o jsonpath='{{.metadata.uid}} {{.spec}} {{.metadata.labels}}"
    " {.status.nodeInfo.machineID}'"
)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """A cluster of node1 and node2; the host node3 has node2's hostname and credentials."""
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with fleet(tmp_path_factory.mktemp("home"), "control-plane", "worker", "worker") as made:
        for name in ("node1", "node2"):
            # to the pods of a node that will not be one, which kscan would rightly refuse
            made.host(name).run("ip route del 10.244.3.0/24")
        done = made.kscan("init", "lab.yaml", "--limit", "node1,node2", "--yes", within=900)
        assert done.returncode == 0, done.stderr
        clone = made.host("node3")
        clone.run("echo node2 >/etc/hostname && hostname node2 && mkdir -p /etc/kubernetes/pki")
        for path in FILES:
            clone.write(path, made.host("node2").run(f"cat {path}"))
        yield made


def test_a_clone_does_not_drain_the_node_that_it_is_a_clone_of(lab: Fleet) -> None:
    first, clone = lab.host("node1"), lab.host("node3")
    ids = {host.run("cat /etc/machine-id") for host in (lab.host("node2"), clone)}
    assert len(ids) == 2, "the clone was booted with another machine-id"
    before, runs = first.run(NODE2), lab.kubeadm_runs()
    done = lab.kscan("reset", "node3", "-i", "lab.yaml", "--yes")
    assert done.returncode == 3, done.stderr
    assert "Node node2 is another machine than node3: its machine-id is" in done.stderr
    assert "Nothing was changed for this host" in done.stderr
    assert first.run(NODE2) == before
    assert lab.kubeadm_runs() == runs
    assert clone.run(f"ls {FILES[0]}").strip() == FILES[0]
    assert lab.ready_nodes() == {"node1": "Ready=True", "node2": "Ready=True"}


def test_an_unknown_machine_is_refused_too(lab: Fleet) -> None:
    """A clone with its machine-id as well could be the host at a new address."""
    first, clone = lab.host("node1"), lab.host("node3")
    own = clone.run("cat /etc/machine-id").strip()
    theirs = lab.host("node2").run("cat /etc/machine-id").strip()
    clone.run(f"echo {theirs} >/etc/machine-id")
    before, runs = first.run(NODE2), lab.kubeadm_runs()
    try:
        done = lab.kscan("reset", "node3", "-i", "lab.yaml", "--yes")
    finally:
        clone.run(f"echo {own} >/etc/machine-id")
    assert done.returncode == 3, done.stderr
    assert "nothing proves that the cluster's Node node2 is node3" in done.stderr
    assert first.run(NODE2) == before
    assert lab.kubeadm_runs() == runs


def test_the_node_itself_is_reset(lab: Fleet) -> None:
    done = lab.kscan("reset", "node2", "-i", "lab.yaml", "--yes")
    assert done.returncode == 0, done.stderr
    assert [*lab.ready_nodes()] == ["node1"]


def test_with_no_node_of_that_name_the_clone_is_reset(lab: Fleet) -> None:
    done = lab.kscan("reset", "node3", "-i", "lab.yaml", "--yes")
    assert done.returncode == 0, done.stderr
    assert lab.host("node3").run(f"ls {FILES[0]} 2>&1 || true").strip() != FILES[0]
