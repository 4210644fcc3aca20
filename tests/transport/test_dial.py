"""A host that connects for us: what its sshd says of it, and when it says nothing."""

from __future__ import annotations

import socket

import pytest

from scanner.errors import HostUnreachable
from scanner.transport.base import Session
from scanner.transport.forward import Dialled, Forwards, dialled
from scanner.transport.local import LocalSession
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine

LOOPBACK = "127.0.0.1"


async def dial(session: Session, port: int, seconds: float = 20) -> Dialled:
    assert isinstance(session, Forwards)
    return await session.dial(LOOPBACK, port, timeout=seconds)


async def test_open_and_refused(machine: Machine, transport: SshTransport) -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        async with transport.connect(machine.host()) as session:
            assert await dial(session, port) is Dialled.OPEN
            server.close()
            assert await dial(session, port) in {Dialled.REFUSED, Dialled.UNKNOWN}
    assert machine.forwarded == [(LOOPBACK, port)] * 2


async def test_forbidden(machine: Machine, transport: SshTransport) -> None:
    machine.forwarding = False
    async with transport.connect(machine.host()) as session:
        assert await dial(session, 1) is Dialled.FORBIDDEN


async def test_no_answer(
    machine: Machine, transport: SshTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with transport.connect(machine.host()) as session:
        (server,) = machine.open
        monkeypatch.setattr(server, "_recv_handler", lambda: False)
        assert await dial(session, 1, 0.2) is Dialled.SILENT


async def test_a_lost_connection_is_no_answer(machine: Machine, transport: SshTransport) -> None:
    async with transport.connect(machine.host()) as session:
        for server in list(machine.open):
            server.abort()
        with pytest.raises(HostUnreachable, match="was lost"):
            await dial(session, 1)


def test_this_machine_dials_by_itself() -> None:
    assert not isinstance(LocalSession(), Forwards)


@pytest.mark.parametrize(
    ("code", "reason", "meaning"),
    [
        (2, "Connection refused", Dialled.REFUSED),
        (2, "connect failed: Connection timed out", Dialled.SILENT),
        (2, "No route to host", Dialled.UNROUTABLE),
        (2, "Network is unreachable", Dialled.UNROUTABLE),
        (2, "open failed", Dialled.UNKNOWN),
        (2, "", Dialled.UNKNOWN),
        (1, "administratively prohibited", Dialled.FORBIDDEN),
        (3, "unknown channel type", Dialled.FORBIDDEN),
        (4, "resource shortage", Dialled.UNKNOWN),
    ],
)
def test_what_an_sshd_says(code: int, reason: str, meaning: Dialled) -> None:
    assert dialled(code, reason) is meaning
