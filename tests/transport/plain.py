"""A TCP server that is no SSH server, or stops being one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class PlainServer:
    """Says something to each connection, then closes it or stays silent."""

    def __init__(self, says: bytes = b"", *, closes: bool = False):
        self.says = says
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
