"""Whose Node it is, asked before the first change and once more before the Node is deleted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cluster.result import Outcome
from tests.cluster.machine import Machine, node, seen
from tests.cluster.reset.hosts import RESET_WORDS, changed, four, outcomes, reset, write


async def test_a_clone_neither_drains_nor_deletes_the_node_that_it_is_a_clone_of(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    write(machines["node1"], "node", node(seen(9), "node4"))
    runner = await reset(machines, four("node4"), tmp_path)
    assert changed(machines) == []
    assert outcomes(runner) == {"same-machine node4": Outcome.FAILED}
    assert "Node node4 is another machine than node4" in runner.dropped["node4"]
    assert runner.failure is not None


async def test_one_clone_does_not_stop_the_others(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    write(machines["node1"], "node", node(seen(4), "any"))
    cloned = four("node2", "node4")
    members = [
        replace(one, machine=seen(4)) if one.name == "node4" else one for one in cloned.members
    ]
    runner = await reset(machines, replace(cloned, members=tuple(members)), tmp_path)
    assert [*runner.dropped] == ["node2"]
    assert machines["node4"].calls("kubeadm") == [RESET_WORDS]
    assert not machines["node2"].calls("kubeadm")


async def test_a_worker_goes_that_is_its_node(machines: dict[str, Machine], tmp_path: Path) -> None:
    write(machines["node1"], "node", node(seen(4), "node4"))
    runner = await reset(machines, four("node4"), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    assert changed(machines)[-2:] == [
        "node1: delete node node4 --ignore-not-found",
        f"node4: {RESET_WORDS}",
    ]
    assert not machines["node1"].calls("curl"), "etcd has nothing to do with a worker"


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox sh"])
@pytest.mark.parametrize(
    ("address", "server"),
    [("192.0.2.1", "https://192.0.2.1:8443"), ("fd00::1", "https://[fd00::1]:8443")],
)
async def test_the_api_is_asked_on_the_host_that_stays_wherever_the_endpoint_leads_to(
    machines: dict[str, Machine], tmp_path: Path, shell: str, address: str, server: str
) -> None:
    """admin.conf names controlPlaneEndpoint, which may be the very host that is reset."""
    first = machines["node1"]
    first.shell = shell
    first.env["no_proxy"] = "10.0.0.0/8"
    write(first, "node", node(seen(4), "node4"))
    (first.folder / "etc" / "manifests").mkdir()
    flags = (f"--advertise-address={address}", "--allow-privileged=true", "--secure-port=8443")
    manifest = "\n".join(f"    - {flag}" for flag in ("kube-apiserver", *flags))
    write(first, "etc/manifests/kube-apiserver.yaml", f"{manifest}\n")
    runner = await reset(machines, four("node4"), tmp_path)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    assert first.calls("kubectl")[-1] == "delete node node4 --ignore-not-found"
    assert first.calls("server") == [f"{server} 10.0.0.0/8,{address}"] * len(first.calls("kubectl"))


async def test_a_node_that_became_another_machines_meanwhile_is_not_deleted(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    first = machines["node1"].folder / "node"
    first.write_text(node(seen(4), "node4"), encoding="utf-8")
    kubeadm = machines["node4"].folder / "bin" / "kubeadm"
    text = node(seen(9), "node4")
    kubeadm.write_text(f"#!/bin/sh\ncat >{first} <<'E'\n{text}E\n", encoding="utf-8")
    runner = await reset(machines, four("node4"), tmp_path)
    assert outcomes(runner)["reset node4"] == Outcome.DONE
    assert outcomes(runner)["delete-node node4"] == Outcome.FAILED
    assert "The host was reset, and the Node is left as it is" in runner.dropped["node4"]
    assert not [call for call in changed(machines) if "delete node" in call]


async def test_an_api_that_does_not_answer_stops_before_the_first_change(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    write(machines["node1"], "kubectl.fails", "get node\n")
    runner = await reset(machines, four("node3", "node4"), tmp_path)
    assert changed(machines) == []
    assert {*runner.dropped} == {"node3", "node4"}


async def test_pods_that_could_not_be_moved_away_are_said(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    """A budget may keep them, or a kubelet that is dead: the host is reset all the same."""
    write(machines["node1"], "node", node(seen(4), "node4"))
    drain = "drain node4 --ignore-daemonsets --force --delete-local-data --timeout=120s\n"
    write(machines["node1"], "kubectl.fails", drain)
    said: list[str] = []
    runner = await reset(machines, four("node4"), tmp_path, said.append)
    assert set(outcomes(runner).values()) == {Outcome.DONE}
    line = "node4: not all pods could be moved away, and it goes on: see the log of node1"
    assert line in said
