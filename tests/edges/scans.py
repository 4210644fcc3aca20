"""A scan of hosts that dial each other, without a network."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from scanner.demo import CAPTURES
from scanner.probe.capture import answer, read
from scanner.request import Cluster, Host, Ignore, Login, NodeRole, Request
from scanner.transport.base import Completed, Session
from scanner.transport.dialogue import Dialogue
from scanner.versions import parse_version
from tests.edges.scripted import Scripted
from tests.sessions import FakeSession

NOW = datetime.datetime(2026, 6, 15, 12, tzinfo=datetime.UTC)
CAPTURE = read(CAPTURES / "node1.capture")


@dataclass
class Hosts:
    """Answers the probe as a captured host did, and dials as scripted."""

    letters: str = "r"
    opened: list[str] = field(default_factory=list)
    stalls: bool = False
    more: dict[str, str] = field(default_factory=dict)
    """Host -> a further line of its answer."""

    @asynccontextmanager
    async def connect(self, host: Host) -> AsyncIterator[Session]:
        self.opened.append(host.name)
        more = filter(None, (self.more.get(host.name),))
        stalls_at = "ready" if self.stalls else ""
        yield _Session(self, Scripted(self.letters, stalls_at=stalls_at, more=tuple(more)))


@dataclass
class _Session(FakeSession):
    hosts: Hosts
    scripted: Scripted

    async def answer(self, given: bytes, timeout: float, dialogue: Dialogue | None) -> Completed:
        if dialogue is None:
            return Completed(answer(CAPTURE, given), b"", 0, 0.0)
        return await self.scripted.answer(given, timeout, dialogue)


def request(*ignore: Ignore) -> Request:
    hosts = (
        Host("cp", Login("10.0.0.1"), frozenset({NodeRole.CONTROL_PLANE})),
        Host("w", Login("10.0.0.2")),
    )
    return Request(hosts, Cluster(kubernetes_version=parse_version("v1.31.0")), ignore)
