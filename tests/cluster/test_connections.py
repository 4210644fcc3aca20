"""Several commands over one connection to a host."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest

from scanner.cluster.connections import Connections
from scanner.cluster.execute import Execute
from scanner.cluster.script import Answer, Script, build
from scanner.errors import CommandRefused, HostUnreachable
from scanner.request import Host
from scanner.secrets.guesses import Guesses
from scanner.transport.base import Completed, Session
from scanner.transport.dialogue import Dialogue
from tests.cluster.machine import Free, credentials, host
from tests.sessions import FakeSession


@dataclass
class Sshd:
    """A host that runs so many commands at once over one connection, each until it is let go."""

    most: int
    lost: bool = False
    """What is running is lost with its connection."""
    running: int = 0
    connections: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def connect(self, _host: Host) -> AsyncIterator[Session]:
        self.connections += 1
        yield Shell(self)


class Shell(FakeSession):
    def __init__(self, sshd: Sshd) -> None:
        self._sshd = sshd

    async def answer(self, given: bytes, timeout: float, dialogue: Dialogue | None) -> Completed:
        del timeout, dialogue
        if self._sshd.running >= self._sshd.most:
            raise CommandRefused("it runs no command for it (open failed): see MaxSessions there")
        self._sshd.running += 1
        try:
            await self._sshd.go.wait()
        finally:
            self._sshd.running -= 1
        if self._sshd.lost:
            raise HostUnreachable("the connection to it was lost")
        boundary = given.split(b"\n", 1)[0].partition(b"=")[2]
        return Completed(b"%s begin\n%s status 0\n%s end\n" % ((boundary,) * 3), b"", 0, 0.1)


@dataclass
class Unsteady:
    """A connection that is lost after so many seconds each time, and at last brings the end."""

    lasts: list[float]
    now: float = 0.0

    async def ask(self, *_words: object, **_limits: object) -> Answer:
        if not self.lasts:
            return Answer({"begin": "", "status": "0", "end": ""}, "", "", "")
        self.now += self.lasts.pop(0)
        raise HostUnreachable("the connection to it was lost")

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(
    ("lasts", "ends"), [([200.0] * 5, True), ([50.0] * 4, True), ([50.0] * 9, False)]
)
async def test_a_host_is_waited_for_anew_each_time_that_it_was_there_again(
    monkeypatch: pytest.MonkeyPatch, lasts: list[float], *, ends: bool
) -> None:
    way = Unsteady(lasts)
    monkeypatch.setattr("scanner.cluster.execute.time.monotonic", lambda: way.now)
    monkeypatch.setattr("scanner.cluster.execute.asyncio.sleep", way.sleep)
    execute = Execute(cast("Connections", way), credentials(), Free())
    if ends:
        ended = await execute.attach("node1", "job1", 1800.0, 300.0)
        assert ended is not None
        assert ended.good
    else:
        with pytest.raises(HostUnreachable):
            await execute.attach("node1", "job1", 1800.0, 300.0)


def script() -> Script:
    return build("command", {}, "true")


@pytest.fixture(autouse=True)
def pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.cluster.connections._PAUSE", 0.01)


async def test_a_host_that_takes_few_at_once_gets_them_one_after_the_other() -> None:
    """MaxSessions; the lock of the master is one of them, and must not be lost for the others."""
    sshd = Sshd(2)
    async with Connections(sshd, {"node1": host("node1")}, Guesses()) as connections:
        asked = [
            asyncio.create_task(connections.ask("node1", script(), seconds=10)) for _ in range(6)
        ]
        await asyncio.sleep(0.1)
        assert sshd.running == 2
        sshd.go.set()
        assert [answer.status for answer in await asyncio.gather(*asked)] == [0] * 6
    assert sshd.connections == 1


@pytest.mark.parametrize("held", [False, True])
async def test_one_that_takes_no_more_is_said(*, held: bool) -> None:
    sshd = Sshd(int(held))
    async with Connections(sshd, {"node1": host("node1")}, Guesses()) as connections:
        lock = asyncio.create_task(connections.ask("node1", script(), seconds=10))
        await asyncio.sleep(0.02)
        with pytest.raises(HostUnreachable, match="MaxSessions"):
            await connections.ask("node1", script(), seconds=0.1)
        assert lock.done() is not held
        sshd.go.set()
        await asyncio.gather(lock, return_exceptions=True)


async def test_a_lost_connection_is_made_anew_once_for_all() -> None:
    sshd = Sshd(9, lost=True)
    async with Connections(sshd, {"node1": host("node1")}, Guesses()) as connections:
        asked = [
            asyncio.create_task(connections.ask("node1", script(), seconds=10)) for _ in range(3)
        ]
        await asyncio.sleep(0.05)
        sshd.go.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        sshd.lost = False
        assert [answer.status for answer in await asyncio.gather(*asked)] == [0] * 3
    assert sshd.connections == 2
