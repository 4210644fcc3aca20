"""The way into one host: dial, banner, key exchange, host key, keys; and why it failed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, cast

import asyncssh

from scanner.errors import HostUnreachable
from scanner.request import HostKeyPolicy
from scanner.transport import failures, key_failures
from scanner.transport.algorithms import offered
from scanner.transport.client import Client
from scanner.transport.clock import HostClock, host_clock
from scanner.transport.dial import dial
from scanner.transport.failures import Stage
from scanner.transport.hostkeys import HostKeyCheck
from scanner.transport.link import Link
from scanner.transport.password import Password
from scanner.transport.progress import Progress
from scanner.transport.slots import Slot
from scanner.transport.wire import NotSsh, Wire

if TYPE_CHECKING:
    from scanner.transport.keys import Identities
    from scanner.transport.logins import Logins
    from scanner.transport.route import Route

_LOG = logging.getLogger(__name__)

_TRIES = 8
"""Connections to one host: another key type, a certificate without use, one lost while the user
read the question; more only for pins, which look at each of the host's keys."""

_CANCEL_TIMEOUT = 0.75  # seconds for asyncssh to give up a handshake


class LoginAttempt:
    """One host, over as many connections as its host keys need.

    Args:
        shared: the run's limits and known hosts.
        name: kscan's label.
        route: where to, and as whom.
        identities: the keys to offer.
        jump: the connection to go through.
        keepalive: seconds between signs of life; 0 for none.
    """

    def __init__(
        self,
        shared: Logins,
        name: str,
        route: Route,
        identities: Identities,
        *,
        jump: Link | None = None,
        keepalive: float = 0,
    ):
        self._shared = shared
        self._name = name
        self._route = route
        self._identities = identities
        self._jump = jump
        self._keepalive = keepalive
        can_ask = route.may_ask and shared.prompt is not None
        self._check = HostKeyCheck(name, route, shared.known, can_ask=can_ask)
        self._was_held = False
        self._password = Password.of(shared.guesses, name, route.user, route.password)
        self._progress = Progress(route, identities, jump, self._check, self._password)

    async def open(self) -> Link:
        """Log in.

        Raises:
            HostUnreachable: or a kind of it.
        """
        for _ in range(_TRIES):
            link = await self._try()
            if link is not None:
                _LOG.info(
                    "%s: logged in at %s as %s", self._name, self._route.where, self._route.user
                )
                return link
        raise HostUnreachable(f"{self._route.where} presents another host key each time")

    async def _try(self) -> Link | None:
        """Connect and log in; None if it has to be tried again."""
        wire = self._progress.wire = Wire()
        link: Link | None = None
        is_open = False
        self._was_held = False
        settings = self._shared.settings
        connecting = HostClock(settings.connect_timeout)
        shaking = HostClock(settings.login_timeout)
        clock = host_clock()
        clock.late = self._progress.late
        gates = (self._shared.gate,) if self._jump is None else (self._jump.gate, self._shared.gate)
        try:
            async with clock.lending(settings.answer_seconds), connecting:
                await self._dial(wire)
                self._progress.reached = Stage.BANNER
                await wire.banner()
            gap = settings.handshake_seconds
            async with shaking, Slot(gates, (shaking, clock), gap, wire.silence) as slot:
                self._progress.reached = Stage.HANDSHAKE
                link = await self._handshake(wire, slot, shaking)
            await clock.take_back()
            is_open = link is not None
            if is_open:
                self._password.taken()
            clock.late = None
        except (NotSsh, asyncssh.DisconnectError, OSError) as error:
            if self._should_try_again(error):
                return None
            limits = ((connecting, settings.connect_timeout), (shaking, settings.login_timeout))
            late = next((seconds for limit, seconds in limits if limit.expired), None)
            raise self._progress.explain(error, late) from None
        finally:
            self._password.over()
            if not is_open:
                wire.close()
        return link

    async def _dial(self, wire: Wire) -> None:
        self._progress.reached = Stage.DIAL
        if self._jump is None:
            await dial(wire, self._route.address, self._route.port, self._route.family)
        else:
            await self._jump.reach(wire, self._route.address, self._route.port)

    async def _handshake(self, wire: Wire, slot: Slot, budget: HostClock) -> Link | None:
        """Let asyncssh work; stop it as soon as the key turns out to be one to ask about."""
        client = self._progress.client = Client(
            self._check, self._identities, wire, self._known, self._password
        )
        self._password.waits_with(slot.give, budget)
        shake = asyncio.create_task(self._connect(client, wire), name=f"ssh {self._name}")
        try:
            either: set[asyncio.Future[Any]] = {shake, client.question}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not shake.done() and not await self._settle_key(wire, slot, budget):
                return None
            connection = await shake
        finally:
            await _end(shake)
        settings = self._shared.settings
        link = Link(
            connection,
            self._name,
            self._route,
            jump=self._jump,
            handshakes=settings.handshakes_per_jump,
            close_timeout=settings.close_timeout,
        )
        client.link = link
        return link

    async def _connect(self, client: Client, wire: Wire) -> asyncssh.SSHClientConnection:
        route = self._route
        connecting = asyncssh.connect(
            route.address,
            route.port,
            tunnel=cast("Any", wire),  # a stream that is open already
            config=None,
            client_factory=lambda: client,
            # never empty, which would mean ~/.ssh/known_hosts: the client judges every key itself
            known_hosts=([], [], self._check.revoked()),
            host_key_alias=route.alias,
            server_host_key_algs=self._check.algorithms(),
            username=route.user,
            client_keys=None,  # no files and no agent of asyncssh's own; the client has the keys
            x509_trusted_certs=None,
            gss_host=None,
            # without a password these two only tell that one could be given
            preferred_auth=("publickey", "password", "keyboard-interactive"),
            compression_algs=None,
            login_timeout=0,  # its clock would run while the user reads the question
            keepalive_interval=self._keepalive,
            proxy_command=None,
            command=None,
            **offered(route.algorithms),
        )
        try:
            return await connecting
        except (asyncssh.DisconnectError, OSError):
            raise
        except Exception as error:  # asyncssh's parsers raise anything for what a server sends
            if client.bug is error:
                raise
            _LOG.debug("%s: asyncssh cannot read what it sends: %r", self._name, error)
            raise failures.garbled(error, self._progress.stage, route.where) from None

    async def _settle_key(self, wire: Wire, slot: Slot, budget: HostClock) -> bool:
        """Ask for an unknown key, or take it as new; False if a new connection is needed."""
        key = self._check.unknown
        shared = self._shared
        assert key is not None  # noqa: S101 # that is what the client stopped for
        asked = self._route.host_keys is not HostKeyPolicy.ACCEPT_NEW
        if asked:
            assert shared.prompt is not None  # noqa: S101 # else the check had refused the key
            slot.give()
            self._was_held = shared.held < shared.settings.held_connections
            if self._was_held:
                shared.held += 1
            else:
                wire.close()
            try:
                with budget.paused():
                    async with host_clock().aside():
                        accepted = await shared.prompt.accepts(self._check.question(key))
            finally:
                shared.held -= self._was_held
            if not accepted:
                raise key_failures.not_accepted(self._route, key)
        self._remember(key)
        if asked:
            if not self._was_held:
                return False
            await slot.take()
        wire.resume()
        return True

    def _remember(self, key: bytes) -> None:
        try:
            same = self._check.remember(key)
        except OSError as error:
            _LOG.warning("the host key of %s is not saved: %s", self._name, error)
            return
        if not same and self._check.error is not None:
            raise self._check.error

    def _known(self) -> None:
        """The host's key is known, so nobody needs to wait for it with the question."""
        if self._shared.prompt is not None:
            self._shared.prompt.settle(self._name)

    def _should_try_again(self, error: Exception) -> bool:
        if self._check.again:
            failed_on_key = isinstance(error, asyncssh.HostKeyNotVerifiable)
            self._check.again = False
            return failed_on_key
        # sshd's LoginGraceTime is over while the user reads; the key is known now
        return self._was_held and isinstance(error, asyncssh.ConnectionLost | OSError)


async def _end(shake: asyncio.Task[asyncssh.SSHClientConnection]) -> None:
    """Cancel what still runs, and take note of its error so that asyncio does not report it."""
    if not shake.done():
        shake.cancel()
        await asyncio.wait({shake}, timeout=_CANCEL_TIMEOUT)
    if shake.done() and not shake.cancelled():
        shake.exception()
