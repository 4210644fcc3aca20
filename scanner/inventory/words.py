"""Machines as they are written on the command line: `[user@]host[:port]`, with ranges."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.inventory import addresses, names, ranges
from scanner.inventory.problems import quoted

_BRACKETED = re.compile(r"(?P<host>\[.*:.*\])(?::(?P<port>[^:\]]*))?")
_WITH_PORT = re.compile(r"(?P<host>[^:]*):(?P<port>[^:]*)")


@dataclass(frozen=True, slots=True)
class Word:
    """One word, taken apart."""

    hosts: tuple[str, ...]
    """Addresses, at least one; ranges are expanded."""
    user: str | None = None
    port: int | None = None


def split(text: str) -> Word:
    """Take `ops@10.0.0.[11-13]:2222` or `ops@[2001:db8::1]:22` apart.

    Raises:
        ValueError: some part of it is wrong.
    """
    user, at, rest = text.rpartition("@")
    match = _BRACKETED.fullmatch(rest) or _WITH_PORT.fullmatch(rest)
    host, port = (match["host"], match["port"]) if match else (rest, None)
    if not host:
        raise ValueError(f"{quoted(text)}: expected [user@]host[:port]")
    return Word(
        tuple(addresses.address(word) for word in ranges.expand(host)),
        names.user(user) if at else None,
        None if port is None else addresses.port(port),
    )
