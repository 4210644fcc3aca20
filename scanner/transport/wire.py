"""A connection before SSH: open it and wait for the server's first line at no cost to others.

The handshake limit is for hosts that answer. So a host is dialled and its identification line
(RFC 4253, 4.2) read before it may ask for a handshake; a dead host holds a socket and nothing else.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable

_BANNER_LIMIT = 16 << 10  # bytes; RFC 4253 allows lines before the identification, not a flood


class NotSsh(Exception):
    """The server speaks, but not SSH, or ends before its identification line."""

    def __init__(self, said: bytes):
        super().__init__(said)
        self.said = said
        """What came instead; empty if the connection was closed without a byte."""


class ByteProtocol(Protocol):
    """What asyncssh's connection is to the stream below it."""

    def connection_made(self, transport: asyncio.BaseTransport, /) -> None:
        """The stream is open."""

    def connection_lost(self, exc: Exception | None, /) -> None:
        """The stream has ended."""

    def data_received(self, data: bytes, /) -> None:
        """Bytes have come."""

    def eof_received(self) -> None:
        """No more bytes will come."""


class Wire(asyncio.Protocol):
    """One stream, a TCP connection or a direct-tcpip channel (RFC 4254, 7.2) of a jump host.

    It keeps what the server says first, hands it over to asyncssh with the stream, and can hold
    the server back later while the user thinks about its host key.
    """

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._inner: ByteProtocol | None = None
        self._kept = bytearray()
        self._holding = True
        self._ended = False
        self._error: Exception | None = None
        self._news = asyncio.Event()
        self._heard = time.monotonic()

    def silence(self) -> float:
        """Seconds since something was heard, or since it was last held back."""
        return time.monotonic() - self._heard

    @property
    def said(self) -> bytes:
        """What the server has said so far; empty once its identification line has come."""
        return b"" if self._is_identified() else bytes(self._kept)

    async def banner(self) -> None:
        """Wait for the server's identification line.

        Raises:
            NotSsh: something else came, or the end.
            OSError: the connection broke.
        """
        while not self._is_identified():
            if isinstance(self._error, OSError):
                raise self._error
            if self._ended or len(self._kept) > _BANNER_LIMIT:
                raise NotSsh(bytes(self._kept))
            self._news.clear()
            await self._news.wait()
        if self._transport is not None:
            self._transport.pause_reading()

    async def create_connection(
        self,
        session_factory: Callable[[], ByteProtocol],
        remote_host: str,  # noqa: ARG002 # asyncssh's tunnel seam; the stream is open already
        remote_port: int,  # noqa: ARG002 # the same
    ) -> tuple[asyncio.Transport, ByteProtocol]:
        """Give the stream to asyncssh, which takes this object for a tunnel."""
        transport = self._open_transport()
        self._inner = session_factory()
        self._inner.connection_made(transport)
        self.resume()
        return transport, self._inner

    def hold(self) -> None:
        """Deliver nothing more until `resume`; the server is held back by its own window."""
        self._holding = True
        if self._transport is not None and not self._ended:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Deliver what has come meanwhile, and go on."""
        self._holding = False
        self._heard = time.monotonic()
        if self._inner is None:
            return
        if self._kept:
            data = bytes(self._kept)
            self._kept.clear()
            self._inner.data_received(data)
        if self._holding:  # the data was a host key that has to wait
            return
        if self._ended:
            self._inner.connection_lost(self._error)
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def close(self) -> None:
        """Cut the stream, whoever has it."""
        if self._transport is not None:
            self._transport.abort()

    def _open_transport(self) -> asyncio.Transport:
        if self._transport is None:
            raise ConnectionResetError("not connected")
        return self._transport

    def _is_identified(self) -> bool:
        lines = self._kept.split(b"\n")[:-1]
        return any(line.startswith(b"SSH-") for line in lines)

    # asyncio.Protocol, and asyncssh's SSHTCPSession, which has `datatype` and `session_started`

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the stream."""
        self._transport = cast("asyncio.Transport", transport)

    def session_started(self) -> None:
        """A channel is open; there is nothing to do."""

    def data_received(self, data: bytes, datatype: int | None = None) -> None:  # noqa: ARG002 # TCP channels have one type
        """Keep or pass on."""
        self._heard = time.monotonic()
        if self._holding or self._inner is None:
            self._kept += data
            self._news.set()
        else:
            self._inner.data_received(data)

    def eof_received(self) -> None:
        """An SSH server never half-closes, so the end of its bytes is the end."""
        self._lost(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Keep or pass on the end."""
        self._lost(exc)

    def _lost(self, exc: Exception | None) -> None:
        if self._ended:
            return
        self._ended = True
        self._error = exc
        self._news.set()
        if not self._holding and self._inner is not None:
            self._inner.connection_lost(exc)
