"""Nodes that a reset has left while no control plane worked: known until they are gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cluster.execute import Execute
from scanner.cluster.journal import Entry, Event
from scanner.cluster.left_nodes import left_lines, settle, settle_members
from scanner.cluster.phase import NODE_LEFT
from scanner.cluster.place import Place
from scanner.cluster.plan import Plan
from scanner.cluster.result import Outcome
from scanner.cluster.sequence import JOIN, RESET
from scanner.cluster.steps.token import TOKENS
from scanner.target import Role
from tests.cluster.machine import Machine, member, node, place, plan, seen
from tests.cluster.runs import RESET as RESET_CALL
from tests.cluster.runs import outcomes, run

DELETE = "delete node node2 --ignore-not-found"


def cluster(where: Place, *, works: bool, joined: bool, named: str = "node2") -> Plan:
    """node1 is the master, and node2 a worker of its cluster, or was one."""
    made = plan(
        member("node1", Role.INIT, joined=works),
        member("node2", Role.JOIN_WORKER, joined=joined),
        named=frozenset({named}),
    )
    return replace(made, nodes_left=where.journal.nodes_left)


async def left(machines: dict[str, Machine], path: Path) -> Place:
    """node2 was reset, and nobody could be asked to delete its Node; the next run's place."""
    (machines["node1"].folder / "node").write_text(node(seen(2)), encoding="utf-8")
    where = place(path)
    await run(machines, cluster(where, works=False, joined=True), where, RESET)
    assert machines["node2"].calls("kubeadm") == [RESET_CALL]
    assert not machines["node1"].calls("kubectl")
    return place(path, "run2")


async def test_a_later_reset_deletes_the_node_and_forgets_it(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = await left(machines, tmp_path / "place")
    assert where.journal.nodes_left == {"node2"}
    await run(machines, cluster(where, works=True, joined=False), where, RESET)
    assert machines["node1"].calls("kubectl")[-1] == DELETE
    assert place(tmp_path / "place").journal.nodes_left == frozenset()


async def test_a_join_deletes_the_node_first(machines: dict[str, Machine], tmp_path: Path) -> None:
    where = await left(machines, tmp_path / "place")
    runner = await run(machines, cluster(where, works=True, joined=False), where, JOIN)
    assert outcomes(runner)[f"{NODE_LEFT} node2"] == Outcome.DONE
    calls = machines["node1"].calls("kubectl")
    assert calls[1] == DELETE, "after the question whether the Node is this host"
    assert machines["node2"].calls("kubeadm") == [RESET_CALL, "join --config kubeadm.yaml"]
    again = place(tmp_path / "place", "run3")
    assert again.journal.nodes_left == frozenset()
    await run(machines, cluster(again, works=True, joined=True), again, JOIN)
    assert machines["node1"].calls("kubectl").count(DELETE) == 1


async def test_a_node_that_is_another_machine_by_now_is_not_deleted_and_not_taken(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = await left(machines, tmp_path / "place")
    (machines["node1"].folder / "node").write_text(node(seen(9)), encoding="utf-8")
    runner = await run(machines, cluster(where, works=True, joined=False), where, JOIN)
    assert "the cluster's Node node2 is another machine than node2" in runner.dropped["node2"]
    assert DELETE not in machines["node1"].calls("kubectl")
    assert machines["node2"].calls("kubeadm") == [RESET_CALL]
    assert place(tmp_path / "place").journal.nodes_left == {"node2"}


async def test_what_no_control_plane_can_be_asked_for_stays_known(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = await left(machines, tmp_path / "place")
    await run(machines, cluster(where, works=False, joined=False), where, RESET)
    assert place(tmp_path / "place").journal.nodes_left == {"node2"}


async def test_a_run_that_was_ended_between_the_reset_and_the_deletion_leaves_it_known(
    machines: dict[str, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machines["node1"].folder / "node").write_text(node(seen(2)), encoding="utf-8")
    where = place(tmp_path / "place")
    with monkeypatch.context() as patch:

        async def ended(*_: object) -> None:
            raise RuntimeError  # as if by SIGKILL: nothing is done after it

        patch.setattr(Execute, "attach", ended)
        with pytest.raises(ExceptionGroup):
            await run(machines, cluster(where, works=True, joined=True), where, RESET)
    assert DELETE not in machines["node1"].calls("kubectl")
    assert place(tmp_path / "place").journal.nodes_left == {"node2"}


async def test_a_reset_that_could_delete_it_leaves_nothing(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    (machines["node1"].folder / "node").write_text(node(seen(2)), encoding="utf-8")
    where = place(tmp_path / "place")
    await run(machines, cluster(where, works=True, joined=True), where, RESET)
    assert DELETE in machines["node1"].calls("kubectl")
    assert where.journal.nodes_left == frozenset()


def noted(path: Path, *hosts: str) -> Place:
    where = place(path)
    for name in hosts:
        where.journal.add(Entry(NODE_LEFT, name, Event.BEGUN, "run0", "2026-11-26"))
    return where


def test_each_host_is_noted_for_itself_and_is_no_debt_of_tokens(tmp_path: Path) -> None:
    where = noted(tmp_path / "place", "node2", "node3")
    settle(where, ["node3", "node9"])
    where.journal.add(Entry(TOKENS, "node1", Event.BEGUN, "run0", "2026-11-26"))
    journal = place(tmp_path / "place").journal
    assert journal.nodes_left == {"node2"}
    assert journal.owed == {TOKENS}
    assert journal.owed_for("node2") == {TOKENS, NODE_LEFT}
    assert journal.owed_for("node3") == {TOKENS}
    assert [*journal.open_jobs()] == []


def test_a_host_that_is_a_node_again_owes_nothing(tmp_path: Path) -> None:
    where = noted(tmp_path / "place", "node2", "node3")
    settle_members(where, cluster(where, works=True, joined=True))
    assert where.journal.nodes_left == {"node3"}


def test_a_host_that_takes_no_part_is_named_with_the_command(tmp_path: Path) -> None:
    where = noted(tmp_path / "place", "node2", "node3", "node4")
    known = frozenset({"node1", "node2", "node3"})
    wanted = cluster(where, works=True, joined=False)
    (line,) = left_lines(wanted, known, "our prod.yaml")
    assert line.startswith("node3: an earlier run has reset it")
    assert "`kscan reset node3 -i 'our prod.yaml'` deletes it" in line
    assert [*left_lines(cluster(where, works=False, joined=False), known, "prod.yaml")] == []
