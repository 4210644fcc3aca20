"""This machine itself, without SSH: the same session over a child process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from scanner.errors import HostUnreachable
from scanner.transport.base import LATE
from scanner.transport.dialogue import Input
from scanner.transport.output import Output

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scanner.request import Host
    from scanner.transport.base import Completed, Session
    from scanner.transport.dialogue import Dialogue, Stdin

_STDIN, _STDOUT = 0, 1
_KILL_TIMEOUT = 2.0  # seconds for the kernel to report a killed child (not one in D state)


class LocalTransport:
    """Runs commands with /bin/sh on the machine that kscan runs on, as the same user."""

    @asynccontextmanager
    async def connect(self, host: Host) -> AsyncIterator[Session]:  # noqa: ARG002 # the seam's shape
        """Open a session; there is nothing to open, so this never fails."""
        yield LocalSession()


class LocalSession:
    """A session whose commands are children of this process."""

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

        The command has its own process group, which is killed if it is left before its end.

        Raises:
            HostUnreachable: no process can be started here.
        """
        start = time.monotonic()
        output = Output(last_line)
        given = Input(stdin, dialogue)
        try:
            transport, child = await asyncio.get_running_loop().subprocess_exec(
                lambda: _Child(output, given), "/bin/sh", "-c", command, start_new_session=True
            )
        except OSError as error:
            raise HostUnreachable(f"cannot start /bin/sh: {error.strerror}") from None
        try:
            pipe = cast("asyncio.WriteTransport", transport.get_pipe_transport(_STDIN))
            given.open(pipe.write, pipe.close)
            async with asyncio.timeout(timeout):
                await output.enough()
        except TimeoutError:
            output.end(f"{LATE} {timeout:g} s")
        finally:
            await child.leave(transport)
        return output.completed(time.monotonic() - start, given.sent)


class _Child(asyncio.SubprocessProtocol):
    """Passes on what the child prints."""

    def __init__(self, output: Output, given: Input):
        self._output = output
        self._given = given
        self._exited = asyncio.Event()
        self._closed = False
        self._transport: asyncio.SubprocessTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.SubprocessTransport", transport)

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        piece = cast("bytes", data)
        if fd == _STDOUT:
            self._output.stdout(piece)
        else:
            self._output.stderr(piece)
            self._given.heard(piece)

    def process_exited(self) -> None:
        self._exited.set()
        status = None if self._transport is None else self._transport.get_returncode()
        if status is None:
            return
        if status < 0:
            self._output.signalled(_signal_name(-status))
        else:
            self._output.exited(status)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 # asyncio's signature
        self._closed = True
        self._output.end()

    async def leave(self, transport: asyncio.SubprocessTransport) -> None:
        """Kill what is left of the process group and free the pipes."""
        if not self._closed:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(transport.get_pid(), signal.SIGKILL)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_KILL_TIMEOUT):
                    await self._exited.wait()
        transport.close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name.removeprefix("SIG")
    except ValueError:  # a real-time signal
        return str(number)
