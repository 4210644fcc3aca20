"""Runs over hosts of this machine, for the tests of what a run does and leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from scanner.cluster.connections import Connections
from scanner.cluster.credentials import Credentials
from scanner.cluster.execute import Execute
from scanner.cluster.half_done import half_done
from scanner.cluster.journal import Entry
from scanner.cluster.phase import Phase
from scanner.cluster.place import Place
from scanner.cluster.plan import ManifestFile, Plan
from scanner.cluster.recover import Recovery
from scanner.cluster.run import Runner, Tell
from scanner.cluster.sequence import FINISH, INIT
from scanner.cluster.work import Work
from scanner.request import ExternalEtcd, Request
from scanner.secrets.guesses import Guesses
from scanner.target import Role
from tests.cluster.machine import (
    Free,
    Machine,
    Machines,
    credentials,
    member,
    place,
    plan,
)

CNI = ManifestFile("cni", "cni.yaml", "kind: DaemonSet\n")
RESET = "reset --force --cri-socket /var/run/dockershim.sock"
NAMES = ("node1", "node2", "node3")


def three(*, joined: bool = False, **fields: object) -> Plan:
    return plan(
        member("node1", Role.INIT, joined=joined, ignored=("Swap", "Mem")),
        member("node2", Role.JOIN_WORKER, joined=joined),
        member("node3", Role.JOIN_WORKER, joined=joined),
        **{"kubeconfig": "admin.conf", "cni": CNI, **fields},
    )


def with_two_control_planes(*, joined: bool = False) -> Plan:
    """Without an etcd of their own, whose health would be asked for."""
    made = plan(
        member("node1", Role.INIT, joined=joined),
        member("node2", Role.JOIN_CONTROL_PLANE, joined=joined),
        kubeconfig="admin.conf",
    )
    return replace(made, cluster=replace(made.cluster, etcd=ExternalEtcd(("https://e:2379",))))


@asynccontextmanager
async def executing(machines: dict[str, Machine], known: Credentials) -> AsyncIterator[Execute]:
    hosts = {name: member(name, Role.JOIN_WORKER).host for name in machines}
    async with Connections(Machines(**machines), hosts, Guesses()) as connections:
        yield Execute(connections, known, Free())


async def run(
    machines: dict[str, Machine],
    wanted: Plan,
    where: Place,
    phases: tuple[Phase, ...] = (*INIT, *FINISH),
) -> Runner:
    known = credentials()
    async with executing(machines, known) as execute:
        runner = Runner(wanted, where, execute, known, lambda _: None)
        await runner.run(phases)
    return runner


def outcomes(runner: Runner) -> dict[str, str]:
    return {f"{result.phase} {result.host}": result.outcome for result in runner.results}


async def recovered(machines: dict[str, Machine], where: Place) -> list[str]:
    """The ends looked for; what was said."""
    said: list[str] = []
    async with executing(machines, credentials()) as execute:
        await Recovery(where, execute, said.append).attach(lambda _: True, "node1")
    return said


async def failed_join(machines: dict[str, Machine], path: Path) -> tuple[Place, Entry]:
    where = place(path)
    (machines["node2"].folder / "fails").write_text("error: no\n", encoding="utf-8")
    (machines["node2"].folder / "etc" / "admin.conf").unlink()
    await run(machines, three(), where)
    entry = where.journal.last("join-worker", "node2")
    assert entry is not None
    return place(path, "run2"), entry


def after_failure() -> Plan:
    """The cluster is there, and node2 is to be undone."""
    first, second, third = three().members
    return replace(three(), members=(replace(first, joined=True), second, third))


async def undone(
    machines: dict[str, Machine], where: Place, wanted: Plan | None = None
) -> list[str]:
    """Undo what is half done; what was said."""
    said: list[str] = []
    await recovered(machines, where)
    entries = half_done(where, lambda name: name != "node2")
    async with executing(machines, credentials()) as execute:
        await Recovery(where, execute, said.append).undo(entries, wanted or after_failure())
    return said


def work(
    machines: dict[str, Machine], where: Place, tell: Tell = lambda _: None, master: str = "node1"
) -> Work:
    transport = Machines(**machines)

    @asynccontextmanager
    async def opened() -> AsyncIterator[Machines]:
        yield transport

    hosts = tuple(one.host for one in three().members)
    return Work(Request(hosts, master=master), where, opened, tell)
