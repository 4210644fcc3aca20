"""A port of this machine that leads to one that a host reaches; and its end with the session."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from scanner.errors import HostUnreachable
from scanner.transport.base import Session
from scanner.transport.forward import Tunnels
from scanner.transport.local import LocalSession
from scanner.transport.ssh import SshTransport
from scanner.verify.kubeconfig import Credentials
from scanner.verify.tunnel import way_to
from tests.transport.machine import Machine

LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def echoing() -> AsyncIterator[int]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(echo, LOOPBACK, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def said(port: int, words: bytes = b"hello") -> bytes:
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    try:
        writer.write(words)
        return await reader.read(100)
    finally:
        writer.close()


def tunnel(session: Session) -> Tunnels:
    assert isinstance(session, Tunnels)
    return session


async def test_what_is_said_there_is_said_here(machine: Machine, transport: SshTransport) -> None:
    async with (
        echoing() as far,
        transport.connect(machine.host()) as session,
        tunnel(session).forward(LOOPBACK, far) as near,
    ):
        assert near != far
        answers = await asyncio.gather(*(said(near, b"%d" % n) for n in range(5)))
    assert answers == [b"0", b"1", b"2", b"3", b"4"]
    assert machine.forwarded == [(LOOPBACK, far)] * 5


async def test_the_port_is_closed_with_its_block(machine: Machine, transport: SshTransport) -> None:
    async with echoing() as far, transport.connect(machine.host()) as session:
        async with tunnel(session).forward(LOOPBACK, far) as near:
            pass
        with pytest.raises(OSError, match=r"Connect call failed|refused"):
            await said(near)


async def test_a_port_that_nobody_has_closes_at_once(
    machine: Machine, transport: SshTransport
) -> None:
    async with echoing() as far:
        pass
    async with (
        transport.connect(machine.host()) as session,
        tunnel(session).forward(LOOPBACK, far) as near,
    ):
        answer = b""
        with contextlib.suppress(ConnectionError):  # the end may come before the words
            answer = await said(near)
        assert answer == b""


@pytest.mark.parametrize("forwarding", [True, False])
async def test_a_server_that_is_not_reached_is_named(
    machine: Machine, transport: SshTransport, *, forwarding: bool
) -> None:
    machine.forwarding = forwarding
    async with echoing() as far:
        pass
    server = Credentials(LOOPBACK, far, b"")
    reason = "connection refused|cannot be connected to" if forwarding else "AllowTcpForwarding"
    async with transport.connect(machine.host()) as session:
        with pytest.raises(HostUnreachable, match=reason):
            async with way_to(session, server):
                pass


async def test_this_machine_needs_no_tunnel() -> None:
    server = Credentials(LOOPBACK, 1, b"")
    for session in (None, LocalSession()):
        async with way_to(session, server) as port:
            assert port is None
