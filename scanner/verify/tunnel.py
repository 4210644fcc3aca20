"""The way from here to an API server: through the SSH session of a host that reaches it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scanner.errors import HostUnreachable
from scanner.transport.base import Session
from scanner.transport.forward import Dialled, Forwards, Tunnels
from scanner.verify.kubeconfig import Credentials

_DIAL_SECONDS = 10.0
_WHY = {
    Dialled.REFUSED: "nothing listens at {} (connection refused)",
    Dialled.SILENT: "{} does not answer: is a firewall between them?",
    Dialled.UNROUTABLE: "there is no route to {}",
    Dialled.FORBIDDEN: "sshd does not forward to {}: see AllowTcpForwarding and PermitOpen there",
    Dialled.UNKNOWN: "{} cannot be connected to: does its name resolve there?",
}


@asynccontextmanager
async def way_to(session: Session | None, server: Credentials) -> AsyncIterator[int | None]:
    """A port of 127.0.0.1 that leads to a server; None where this machine goes by itself.

    Args:
        session: of a host; one without tunnels is this machine itself.
        server: as the host reaches it.

    Raises:
        HostUnreachable: the host does not reach it; the message says how it failed.
    """
    if not isinstance(session, Tunnels):
        yield None
        return
    if isinstance(session, Forwards):
        how = await session.dial(server.host, server.port, timeout=_DIAL_SECONDS)
        if how is not Dialled.OPEN:
            raise HostUnreachable(_WHY[how].format(server.server))
    async with session.forward(server.host, server.port) as port:
        yield port
