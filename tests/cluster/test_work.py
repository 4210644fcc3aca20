"""What a run is in: connections, the lock, the proof at its end, and an interrupt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from scanner.cluster.action import Action
from scanner.cluster.lock import LockLost
from scanner.cluster.prove import Prove
from scanner.cluster.result import Outcome
from scanner.cluster.sequence import FINISH, INIT
from scanner.errors import HostUnreachable
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult
from scanner.verify.run import Verified
from scanner.verify.smoke.attempt import SmokeOptions
from tests.cluster.machine import (
    Machine,
    host,
    place,
)
from tests.cluster.runs import (
    three,
    work,
)


async def test_an_interrupted_run_reports_what_is_done(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    for name in ("node2", "node3"):
        (machines[name].folder / "slow").touch()
    wanted = three()
    said: list[str] = []
    working = work(machines, place(tmp_path / "place"), said.append)
    task = asyncio.create_task(working.run(wanted, INIT, FINISH))
    for _ in range(400):
        if machines["node2"].calls("kubeadm"):
            break
        await asyncio.sleep(0.05)
    task.cancel()
    worked = await task
    assert worked.interrupted
    assert not worked.good
    done = {f"{result.phase} {result.host}" for result in worked.results}
    assert {"kubeadm-init node1", "token node1"} <= done
    assert "is not revoked: the same command does it first" in said[-1]
    assert "join-worker node2" not in done
    for name in ("node2", "node3"):
        (machines[name].folder / "slow").unlink()


async def test_the_token_is_revoked_after_a_crash_too(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    wanted = three()

    def crash(*_words: object) -> tuple[Action, ...]:
        raise ValueError("a bug")

    phases = tuple(
        replace(phase, actions=crash) if phase.name == "labels" else phase for phase in INIT
    )
    labelled = replace(wanted.members[1], host=host("node2", labels=(("a", "b"),)))
    wanted = replace(wanted, members=(wanted.members[0], labelled))
    (machines["node1"].folder / "kubectl.fails").write_text(
        "get nodes -l a=b --field-selector metadata.name=node2 -o name\n", encoding="utf-8"
    )
    working = work(machines, place(tmp_path / "place"))
    with pytest.raises(ExceptionGroup):
        await working.run(wanted, phases, FINISH)
    assert [call for call in machines["node1"].calls("kubectl") if "get secrets" in call]


async def test_the_nodes_of_a_cluster_are_asked_of_its_master(
    machines: dict[str, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scanner.cluster.connections._PAUSE", 0.0)
    working = work(machines, place(tmp_path / "place"))
    (machines["node1"].folder / "nodes").write_text(
        "192.0.2.2 node2 10.244.1.0/24 10.244.1.0/24\n", encoding="utf-8"
    )
    found = await working.nodes("node1")
    assert found is not None
    assert found.addresses == {"192.0.2.2"}
    (machines["node1"].folder / "kubectl.fails").write_text("get nodes\n", encoding="utf-8")
    assert await working.nodes("node1") is None
    machines["node1"].reachable = False
    assert await working.nodes("node1") is None


class Lost:
    """A proof whose connection to the master is lost."""

    smoke = None

    async def __call__(self, *_words: object, **_known: object) -> Verified:
        raise HostUnreachable("node1 is gone")


class Slow:
    """A proof whose workload takes for ever."""

    smoke = SmokeOptions("lab/busybox:1")

    def __init__(self) -> None:
        self.began = asyncio.Event()

    async def __call__(self, *_words: object, **_known: object) -> Verified:
        return Verified((VerifyResult("KS801", "", Verdict.PASS, ""),))

    async def try_workload(self, *_words: object) -> Verified:
        self.began.set()
        await asyncio.Event().wait()
        raise AssertionError


async def test_an_interrupted_workload_does_not_cost_the_proof(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    working = work(machines, place(tmp_path / "place"))
    prove = Slow()
    task = asyncio.create_task(working.run(three(joined=True), INIT, FINISH, cast("Prove", prove)))
    await prove.began.wait()
    task.cancel()
    worked = await task
    assert worked.interrupted
    assert worked.verified is not None
    assert [result.check for result in worked.verified.results] == ["KS801"]


async def test_a_master_that_is_lost_in_the_proof_leaves_nothing_known(
    machines: dict[str, Machine], tmp_path: Path
) -> None:
    working = work(machines, place(tmp_path / "place"))
    worked = await working.run(three(joined=True), INIT, FINISH, cast("Prove", Lost()))
    assert worked.verified is not None
    assert {result.verdict for result in worked.verified.results} == {Verdict.UNKNOWN}
    assert "node1 is gone" in worked.verified.results[0].message
    assert not worked.good
    assert not worked.failed
    assert ("revoke", Outcome.DONE) in {(row.phase, row.outcome) for row in worked.results}


@pytest.mark.parametrize(("held", "minted"), [(0, False), (3, True)])
async def test_a_lost_lock_leaves_a_token_only_where_one_was_minted(
    machines: dict[str, Machine],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    held: int,
    *,
    minted: bool,
) -> None:
    """A second run over a finished cluster has nothing that could stay."""
    left = [held]

    class Losing:
        def check(self) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise LockLost("node1: the lock was lost")

    @asynccontextmanager
    async def locked(*_words: object) -> AsyncIterator[Losing]:
        yield Losing()

    monkeypatch.setattr("scanner.cluster.work.master_lock", locked)
    wanted = three(joined=not minted)
    said: list[str] = []
    where = place(tmp_path / "place")
    worked = await work(machines, where, said.append).run(wanted, INIT, FINISH)
    assert worked.lock_lost
    assert any("is not revoked" in line for line in said) is minted
    assert bool(where.journal.owed) is minted
