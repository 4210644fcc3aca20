"""kscan killed by SIGKILL while a control plane joins, in `join` and in `reset`: the same end.

Each round goes on with the hosts as the one before has left them: kscan is killed in one phase
after the other, every run after the first one begins where a killed one has stopped, and the last
one is left alone. With the real kubeadm v1.20.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.init.fleet import PROOF, Fleet, fleet
from tests.lab.hosts import missing

pytestmark = pytest.mark.e2e
ENDPOINT = "api.lab"
CONTROL_PLANES = {"node1", "node2"}
ALL = ("node1", "node2", "node3")
LEFT = "/run/kscan-* /run/kscan.*[!k]"


@dataclass(frozen=True, slots=True)
class Round:
    """One command, where it is killed, and what there is at its end."""

    words: tuple[str, ...]
    phases: tuple[tuple[str, float], ...]
    """What it says, and seconds after that; in the order in which runs come to it.

    What runs detached is killed in its middle: if it had not begun, the next run would begin it.
    """
    nodes: tuple[str, ...]
    runs: Counter[str]
    """How often kubeadm was run, by its command; `reset` may be repeated."""
    missed: int = 0
    """So many may be over already: what a run was killed in may have ended well."""


BEFORE_JOINS = (
    ("admin.conf of node1 to this machine", 0.1),
    ("a bootstrap token for the joins, on node1", 0.1),
    ("what a run that was ended has left in the cluster revoked, on node1", 0.1),
    ("the control plane's certificates, encrypted, into the cluster, on node1", 0.1),
    ("what a run that was ended has left in the cluster revoked, on node1", 0.1),
)
JOINS = (
    ("kubeadm join of the control plane node2", 6.0),
    ("kubeadm join of the worker node3", 2.0),
    ("labels of the node node[123]", 0.1),
    ("the node node[123] becomes Ready", 0.1),
)
AT_THE_END = (
    (PROOF, 0.1),
    ("the token revoked, on node1", 0.1),
)
ROUNDS = {
    "init": Round(
        ("init", "lab.yaml", "--network", "off"),
        (
            ("kubeadm init on node1", 4.0),
            ("the network add-on applied, on node1", 0.1),
            *BEFORE_JOINS,
            *JOINS,
            ("the network add-on rolled out, on node1", 0.1),
            ("kube-proxy and DNS rolled out, on node1", 0.1),
            ("the add-ons applied, on node1", 0.1),
            ("the add-ons rolled out, on node1", 0.1),
            *AT_THE_END,
        ),
        ALL,
        Counter(init=1, join=2),
        missed=2,
    ),
    "reset": Round(
        ("reset", "node2", "node3", "-i", "lab.yaml"),
        (
            ("pods moved away from node3", 0.1),
            ("pods moved away from node2", 0.1),
            ("kubeadm reset on node3, and what it leaves removed", 4.0),
            ("kubeadm reset on node2, and what it leaves removed", 4.0),
            ("the node node3 deleted", 0.1),
            ("the node node2 deleted", 0.1),
        ),
        ("node1",),
        Counter(),
        missed=1,
    ),
    "join": Round(
        ("join", "node2", "node3", "-i", "lab.yaml", "--network", "off"),
        (*BEFORE_JOINS, *JOINS, *AT_THE_END),
        ALL,
        Counter(join=2),
        missed=2,
    ),
    "reset of the control plane": Round(
        ("reset", "node2", "-i", "lab.yaml"), (), ("node1", "node3"), Counter()
    ),
    "join, its certificates": Round(
        ("join", "node2", "-i", "lab.yaml", "--network", "off"),
        (("the certificates taken out of the cluster, on node1", 0.0),),
        ALL,
        Counter(join=1),
    ),
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    roles = ("control-plane", "control-plane", "worker")
    with fleet(tmp_path_factory.mktemp("home"), *roles) as made:
        for host in made.hosts:  # stands for a load balancer
            host.run(f"echo '{made.hosts[0].address} {ENDPOINT}' >>/etc/hosts")
        made.write_inventory(f"{ENDPOINT}:6443")
        yield made


@pytest.mark.parametrize("name", ROUNDS)
def test_killed_in_each_phase_and_run_again(lab: Fleet, name: str) -> None:
    wanted = ROUNDS[name]
    before = Counter(lab.kubeadm_runs())
    killed = [
        phase
        for phase, after in wanted.phases
        if lab.killed_when(wanted.words, f"kscan: {phase}", after)
    ]
    assert len(killed) >= len(wanted.phases) - wanted.missed, killed
    done = lab.kscan(*wanted.words, "--yes", within=1200)
    assert done.returncode == 0, f"{killed}\n{done.stderr}"
    assert lab.ready_nodes() == dict.fromkeys(wanted.nodes, "Ready=True")
    assert lab.etcd_members() == CONTROL_PLANES & set(wanted.nodes)
    assert lab.secrets_of_joins() == []
    new = Counter(lab.kubeadm_runs()) - before
    # `init phase upload-certs` is another command, and is run for each new key
    counts = Counter(" ".join(run.split(" ")[1:3]) for run in new.elements())
    for word in ("init", "join"):
        assert counts[f"{word} --config"] == wanted.runs[word], new
    if "reset" not in wanted.words:
        assert counts["reset --force"] == 0, "nothing is undone that goes on by itself"
    for host in lab.hosts:
        assert host.run(f"ls -d {LEFT} 2>/dev/null || true") == ""
