"""Calls the Service from a node's own network: through kube-proxy, as any process there would."""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from scanner.transport.base import Session
from scanner.transport.forward import Tunnels
from scanner.verify.smoke import dns_query

_SECONDS = 5.0
_LARGEST = 4096
DNS_PORT = 53


class CallFailed(Exception):
    """A request was not answered; the message says how."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to connect to, from this machine."""

    host: str
    port: int


@asynccontextmanager
async def place_of(session: Session, address: str, port: int) -> AsyncIterator[Place]:
    """A way to an address of the cluster's own network, while the block runs.

    Raises:
        HostUnreachable: the session has ended.
    """
    if not isinstance(session, Tunnels):  # this machine is a node itself
        yield Place(address, port)
        return
    async with session.forward(address, port) as local:
        yield Place("127.0.0.1", local)


async def who_answers(place: Place) -> str:
    """The name of the pod that answers one HTTP request, on a connection of its own.

    Raises:
        CallFailed: nobody does, or not with 200.
    """
    asked = b"GET /hostname HTTP/1.0\r\nHost: smoke\r\nConnection: close\r\n\r\n"
    answer = await _exchange(place, asked, read=-1)
    head, _, body = answer.partition(b"\r\n\r\n")
    status = head.split(b" ", 2)[1:2]
    if status != [b"200"]:
        said = head.split(b"\r\n")[0][:80].decode("ascii", "replace")
        raise CallFailed(f"it was answered {said!r}" if answer else "the connection was closed")
    return body.decode("ascii", "replace").strip()[:253]


async def resolve(place: Place, name: str, *, v6: bool) -> tuple[str, ...]:
    """Ask a DNS server over TCP.

    Raises:
        CallFailed: it does not answer, or there is no such name.
    """
    number = secrets.randbelow(1 << 16)
    try:
        asked = dns_query.question(name, number, v6=v6)
        answer = await _exchange(place, struct.pack(">H", len(asked)) + asked, read=2)
        return dns_query.addresses(answer, number)
    except dns_query.DnsError as error:
        raise CallFailed(str(error)) from None


async def _exchange(place: Place, asked: bytes, *, read: int) -> bytes:
    """Send and read: to the end (-1), or a length of so many bytes and what it announces."""
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_connection(place.host, place.port)
            try:
                writer.write(asked)
                await writer.drain()
                if read < 0:
                    return await _to_the_end(reader)
                length = int.from_bytes(await reader.readexactly(read), "big")
                return await reader.readexactly(length)
            finally:
                writer.close()
    except TimeoutError:
        raise CallFailed(f"no answer within {_SECONDS:g} s") from None
    except (OSError, EOFError) as error:
        said = getattr(error, "strerror", None) or "the connection was closed"
        raise CallFailed(said) from None


async def _to_the_end(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    while len(answer) < _LARGEST and (piece := await reader.read(_LARGEST)):
        answer += piece
    return answer


@dataclass(slots=True)
class Load:
    """Requests one after the other, as long as it runs: what a user would see of an update."""

    place: Place
    answered: int = 0
    failures: list[str] = field(default_factory=list)
    pods: set[str] = field(default_factory=set)

    async def run(self, pause: float) -> None:
        """Go on until cancelled; seconds between two requests."""
        while True:
            try:
                self.pods.add(await who_answers(self.place))
                self.answered += 1
            except CallFailed as error:
                self.failures.append(str(error))
            await asyncio.sleep(pause)
