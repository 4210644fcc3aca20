"""One command over an open SSH connection (RFC 4254, 6)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Protocol

from scanner.transport.base import LATE
from scanner.transport.dialogue import Input
from scanner.transport.forward import Dialled
from scanner.transport.output import Output

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from scanner.transport.base import Completed
    from scanner.transport.dialogue import Dialogue, Stdin

_STDERR = 1  # SSH_EXTENDED_DATA_STDERR (RFC 4254, 5.2)


class Channel(Protocol):
    """What is needed of asyncssh's channel."""

    def write(self, data: bytes) -> None:
        """Send; what does not fit into the server's window waits."""

    def write_eof(self) -> None:
        """Send the end of the input, after what waits."""

    def send_signal(self, signal: str) -> None:
        """Ask for a signal to the command (RFC 4254, 6.9)."""

    def abort(self) -> None:
        """Close now and drop what waits."""


class Link(Protocol):
    """An open connection."""

    async def execute(self, command: str, events: Callable[[], ExecEvents]) -> Channel:
        """Start a command, or raise HostUnreachable."""

    def describe_loss(self, error: Exception) -> str:
        """Why the connection was lost."""

    async def dial(self, host: str, port: int) -> Dialled:
        """Let the other end connect, or raise HostUnreachable."""

    def forward(self, host: str, port: int) -> AbstractAsyncContextManager[int]:
        """Listen here for connections that the other end makes."""


class ExecEvents:
    """Receives what a command's channel brings; asyncssh's SSHClientSession by its methods."""

    def __init__(self, output: Output, link: Link, given: Input):
        self._output = output
        self._link = link
        self._given = given
        self.command_runs = True
        """Until its end is heard of."""

    def connection_made(self, chan: object) -> None:
        """The channel is open."""

    def session_started(self) -> None:
        """The command runs."""

    def data_received(self, data: bytes, datatype: int | None) -> None:
        """Output has come."""
        if datatype == _STDERR:
            self._output.stderr(data)
            self._given.heard(data)
        else:
            self._output.stdout(data)

    def eof_received(self) -> bool:
        """No more output will come; the exit status may."""
        return False

    def exit_status_received(self, status: int) -> None:
        """The command has exited."""
        self.command_runs = False
        self._output.exited(status)

    def exit_signal_received(
        self,
        signal: str,
        core_dumped: bool,  # noqa: ARG002 # asyncssh's signature
        msg: str,  # noqa: ARG002 # the same
        lang: str,  # noqa: ARG002 # the same
    ) -> None:
        """The command was killed."""
        self.command_runs = False
        self._output.signalled(signal)

    def connection_lost(self, error: Exception | None) -> None:
        """The channel is closed, or its connection was lost."""
        self.command_runs = False
        self._output.end("" if error is None else self._link.describe_loss(error))

    def pause_writing(self) -> None:
        """The server reads slowly; the whole input is queued already."""

    def resume_writing(self) -> None:
        """The server reads again."""


class SshSession:
    """Commands on one host; each is one exec request, never with a terminal."""

    def __init__(self, link: Link):
        self._link = link

    async def run(
        self,
        command: str,
        *,
        stdin: Stdin = b"",
        timeout: float,
        last_line: bytes | None = None,
        dialogue: Dialogue | None = None,
    ) -> Completed:
        """Run a command; see Session.run.

        Raises:
            HostUnreachable: the command could not be started.
        """
        start = time.monotonic()
        output = Output(last_line)
        given = Input(stdin, dialogue)
        events = ExecEvents(output, self._link, given)
        channel: Channel | None = None
        try:
            async with asyncio.timeout(timeout):
                channel = await self._link.execute(command, lambda: events)
                given.open(channel.write, channel.write_eof)
                await output.enough()
        except TimeoutError:
            output.end(f"{LATE} {timeout:g} s")
        finally:
            if channel is not None:
                _leave(channel, events)
        return output.completed(time.monotonic() - start, given.sent)

    async def dial(self, host: str, port: int, *, timeout: float) -> Dialled:
        """Let the host connect to another one; see Forwards.dial.

        Raises:
            HostUnreachable: the connection is lost.
        """
        try:
            async with asyncio.timeout(timeout):
                return await self._link.dial(host, port)
        except TimeoutError:
            return Dialled.SILENT

    def forward(self, host: str, port: int) -> AbstractAsyncContextManager[int]:
        """A port of 127.0.0.1 that leads to a port as this host reaches it; see Tunnels."""
        return self._link.forward(host, port)


def _leave(channel: Channel, events: ExecEvents) -> None:
    """End a command that is not wanted any more; nothing happens to one that has ended."""
    if events.command_runs:
        # sshd sends no signal of its own when a channel without a terminal is closed; it passes
        # on this one where the login is not root, elsewhere the next write ends the command
        with contextlib.suppress(OSError):
            channel.send_signal("TERM")
    channel.abort()
