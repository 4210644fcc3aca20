"""A run that has lost the master's lock does nothing more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cluster.connections import Connections
from scanner.cluster.execute import Execute
from scanner.cluster.lock import LockLost, master_lock
from scanner.cluster.result import Outcome
from scanner.cluster.run import Runner
from scanner.cluster.sequence import RESET
from scanner.secrets.guesses import Guesses
from scanner.target import Role
from tests.cluster.machine import Machine, Machines, credentials, member, node, place, seen
from tests.cluster.reset.hosts import changed, four, outcomes, write


class Lost:
    """A lock that is lost after some actions."""

    def __init__(self, held: int) -> None:
        self.held = held

    def check(self) -> None:
        self.held -= 1
        if self.held < 0:
            raise LockLost("node1: the lock was lost")


@pytest.mark.parametrize(("held", "calls"), [(0, 0), (1, 0), (2, 1)])
async def test_without_the_lock_the_next_step_is_not_done(
    machines: dict[str, Machine], tmp_path: Path, held: int, calls: int
) -> None:
    write(machines["node1"], "node", node(seen(4), "node4"))
    wanted = four("node4")
    hosts = {one.name: one.host for one in wanted.members}
    phases = tuple(replace(phase, always=phase.name == "delete-node") for phase in RESET)
    async with Connections(Machines(**machines), hosts, Guesses()) as connections:
        known = credentials()
        execute = Execute(connections, known, Lost(held))
        runner = Runner(wanted, place(tmp_path / "place"), execute, known, lambda _: None)
        await runner.run(phases)
    assert runner.lost == "node1: the lock was lost"
    assert runner.stopped
    assert len([call for call in changed(machines) if "--help" not in call]) == calls
    assert outcomes(runner)["delete-node node4"] == Outcome.SKIPPED, "nor what takes back"


async def test_a_lock_is_lost_with_the_command_that_holds_it(machines: dict[str, Machine]) -> None:
    machine = machines["node1"]
    hosts = {"node1": member("node1", Role.INIT).host}
    async with (
        Connections(Machines(node1=machine), hosts, Guesses()) as connections,
        master_lock(connections, "node1", "ann@a, run 1") as lock,
    ):
        lock.check()
        (task,) = (one for one in asyncio.all_tasks() if one.get_name() == "lock")
        task.cancel()
        await asyncio.wait({task})
        with pytest.raises(LockLost, match=r"node1: the lock /run/kscan\.lock was lost"):
            lock.check()
