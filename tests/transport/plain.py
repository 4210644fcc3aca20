"""A TCP server that is no SSH server, or stops being one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class PlainServer:
    """Says something to each connection, then closes it, goes on for ever or stays silent."""

    def __init__(
        self, says: bytes = b"", *, closes: bool = False, goes_on: bytes = b"", every: float = 1
    ):
        self.says = says
        self.goes_on = goes_on
        self.every = every
        self.closes = closes
        self.port = 0
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def _serve(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.append(writer)
        writer.write(self.says)
        if self.closes:
            writer.close()
        if self.goes_on:
            self._go_on(writer, 0)

    def _go_on(self, writer: asyncio.StreamWriter, number: int) -> None:
        """One byte of it after the other, or a whole line where it comes often."""
        if writer.transport.is_closing():
            return
        start = number % len(self.goes_on)
        writer.write(self.goes_on if self.every < 1 else self.goes_on[start : start + 1])
        asyncio.get_running_loop().call_later(self.every, self._go_on, writer, number + 1)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[PlainServer]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for writer in self._writers:
                writer.transport.abort()
            await server.wait_closed()
            await asyncio.sleep(0.01)
