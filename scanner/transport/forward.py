"""What a host says of a connection that it was asked to make for us (direct-tcpip)."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Dialled(StrEnum):
    """How it ended."""

    OPEN = "open"
    REFUSED = "refused"
    SILENT = "silent"
    UNROUTABLE = "unroutable"
    FORBIDDEN = "forbidden"
    """The host makes no connections for this login."""
    UNKNOWN = "unknown"


@runtime_checkable
class Forwards(Protocol):
    """A session whose host can dial others for us."""

    async def dial(self, host: str, port: int, *, timeout: float) -> Dialled:
        """Let the host connect, and close at once.

        Args:
            host: an IP address.
            port: TCP.
            timeout: seconds; no answer until then is SILENT.
        """


@runtime_checkable
class Tunnels(Protocol):
    """A session whose host connects us to others, for as long as we like."""

    def forward(self, host: str, port: int) -> AbstractAsyncContextManager[int]:
        """Listen on 127.0.0.1 while the block runs; each connection there becomes one of the host.

        A connection that the host cannot make is closed at once, as it is for `ssh -L`; see
        Forwards.dial for the reason.

        Args:
            host: a name or address as the host knows it.
            port: TCP.

        Yields:
            The local port.
        """


def dialled(code: int, reason: str) -> Dialled:
    """Read the failure of a channel (RFC 4254, 5.1); sshd puts strerror(3) into the reason.

    Args:
        code: 1 administratively prohibited, 2 connect failed, 3 unknown channel type, 4 shortage.
        reason: the server's own words.
    """
    if code in (1, 3):
        return Dialled.FORBIDDEN
    words = reason.lower()
    if "refused" in words:
        return Dialled.REFUSED
    if "timed out" in words:
        return Dialled.SILENT
    if "route" in words or "unreachable" in words:
        return Dialled.UNROUTABLE
    return Dialled.UNKNOWN
