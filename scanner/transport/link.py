"""An open SSH connection: start commands, reach hosts behind it, close it in bounded time."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast

import asyncssh

from scanner.errors import CommandRefused, HostUnreachable
from scanner.transport import failures
from scanner.transport.forward import Dialled, dialled

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from scanner.transport.route import Route
    from scanner.transport.session import Channel, ExecEvents
    from scanner.transport.wire import Wire


class Link:
    """One connection after its login; a jump host's is shared by the hosts behind it.

    Args:
        connection: asyncssh's connection.
        name: what the user calls the other end.
        route: how it was reached.
        jump: the connection that carries this one.
        handshakes: how many hosts behind this one may shake hands at once.
        close_timeout: seconds for an orderly end.
    """

    def __init__(
        self,
        connection: asyncssh.SSHClientConnection,
        name: str,
        route: Route,
        *,
        jump: Link | None,
        handshakes: int,
        close_timeout: float,
    ):
        self._connection = connection
        self._name = name
        self._route = route
        self._jump = jump
        self._close_timeout = close_timeout
        self._loss = ""
        self.gate = asyncio.Semaphore(handshakes)

    async def execute(self, command: str, events: Callable[[], ExecEvents]) -> Channel:
        """Start a command.

        Raises:
            CommandRefused: the host runs no commands for this login, or not so many at once.
            HostUnreachable: the connection is lost.
        """
        try:
            channel, _ = await self._connection.create_session(
                cast("Any", events),  # it has every method of SSHClientSession, without the import
                command,
                encoding=None,
                env=None,
                send_env=None,
                request_pty=False,
                x11_forwarding=False,
            )
        except asyncssh.ChannelOpenError as error:
            if self._connection.is_closed() or self._loss:
                raise self.lost() from None
            raise CommandRefused(
                f"{self._route.where} lets user {self._route.user} in but runs no command for it "
                f"({failures.printable(error.reason)}): see ForceCommand, the key's options and "
                "MaxSessions there"
            ) from None
        except Exception as error:  # noqa: BLE001 # the server's last words can break any parser
            raise HostUnreachable(self.describe_loss(error)) from None
        return cast("Channel", channel)

    async def reach(self, wire: Wire, host: str, port: int) -> None:
        """Connect `wire` to a host behind this one (direct-tcpip, RFC 4254, 7.2).

        Raises:
            HostUnreachable: this host cannot or may not reach it.
        """
        try:
            await self._connection.create_connection(cast("Any", lambda: wire), host, port)
        except asyncssh.ChannelOpenError as error:
            if self._connection.is_closed() or self._loss:
                raise self.lost() from None
            where = f"{host} port {port}"
            raise failures.no_forwarding(self._name, where, error.code, error.reason) from None
        except Exception as error:  # noqa: BLE001 # the server's last words can break any parser
            self.note_loss(error)
            raise self.lost() from None

    async def dial(self, host: str, port: int) -> Dialled:
        """Let this host connect to another one, and close at once.

        Raises:
            HostUnreachable: this connection is lost.
        """
        try:
            channel, _ = await self._connection.create_connection(
                asyncssh.SSHTCPSession[bytes], host, port, encoding=None
            )
        except asyncssh.ChannelOpenError as error:
            if self._connection.is_closed() or self._loss:
                raise self.lost() from None
            return dialled(error.code, error.reason)
        except Exception as error:  # noqa: BLE001 # the server's last words can break any parser
            self.note_loss(error)
            raise self.lost() from None
        channel.abort()
        return Dialled.OPEN

    @asynccontextmanager
    async def forward(self, host: str, port: int) -> AsyncIterator[int]:
        """Listen on a free port of 127.0.0.1, and let this host connect for each who comes.

        Raises:
            HostUnreachable: this connection is lost, or no port can be had here.
        """
        try:
            listener = await self._connection.forward_local_port("127.0.0.1", 0, host, port)
        except (asyncssh.Error, OSError) as error:
            raise HostUnreachable(
                f"no tunnel through {self._name}: {failures.printable(str(error))}"
            ) from None
        try:
            yield listener.get_port()
        finally:
            listener.close()

    @property
    def is_lost(self) -> bool:
        """True if this connection has ended without being closed here."""
        return bool(self._loss)

    def lost(self) -> HostUnreachable:
        """The error for whatever needed this connection."""
        return HostUnreachable(self.describe_loss(None))

    def note_loss(self, error: Exception | None) -> None:
        """The connection has ended; called by asyncssh, with None after an orderly end."""
        if not self._loss:
            self._loss = failures.words_of(error) if error else "it was closed there"

    def describe_loss(self, error: Exception | None) -> str:
        """Why the connection was lost: the jump host's own end explains it best."""
        if self._jump is not None and self._jump.is_lost:
            return self._jump.describe_loss(None)
        said = failures.words_of(error) if error else ""
        reason = self._loss or said or "it was closed"
        return f"the connection to {self._name} was lost ({reason}): see sshd's log there"

    async def close(self) -> None:
        """Say good-bye and close; after `close_timeout` seconds cut the connection."""
        self._connection.close()
        try:
            async with asyncio.timeout(self._close_timeout):
                await self._connection.wait_closed()
        except TimeoutError:
            self._connection.abort()
        except (asyncssh.Error, OSError):
            # the end is what was wanted, however it came
            with contextlib.suppress(OSError):
                self._connection.abort()
