"""TCP: resolve a name and connect to the first of its addresses that answers (RFC 8305)."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import threading
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scanner.transport.wire import Wire

_Address: TypeAlias = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int]]

ATTEMPT_DELAY = 0.25
"""Seconds before the next address is tried beside the one before it (RFC 8305, 5)."""


async def dial(wire: Wire, host: str, port: int, family: int = socket.AF_UNSPEC) -> None:
    """Connect `wire` to a host.

    Raises:
        OSError: with socket.gaierror for names; of several addresses, the first one's error.
    """
    addresses = await _resolve(host, port, family)
    sock = await _first([_connect(*address) for address in addresses])
    await asyncio.get_running_loop().create_connection(lambda: wire, sock=sock)


async def _resolve(host: str, port: int, family: int) -> list[_Address]:
    """Look a name up in a thread of its own.

    The event loop's pool has six threads on a machine with two cores: a dead name server would
    hold them all, and with them every other host and the end of the program.
    """
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(host)
        kind = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 # IP's own versions
        return [(kind, (host, port))]
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[_Address]] = loop.create_future()

    def deliver(result: list[_Address] | OSError) -> None:
        if answer.done():
            return
        if isinstance(result, OSError):
            answer.set_exception(result)
        else:
            answer.set_result(result)

    def look_up() -> None:
        result: list[_Address] | OSError
        try:
            found = socket.getaddrinfo(host, port, socket.AddressFamily(family), socket.SOCK_STREAM)
            result = _interleave([(row[0], row[4]) for row in found])  # type: ignore[misc] # typeshed adds AF_PACKET's shape
        except OSError as error:
            result = error
        except UnicodeError:
            result = socket.gaierror(socket.EAI_NONAME, "not a host name")
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(deliver, result)

    threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
    return await answer


def _interleave(addresses: list[_Address]) -> list[_Address]:
    """Alternate the families, beginning with the resolver's first choice (RFC 8305, 4)."""
    first = [address for address in addresses if address[0] == addresses[0][0]]
    second = [address for address in addresses if address[0] != addresses[0][0]]
    order: list[_Address] = []
    while first or second:
        order += first[:1] + second[:1]
        del first[:1], second[:1]
    return order


async def _connect(family: socket.AddressFamily, address: tuple[str | int, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


async def _first(attempts: list[Coroutine[None, None, socket.socket]]) -> socket.socket:
    """Start the attempts one after the other, and keep the first connection."""
    if len(attempts) == 1:
        return await attempts[0]
    waiting = list(attempts)
    running: set[asyncio.Task[socket.socket]] = set()
    errors: list[OSError] = []
    winner: socket.socket | None = None
    try:
        while winner is None and (waiting or running):
            if waiting:
                running.add(asyncio.create_task(waiting.pop(0)))
            done, running = await asyncio.wait(
                running,
                timeout=ATTEMPT_DELAY if waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task in done:
                error = task.exception()
                if isinstance(error, OSError):
                    errors.append(error)
                elif winner is None:
                    winner = task.result()
                else:
                    task.result().close()
    finally:
        for attempt in waiting:
            attempt.close()
        for task in running:
            task.cancel()
            task.add_done_callback(_close_late)
    if winner is None:
        raise errors[0]
    return winner


def _close_late(task: asyncio.Task[socket.socket]) -> None:
    """Close a connection that came after the first one."""
    if not task.cancelled() and task.exception() is None:
        task.result().close()
