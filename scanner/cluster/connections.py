"""One connection to each host for as long as the run lasts; a lost one is made anew."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from scanner.cluster.script import Answer, Script, read
from scanner.errors import ClusterError, CommandRefused, HostUnreachable
from scanner.probe.privilege import run_script
from scanner.request import Host
from scanner.secrets.guesses import Guesses
from scanner.transport.base import Session, Transport

_ATTEMPTS = 3
_PAUSE = 2.0
"""Seconds between them."""


@dataclass(slots=True)
class _Open:
    """The connection of one host."""

    session: Session | None = None
    stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    running: int = 0
    """Commands of this moment."""


class Connections:
    """Runs scripts on hosts; use it as a context manager around the whole run.

    Args:
        transport: opens the sessions.
        hosts: by name.
        guesses: sudo's passwords in this run.
    """

    def __init__(self, transport: Transport, hosts: Mapping[str, Host], guesses: Guesses) -> None:
        self._transport = transport
        self._hosts = hosts
        self._guesses = guesses
        self._open = {name: _Open() for name in hosts}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for name, one in self._open.items():
            await self._drop(name, one.session)

    async def ask(
        self, name: str, script: Script, *, seconds: float, attempts: int = _ATTEMPTS
    ) -> Answer:
        """Run a script as root; after a loss of the connection, once more from its beginning.

        Args:
            name: of the host.
            script: one that may be run twice.
            seconds: for each attempt; after them the answer is what was read so far.
            attempts: connections that are tried.

        Raises:
            HostUnreachable: there is no connection.
            ClusterError: the login does not become root there.
        """
        one, until, attempt = self._open[name], time.monotonic() + seconds, 1
        while True:
            session = None
            try:
                session = await self.session(name)
                one.running += 1
                try:
                    return await self._ask(name, session, script, seconds)
                finally:
                    one.running -= 1
            except CommandRefused:  # sshd has its MaxSessions, and one of the others will end
                if not one.running or time.monotonic() > until:
                    raise
            except HostUnreachable:
                await self._drop(name, session)
                if attempt == attempts:
                    raise
                attempt += 1
            await asyncio.sleep(_PAUSE)

    async def _ask(self, name: str, session: Session, script: Script, seconds: float) -> Answer:
        host = self._hosts[name]
        ran = await run_script(
            session,
            host,
            script.text,
            timeout=seconds,
            last_line=script.last_line,
            guesses=self._guesses,
        )
        answer = read(ran.done, script.boundary)
        if "plain" in answer.words:
            why = ran.obstacle or "this login is not root"
            raise ClusterError(f"{name}: root is needed: {why}")
        if not answer.words and ran.obstacle:
            raise ClusterError(f"{name}: root is needed: {ran.obstacle}")
        if answer.ended.startswith("the connection to"):
            raise HostUnreachable(answer.ended)
        return answer

    async def session(self, name: str) -> Session:
        """The open session of a host; it stays this object's.

        Raises:
            HostUnreachable: there is no connection.
        """
        one = self._open[name]
        async with one.lock:
            if one.session is None:
                one.session = await one.stack.enter_async_context(
                    self._transport.connect(self._hosts[name])
                )
            return one.session

    async def _drop(self, name: str, session: Session | None) -> None:
        """Close this session; one that another command has opened since then stays."""
        one = self._open[name]
        async with one.lock:
            if one.session is not session:
                return
            one.session = None
            with contextlib.suppress(HostUnreachable):
                await one.stack.aclose()
