"""Hosts whose program is a class, for the tests of how it is talked to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from scanner.edges.gather import Ended, Gatherer
from scanner.edges.mode import Network
from scanner.edges.plan import Plan
from scanner.edges.results import edge_results
from scanner.edges.tally import Tally
from scanner.errors import HostUnreachable
from scanner.request import Host, Login
from scanner.transport.base import Completed, Session
from scanner.transport.dialogue import Dialogue, Reply, Speaker
from scanner.transport.forward import Dialled
from scanner.verdict import Verdict
from tests.edges.fleet import plan
from tests.sessions import FakeSession

SILENT_FOR_EVER = 1000.0


@dataclass
class Scripted(FakeSession):
    """A host whose program is this class; `dials` letters, and what goes wrong."""

    letters: str = "o"
    listens: tuple[str, ...] = ()
    program: str = "python"
    stalls_at: str = ""
    """up, ready or done: it says nothing more."""
    outlives: bool = False
    """Something of it holds the channel open when all was said."""
    left: bool = False
    """It was not waited for to the end."""
    ends_at: str = ""
    """The same: its connection is lost there."""
    forwards: dict[tuple[str, int], Dialled] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    """Further lines of its answer."""
    said: list[str] = field(default_factory=list)

    async def answer(self, given: bytes, timeout: float, dialogue: Dialogue | None) -> Completed:
        assert isinstance(dialogue, Speaker)
        boundary = given.partition(b"KSCAN_BOUNDARY=")[2].partition(b"\n")[0].decode()
        inbox: asyncio.Queue[Reply] = asyncio.Queue()
        dialogue.begin(inbox.put_nowait)
        try:
            async with asyncio.timeout(timeout):
                return await self._talk(boundary, dialogue, inbox)
        except TimeoutError:
            return Completed(b"", b"", None, timeout, "not finished")
        except asyncio.CancelledError:
            self.left = True
            raise
        except ConnectionError:
            return Completed(b"", b"", None, 0.1, "the connection was lost")

    async def _talk(
        self, boundary: str, dialogue: Dialogue, inbox: asyncio.Queue[Reply]
    ) -> Completed:
        async def says(word: str) -> None:
            kind = word.partition(" ")[0]
            if self.stalls_at == kind:
                await asyncio.sleep(SILENT_FOR_EVER)
            if self.ends_at == kind:
                raise ConnectionError
            if (reply := dialogue.heard(f"{boundary} {word}\n".encode())) is not None:
                inbox.put_nowait(reply)

        await says(f"up {self.program}")
        self.said = (await inbox.get()).data.decode().splitlines()
        if self.program == "none":
            return Completed(b"", b"", 0, 0.1)
        await says("ready")
        if (await inbox.get()).is_last:
            return Completed(b"", b"", 1, 0.1)
        lines = [
            *(f"listen {port} ok" for port in self.listens),
            f"dials {self.letters}",
            *self.more,
        ]
        body = "".join(f"{line}\n" for line in lines)
        answer = f"{boundary} edges {len(body)}\n{body}{boundary} end {len(lines)}\n".encode()
        if self.ends_at == "done":
            return Completed(answer, b"", None, 0.1, "the connection was lost")
        await says("done")
        while not (await inbox.get()).is_last:
            pass
        if self.outlives:
            await asyncio.sleep(SILENT_FOR_EVER)
        return Completed(answer, b"", 0, 0.1)

    async def dial(self, host: str, port: int, *, timeout: float) -> Dialled:
        del timeout
        return self.forwards.get((host, port), Dialled.FORBIDDEN)


@dataclass
class Machines:
    """A transport of scripted hosts; a host that is None cannot be reached."""

    hosts: dict[str, Scripted | None]
    open: int = 0
    connections: int = 0

    @asynccontextmanager
    async def connect(self, host: Host) -> AsyncIterator[Session]:
        self.connections += 1
        scripted = self.hosts[host.name]
        if scripted is None:
            raise HostUnreachable("connection refused")
        self.open += 1
        try:
            yield scripted
        finally:
            self.open -= 1


def hosts_of(made: Plan) -> tuple[Host, ...]:
    return tuple(Host(peer.name, Login(peer.addresses[0])) for peer in made.peers)


def nobody(_ended: int, _total: int) -> None:
    """Nobody watches."""


async def gathered(made: Plan, machines: Machines, ended: Ended = nobody) -> Tally:
    tally = Tally(made)
    gatherer = Gatherer(made, hosts_of(made), machines, tally, 8, patience=0.3, ended=ended)
    try:
        await gatherer.run()
    finally:
        gatherer.leave()
    assert machines.open == 0
    return tally


def three(mode: Network = Network.FULL, **changed: Scripted | None) -> tuple[Plan, Machines]:
    """A control plane and two workers: node1 dials two kubelets, the others the API server."""
    good: dict[str, Scripted | None] = {
        "node1": Scripted("oo", ("6443/tcp",)),
        "node2": Scripted("o", ("10250/tcp",)),
        "node3": Scripted("o", ("10250/tcp",)),
    }
    return plan(1, 2, mode), Machines({**good, **changed})


def verdicts(tally: Tally) -> list[tuple[str, Verdict]]:
    return [(r.subject, r.verdict) for r in edge_results(tally) if r.verdict is not Verdict.PASS]
