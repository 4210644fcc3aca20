"""Files, directories and listening sockets that must not, or must, be there."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scanner.facts.base import FactMissing, ParseError
from scanner.facts.fields import Fields


class PathState(StrEnum):
    """What stat(2) and a look into a directory say; links are followed."""

    ABSENT = "absent"
    FILE = "file"
    DIR_EMPTY = "dir-empty"
    DIR_NOT_EMPTY = "dir-not-empty"
    DIR_UNREADABLE = "dir-unreadable"
    BLOCKED = "blocked"
    """stat(2) fails otherwise than by ENOENT: a file is in the way, or a loop of links."""
    HIDDEN = "hidden"
    """A directory above it may not be searched by this login."""


@dataclass(frozen=True, slots=True)
class Paths:
    """The state of each path that was asked for."""

    states: Mapping[str, PathState]
    manifests: tuple[str, ...]
    """File names in /etc/kubernetes/manifests, at most 50."""

    def state(self, path: str) -> PathState:
        """The state of one path.

        Raises:
            FactMissing: it was not asked for, or this login cannot see it.
        """
        state = self.states.get(path)
        if state is None:
            raise FactMissing(f"the host was not asked about {path}")
        if state is PathState.HIDDEN:
            raise FactMissing(f"{path} cannot be seen without root")
        return state


def parse_paths(text: str) -> Paths:
    """Read `STATE=PATH` lines and `manifest=NAME`."""
    fields = Fields.of(text)
    states = {path: state for state in PathState for path in fields.all(state.value)}
    if not states:
        raise ParseError("no path in the answer")
    return Paths(states, fields.all("manifest"))


@dataclass(frozen=True, slots=True)
class Listeners:
    """TCP sockets in the state LISTEN, IPv4 and IPv6."""

    sockets: Mapping[int, tuple[str, ...]]
    """port -> addresses, sorted."""
    known_ports: frozenset[int]
    """Ports about which the answer is complete even if `complete` is False."""
    complete: bool
    """False if the host has more than 1,000 listening sockets."""
    used: frozenset[int] = frozenset()
    """Ports of those that were asked for on which there is a connection."""
    kscans: frozenset[int] = frozenset()
    """Ports on which a kscan listens so that other hosts can dial it; it is left out everywhere
    else, as it is gone within a minute."""
    is_kscan_hidden: bool = False
    """True if there is such a kscan whose sockets this login cannot tell from others."""

    def on(self, port: int) -> tuple[str, ...]:
        """The addresses that the port is held on; empty if it is free.

        Raises:
            FactMissing: too many sockets were listening to know about this port, or a connection
                uses it, which may or may not let another program bind it.
        """
        held = self.sockets.get(port, ())
        if held and self.is_kscan_hidden:
            raise FactMissing(
                f"another kscan listens on this host, and whether port {port} is its own is not "
                "known; ask again in a minute"
            )
        if not held and port in self.used:
            raise FactMissing(f"a connection uses local port {port}; it may not be free to bind")
        if not held and not self.complete and port not in self.known_ports:
            raise FactMissing(f"too many listening sockets to know about port {port}")
        return held


def parse_listeners(text: str) -> Listeners:
    """Read `asked=`, `listen=` and `kscan=` (local_address of /proc/net/tcp, hex) and `ports=`.

    `still=` is what a second look has found of `asked=` and `used=`, after the look for a kscan
    beside; that one may have ended in between, and what has gone with it is not held.
    """
    fields = Fields.of(text)
    if fields.one("read") != fields.one("tables") or fields.one("tables") == "0":
        raise ParseError("/proc/net/tcp and tcp6 were not both read")
    held: dict[int, set[str]] = {}
    own = Counter(value for value in fields.all("kscan") if value != "unread")
    asked, in_use = Counter(fields.all("asked")), fields.all("used")
    if fields.get("again") == fields.one("tables"):
        still = Counter(fields.all("still"))
        asked &= still
        in_use = tuple(value for value in in_use if value in still)
    for value in (*(asked - own), *fields.all("listen")):
        address, _, port = value.partition(":")
        try:
            held.setdefault(int(port, 16), set()).add(_address(address))
        except ValueError as error:
            raise ParseError(f"{value[:60]!r} is no address of /proc/net/tcp") from error
    try:
        known = frozenset(int(port, 16) for port in fields.one("ports").split("|"))
        used, kscans = (
            frozenset(int(value.partition(":")[2], 16) for value in values)
            for values in (in_use, own)
        )
    except ValueError as error:
        raise ParseError("the ports that were asked for cannot be read") from error
    return Listeners(
        {port: tuple(sorted(addresses)) for port, addresses in held.items()},
        known,
        complete=fields.get("truncated") != "yes",
        used=used - kscans,
        kscans=kscans,
        is_kscan_hidden="unread" in fields.all("kscan"),
    )


def _address(text: str) -> str:
    """An address of /proc/net/tcp: 32-bit words in the host's byte order, here little endian.

    A big-endian host (s390x) would print them the other way round; only the wildcard and the
    port matter for a verdict, the address is shown.
    """
    raw = bytes.fromhex(text)
    words = b"".join(raw[i : i + 4][::-1] for i in range(0, len(raw), 4))
    return str(ipaddress.ip_address(words))
