"""This machine itself, without SSH: the same session over a child process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from scanner.transport.output import Output

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scanner.request import Host
    from scanner.transport.base import Completed, Session

_CHUNK = 1 << 16


class LocalTransport:
    """Runs commands with /bin/sh on the machine that kscan runs on, as the same user."""

    @asynccontextmanager
    async def connect(self, host: Host) -> AsyncIterator[Session]:  # noqa: ARG002 # the seam's shape
        """Open a session; there is nothing to open, so this never fails."""
        yield LocalSession()


class LocalSession:
    """A session whose commands are children of this process."""

    async def run(
        self, command: str, *, stdin: bytes = b"", timeout: float, last_line: bytes | None = None
    ) -> Completed:
        """Run a command; see Session.run. Its whole process group is killed at the end."""
        start = time.monotonic()
        output = Output(last_line)
        process = await asyncio.create_subprocess_exec(
            "/bin/sh",
            "-c",
            command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(timeout):
                await _converse(process, stdin, output)
        except TimeoutError:
            output.end(f"not finished within {timeout:g} s")
        finally:
            await _kill(process)
        return output.completed(time.monotonic() - start)


async def _converse(process: asyncio.subprocess.Process, stdin: bytes, output: Output) -> None:
    """Feed and read the child until it has ended, the output is cut or the last line is there."""
    assert process.stdin is not None  # noqa: S101 # PIPE was asked for; this is for mypy
    assert process.stdout is not None  # noqa: S101 # the same
    assert process.stderr is not None  # noqa: S101 # the same
    child = [
        asyncio.create_task(_feed(process.stdin, stdin)),
        asyncio.create_task(_read(process.stdout, output.stdout)),
        asyncio.create_task(_read(process.stderr, output.stderr)),
        asyncio.create_task(_wait(process, output)),
    ]
    enough = asyncio.create_task(output.enough())
    everything = asyncio.gather(*child)
    try:
        await asyncio.wait({enough, everything}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (*child, enough):
            task.cancel()
        await asyncio.wait({*child, enough})
        with contextlib.suppress(asyncio.CancelledError):
            await everything


async def _feed(stream: asyncio.StreamWriter, data: bytes) -> None:
    # a command that reads only part of its input is no error
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        stream.write(data)
        await stream.drain()
    stream.close()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        await stream.wait_closed()
