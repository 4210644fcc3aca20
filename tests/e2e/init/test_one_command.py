"""The short one, for each change: a cluster of three real hosts by one command, as another user."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.init.fleet import fleet
from tests.lab.hosts import missing

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("user", ["ops"])
def test_one_control_plane_and_two_workers(tmp_path: Path, user: str) -> None:
    """`ops` becomes root by sudo."""
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with fleet(tmp_path, "control-plane", "worker", "worker") as lab:
        done = lab.kscan("init", "lab.yaml", "-u", user, "--yes", "--format", "json")
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert {row["outcome"] for row in report["phases"]} <= {"done", "already"}
        assert lab.ready_nodes() == dict.fromkeys(("node1", "node2", "node3"), "Ready=True")
        verdicts = Counter(result["verdict"] for result in report["verify"])
        assert verdicts["pass"] > 20
        assert not verdicts["fail"] + verdicts["unknown"], report["verify"]
        assert report["ready"] is True
        runs = lab.kubeadm_runs()
        again = lab.kscan("init", "lab.yaml", "-u", user, "--yes", "--format", "json")
        assert again.returncode == 0, again.stderr
        assert lab.kubeadm_runs() == runs
