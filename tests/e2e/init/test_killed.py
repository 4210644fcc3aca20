"""kscan killed by SIGKILL while a control plane joins, in `join` and in `reset`: the same end.

Each round goes on with the hosts as the one before has left them: kscan is killed in one phase
after the other, every run after the first one begins where a killed one has stopped, and the last
one is left alone. With the real kubeadm v1.20.2.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.e2e.init.fleet import Fleet, fleet
from tests.e2e.init.kills import ROUNDS
from tests.lab.hosts import missing

pytestmark = pytest.mark.e2e
ENDPOINT = "api.lab"
CONTROL_PLANES = {"node1", "node2"}
LEFT = "/run/kscan-* /run/kscan.*[!k]"


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
