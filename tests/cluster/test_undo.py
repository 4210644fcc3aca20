"""Undoing that was cut off is finished by the next run, or it says what is to be done by hand."""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cluster.execute import Execute
from scanner.cluster.half_done import half_done, not_to_be_asked
from scanner.cluster.journal import Entry, Event
from scanner.cluster.lock import LockLost
from scanner.cluster.place import Place
from scanner.cluster.plan import Member, Plan
from scanner.cluster.recover import Recovery
from scanner.errors import ClusterError, HostUnreachable
from scanner.membership import Membership, State
from scanner.request import Cluster, ExternalEtcd, NodeRole, Request
from scanner.target import Role
from tests.cluster.machine import (
    Machine,
    credentials,
    host,
    member,
    node,
    place,
    plan,
    seen,
)
from tests.cluster.runs import (
    RESET,
    after_failure,
    executing,
    failed_join,
    run,
    three,
    undone,
    work,
)

DELETE = "delete node node2 --ignore-not-found"


def as_found(**fields: object) -> Plan:
    """The cluster is there, and node2 was found so."""
    wanted = after_failure()
    first, second, third = wanted.members
    return replace(wanted, members=(first, replace(second, **fields), third))  # type: ignore[arg-type]


async def cut_off(machines: dict[str, Machine], path: Path) -> Place:
    """A join of node2 has failed, and kscan was killed in the middle of its `kubeadm reset`."""
    where, _ = await failed_join(machines, path)
    (machines["node2"].folder / "slow").touch()
    task = asyncio.create_task(undone(machines, where))
    for _ in range(400):
        if RESET in machines["node2"].calls("kubeadm"):
            break
        await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.wait({task})
    (machines["node2"].folder / "slow").unlink()
    begun = where.journal.last("undo", "node2")
    assert begun is not None
    assert begun.event is Event.BEGUN
    assert DELETE not in machines["node1"].calls("kubectl")
    return place(path, "run3")


def is_closed(where: Place) -> bool:
    return not [*where.journal.open_jobs()] and half_done(where, lambda _: False) == ()


async def test_the_next_run_waits_for_its_end_and_finishes_it(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = await cut_off(machines, tmp_path / "place")
    assert [entry.phase for entry in where.journal.open_jobs()] == ["join-worker", "undo"]
    await undone(machines, where)
    assert DELETE in machines["node1"].calls("kubectl")
    assert machines["node2"].calls("kubeadm")[-2:] == [RESET, RESET], "what is proven is safe twice"
    assert is_closed(where)
    assert machines["node2"].left == []


async def test_on_a_host_that_is_clean_only_its_node_is_deleted(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    """It was reset, by the run that was killed or by hand, and started anew."""
    where = await cut_off(machines, tmp_path / "place")
    shutil.rmtree(machines["node2"].folder / "run")
    (machines["node2"].folder / "run").mkdir()
    (entry,) = half_done(where, lambda _: True)
    assert entry.host == "node2", "though it is ready by now"
    await undone(machines, where, as_found(clean=True))
    assert DELETE in machines["node1"].calls("kubectl")
    assert machines["node2"].calls("kubeadm").count(RESET) == 1
    assert is_closed(where)


async def test_where_nothing_proves_anything_the_host_and_the_command_are_named(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = await cut_off(machines, tmp_path / "place")
    shutil.rmtree(machines["node2"].folder / "run")
    (machines["node2"].folder / "run").mkdir()
    said = await undone(machines, where, as_found(clean=False))
    assert "an earlier run began to undo join-worker" in said[-1]
    assert f"run on node2 as root `kubeadm {RESET}`, then the same command again" in said[-1]
    assert machines["node2"].calls("kubeadm").count(RESET) == 1
    assert not is_closed(where), "the next run asks again"


async def test_one_that_was_joined_by_hand_meanwhile_is_left_alone(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = await cut_off(machines, tmp_path / "place")
    await undone(machines, where, as_found(joined=True))
    assert DELETE not in machines["node1"].calls("kubectl")
    assert is_closed(where)


async def test_a_node_of_another_machine_is_neither_deleted_nor_its_namesake_undone(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    """kubeadm refuses a join under the name of a Node that is Ready."""
    where, _ = await failed_join(machines, tmp_path / "place")
    (machines["node1"].folder / "node").write_text(node(seen(9)), encoding="utf-8")
    with pytest.raises(ClusterError, match="Node node2 is another machine than node2"):
        await undone(machines, where)
    assert DELETE not in machines["node1"].calls("kubectl")
    assert RESET not in machines["node2"].calls("kubeadm")
    assert not is_closed(where)


async def test_a_failed_undoing_is_tried_again(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, _ = await failed_join(machines, tmp_path / "place")
    kubeadm = machines["node2"].folder / "bin" / "kubeadm"
    good = kubeadm.read_text(encoding="utf-8")
    kubeadm.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    with pytest.raises(ClusterError, match="node2: `kubeadm reset` has failed"):
        await undone(machines, where)
    kubeadm.write_text(good, encoding="utf-8")
    again = place(tmp_path / "place", "run3")
    await undone(machines, again)
    assert machines["node2"].calls("kubeadm")[-1] == RESET
    assert is_closed(again)


async def test_the_proof_stays_until_the_node_is_deleted_too(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where, _ = await failed_join(machines, tmp_path / "place")
    fails = machines["node1"].folder / "kubectl.fails"
    fails.write_text("delete node\n", encoding="utf-8")
    with pytest.raises(ClusterError, match="undone, but its node node2 could not be deleted"):
        await undone(machines, where)
    assert len(machines["node2"].left) == 1
    fails.unlink()
    again = place(tmp_path / "place", "run3")
    await undone(machines, again, as_found(clean=False))
    assert DELETE in machines["node1"].calls("kubectl")
    assert is_closed(again)
    assert machines["node2"].left == []


async def test_a_worker_whose_node_nobody_can_delete_stays_open(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    """No control plane works: with the entry closed nobody would know of the Node any more."""
    where, _ = await failed_join(machines, tmp_path / "place")
    said = await undone(machines, where, three())
    assert machines["node2"].calls("kubeadm")[-1] == RESET
    assert said[-1].startswith("node2: undone, but no control plane works that could delete its")
    assert said[-1].endswith("and so does `kubectl delete node node2`")
    assert DELETE not in machines["node1"].calls("kubectl")
    again = place(tmp_path / "place", "run3")
    assert not is_closed(again)
    shutil.rmtree(machines["node2"].folder / "run")  # started anew meanwhile
    (machines["node2"].folder / "run").mkdir()
    await undone(machines, again, as_found(clean=True))
    assert DELETE in machines["node1"].calls("kubectl")
    assert is_closed(again)


async def test_a_host_that_is_lost_while_it_is_undone_has_not_failed(
    machines: dict[str, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, _ = await failed_join(machines, tmp_path / "place")

    async def lost(*_: object) -> None:
        raise HostUnreachable("node2: it does not answer")

    monkeypatch.setattr(Execute, "start", lost)
    with pytest.raises(
        HostUnreachable, match="node2: join-worker was not undone to its end: node2"
    ):
        await undone(machines, where)
    assert not is_closed(where)


async def test_a_half_done_init_is_undone_though_nobody_can_be_asked(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    where = place(tmp_path / "place")
    (machines["node1"].folder / "fails").write_text("error: no\n", encoding="utf-8")
    (machines["node1"].folder / "etc" / "admin.conf").unlink()
    await run(machines, three(), where)
    again = place(tmp_path / "place", "run2")
    entries = half_done(again, lambda name: name != "node1")
    async with executing(machines, credentials()) as execute:
        changed = await Recovery(again, execute, lambda _: None).undo(entries, three())
    assert changed == entries
    assert machines["node1"].calls("kubeadm")[-1] == RESET
    assert not [call for call in machines["node1"].calls("kubectl") if "delete node" in call]
    assert is_closed(again)


JOIN = "join-control-plane"


@pytest.mark.parametrize(
    ("state", "phase", "role", "stays"),
    [
        (State.HALF_DONE, JOIN, Role.JOIN_CONTROL_PLANE, True),
        (State.UNKNOWN, JOIN, Role.JOIN_CONTROL_PLANE, True),
        (None, JOIN, Role.JOIN_CONTROL_PLANE, True),  # not seen
        (State.HALF_DONE, JOIN, Role.INIT, True),  # with another --master by now
        (State.NONE, JOIN, Role.JOIN_CONTROL_PLANE, False),
        (State.MEMBER, JOIN, Role.JOIN_CONTROL_PLANE, False),
        (State.HALF_DONE, "kubeadm-init", Role.INIT, False),
        (State.HALF_DONE, "join-worker", Role.JOIN_WORKER, False),
    ],
)
def test_a_control_plane_that_etcd_may_need_is_undone_only_where_etcd_can_be_asked(
    state: State | None, phase: str, role: Role, *, stays: bool
) -> None:
    """The members that it was to join could lose the quorum for good with its data."""
    hosts = (host("node1", NodeRole.CONTROL_PLANE), host("node2", NodeRole.CONTROL_PLANE))
    found: list[Member] = [member("node2", role)]
    if state is not None:
        first = member("node1", Role.INIT, joined=state is State.MEMBER)
        target = replace(first.target, membership=Membership(state))
        found.insert(0, replace(first, target=target))
    entry = Entry(phase, "node2", Event.FAILED, "run0", "", "job", clean=True)
    why = not_to_be_asked(entry, plan(*found), Request(hosts))
    assert bool(why) is stays
    assert not why or why.endswith("etcd can do without it: repair node1 first, then again")
    external = replace(Cluster(), etcd=ExternalEtcd(("https://192.0.2.9:2379",)))
    assert not not_to_be_asked(entry, replace(plan(*found), cluster=external), Request(hosts))


async def test_neither_looking_nor_undoing_is_done_without_the_lock(
    machines: dict[str, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cluster.lock._TRIES", 1)
    where, entry = await failed_join(machines, tmp_path / "place")
    path = machines["node1"].folder / "run" / "kscan.lock"
    path.write_text("bob@b, run 2\nturn\n", encoding="utf-8")
    holding = await asyncio.create_subprocess_exec("flock", "--no-fork", str(path), "sleep", "60")
    try:
        await asyncio.sleep(0.2)
        for step in (
            work(machines, where, lambda _: None).attach(),
            work(machines, where, lambda _: None).undo((entry,), after_failure()),
        ):
            with pytest.raises(ClusterError, match=r"another kscan is at work.*bob@b, run 2"):
                await step
    finally:
        holding.kill()
        await holding.wait()
    assert RESET not in machines["node2"].calls("kubeadm")
    await work(machines, where, lambda _: None).undo((entry,), after_failure())
    assert RESET in machines["node2"].calls("kubeadm")


async def test_where_the_master_is_not_reached_nothing_is_looked_for(
    machines: dict[str, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cluster.connections._PAUSE", 0.0)
    where = await cut_off(machines, tmp_path / "place")
    machines["node1"].reachable = False
    said: list[str] = []
    await work(machines, where, said.append).attach()
    (line,) = said
    assert line.startswith("node1: ")
    assert line.endswith("what an earlier run began is not looked for")
    assert [entry.event for entry in where.journal.open_jobs()] == [Event.FAILED, Event.BEGUN]


async def test_undoing_stops_when_the_lock_is_lost(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    class Lost:
        def check(self) -> None:
            raise LockLost("node1: the lock was lost")

    where, entry = await failed_join(machines, tmp_path / "place")
    async with executing(machines, credentials()) as execute:
        execute.lock = Lost()
        with pytest.raises(LockLost):
            await Recovery(where, execute, lambda _: None).undo((entry,), after_failure())
    assert RESET not in machines["node2"].calls("kubeadm")
