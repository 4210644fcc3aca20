"""The networks that the host has routes to: /proc/net/route and /proc/net/ipv6_route."""

from __future__ import annotations

import functools
import ipaddress
from dataclasses import dataclass
from typing import TypeAlias

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_COLUMNS = 4


@dataclass(frozen=True, slots=True)
class Route:
    """One route, neither a default route nor one to the host itself."""

    network: Network
    device: str
    """`*` for a network that is refused (a blackhole)."""
    gateway: str
    """Empty for a network that is reached directly."""


@dataclass(frozen=True, slots=True)
class Routes:
    """The kernel's main tables, IPv4 and IPv6."""

    routes: tuple[Route, ...]
    complete: bool = True
    """False if there are more than 400."""


def parse_routes(text: str) -> Routes:
    """Read `ipv4_route=DEVICE NETWORK MASK GATEWAY` and `ipv6_route=` alike, in hex digits."""
    fields = Fields.of(text)
    if fields.get("read") != "yes":
        raise ParseError("the routes were not read to their end")
    return Routes(
        (
            *map(_ipv4, fields.all("ipv4_route")),
            *map(_ipv6, fields.all("ipv6_route")),
        ),
        complete=fields.get("truncated") != "yes",
    )


@functools.lru_cache(maxsize=4096)
def _ipv4(line: str) -> Route:
    """A line of /proc/net/route: each number is an address in the host's byte order.

    That is taken to be little endian, as in `Listeners`.
    """
    device, network, mask, gateway = _columns(line)
    try:
        found = ipaddress.IPv4Network((_word(network), str(_word(mask))), strict=False)
        through = _word(gateway)
    except ValueError as error:
        raise ParseError(f"{line[:80]!r} is no line of /proc/net/route") from error
    return Route(found, device, str(through) if int(through) else "")


@functools.lru_cache(maxsize=4096)
def _ipv6(line: str) -> Route:
    """A line of /proc/net/ipv6_route: 32 hex digits, the length in hex, the gateway alike."""
    device, network, length, gateway = _columns(line)
    try:
        found = ipaddress.IPv6Network((bytes.fromhex(network), int(length, 16)), strict=False)
        through = ipaddress.IPv6Address(bytes.fromhex(gateway))
    except ValueError as error:
        raise ParseError(f"{line[:120]!r} is no line of /proc/net/ipv6_route") from error
    return Route(found, device, str(through) if int(through) else "")


def _word(digits: str) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(bytes.fromhex(digits)[::-1])


def _columns(line: str) -> tuple[str, str, str, str]:
    parts = line.split(" ")
    if len(parts) != _COLUMNS:
        raise ParseError(f"{line[:80]!r} is no route")
    return parts[0], parts[1], parts[2], parts[3]
