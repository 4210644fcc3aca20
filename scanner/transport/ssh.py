"""SSH: log in to a host with the user's own keys, configuration and known hosts."""

from __future__ import annotations

import contextlib
import functools
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

from scanner.transport.clock import host_clock
from scanner.transport.config import ConfigFiles
from scanner.transport.jump import JumpHosts
from scanner.transport.keys import Keys
from scanner.transport.known_hosts import KnownHosts
from scanner.transport.link import Link
from scanner.transport.login import LoginAttempt
from scanner.transport.logins import Logins
from scanner.transport.path import Paths
from scanner.transport.prompt import HostKeyPrompt
from scanner.transport.retries import RetryBudget, persist
from scanner.transport.route import find_route
from scanner.transport.session import SshSession
from scanner.transport.settings import SshSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
    from types import TracebackType

    from scanner.request import Host, Login
    from scanner.transport.base import Session
    from scanner.transport.path import JumpHost

_JUMP_KEEPALIVE = 15.0
"""Seconds between signs of life of a jump host, three of which may be missing; it is idle for
longer than a target, and takes all hosts behind it with it."""


class SshTransport:
    """Opens SSH sessions; use it as a context manager around the whole run.

    Files, agents and jump connections are read and opened once for it, when first needed.
    """

    def __init__(self, settings: SshSettings | None = None):
        self.settings = settings or SshSettings()
        self._prompt = HostKeyPrompt(self.settings.ask) if self.settings.ask else None
        self._logins = Logins(self.settings, KnownHosts(), self._prompt)
        self._config = ConfigFiles(self.settings.config)
        self._keys = Keys(self.settings.identity_files)
        self._jumps: JumpHosts[Link] = JumpHosts(self._prompt, self.settings.answer_seconds)
        self._budget = RetryBudget()
        self._paths = Paths(self._config, self.settings)
        _quiet()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close jump connections and agents."""
        await self._jumps.close(Link.close)
        await self._keys.aclose()

    def expect(self, hosts: Iterable[Host]) -> None:
        """Announce the hosts of a run, so that unknown host keys are asked for after all of them.

        Each must then be connected to, however that ends; else the question waits for ever.
        """
        if self._prompt is not None:
            self._prompt.expect(host.name for host in hosts if not host.login.local)

    @asynccontextmanager
    async def connect(self, host: Host) -> AsyncIterator[Session]:
        """Log in.

        Raises:
            HostUnreachable: or a kind of it, with what to do about it.
        """
        link = await self._reach(host.name, host.login)
        host_clock().late = None
        try:
            yield SshSession(link)
        finally:
            # the host has had its time, and what it said must not be lost for the way out
            with host_clock().paused():
                await link.close()

    async def _reach(self, name: str, login: Login) -> Link:
        with self._taking_part(name):
            route = find_route(login, self._config, self.settings)
            jump = await self._reach_jumps(self._paths.to(route))
            identities = await self._keys.identities(route)
            return await self._persist(
                lambda: LoginAttempt(
                    self._logins,
                    name,
                    route,
                    identities,
                    jump=jump,
                    keepalive=self.settings.keepalive,
                ).open()
            )

    async def _persist(self, connect: Callable[[], Awaitable[Link]]) -> Link:
        seconds = self.settings.retry_seconds
        return await persist(connect, self._budget, host_clock(), seconds)

    async def _reach_jumps(self, path: tuple[JumpHost, ...]) -> Link | None:
        """The connection to the last jump host of a path; each is shared by the way to it."""
        link: Link | None = None
        for number, host in enumerate(path, 1):
            prefix = tuple(step.route.connection for step in path[:number])
            opening = functools.partial(self._open_jump, host, link)
            link = await self._jumps.reach(prefix, host.name, opening)
        return link

    async def _open_jump(self, host: JumpHost, before: Link | None) -> Link:
        with self._taking_part(host.name):
            identities = await self._keys.identities(host.route)
            return await self._persist(
                lambda: LoginAttempt(
                    self._logins,
                    host.name,
                    host.route,
                    identities,
                    jump=before,
                    keepalive=_JUMP_KEEPALIVE,
                ).open()
            )

    @contextlib.contextmanager
    def _taking_part(self, name: str) -> Iterator[None]:
        """A host that may come with an unknown key, until it is in or has failed."""
        if self._prompt is None:
            yield
            return
        self._prompt.enter(name)
        try:
            yield
        finally:
            self._prompt.settle(name)


def _quiet() -> None:
    """Keep asyncssh's log off the user's terminal; a handler on its logger still gets it."""
    logger = logging.getLogger("asyncssh")
    if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
        logger.addHandler(logging.NullHandler())
    logger.propagate = False
