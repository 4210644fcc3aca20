"""What can be wrong with a host's key, as one sentence that says what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.errors import HostKeyRejected
from scanner.transport.known_hosts import Entry, Marker, fingerprint, key_type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.transport.route import Route


def unknown_key(route: Route, key: bytes) -> HostKeyRejected:
    """The host key is in no known_hosts file."""
    return HostKeyRejected(
        f"the host key of {route.key_names[0]} is unknown ({_name(key)}): compare it with "
        f"ssh-keygen -lf on the host, then accept it with ssh -p {route.port} {route.address}, "
        "pin it as hostKeys, or use accept-new"
    )


def not_accepted(route: Route, key: bytes) -> HostKeyRejected:
    """The user did not accept the key."""
    return HostKeyRejected(
        f"the host key of {route.key_names[0]} was not accepted by you ({_name(key)})"
    )


def changed_key(route: Route, key: bytes, entries: Sequence[Entry]) -> HostKeyRejected:
    """The host is known by another key."""
    lines = ", ".join(f"{entry.where} ({_name(entry.key)})" for entry in entries[:3])
    return HostKeyRejected(
        f"the host key of {route.key_names[0]} has CHANGED to {_name(key)}, known is {lines}: "
        "if the host was set up anew, remove that line, else someone may be in between"
    )


def revoked_key(route: Route, key: bytes, entry: Entry) -> HostKeyRejected:
    """The key is marked as revoked."""
    return HostKeyRejected(
        f"the host key of {route.key_names[0]} ({_name(key)}) is revoked by {entry.where} "
        f"({Marker.REVOKED.value}): give the host a new one"
    )


def unpinned_key(route: Route, keys: Sequence[bytes]) -> HostKeyRejected:
    """None of the host's keys is pinned."""
    return HostKeyRejected(
        f"{route.where} has the host keys {', '.join(map(_name, keys))}, none of which is pinned "
        "in hostKeys: correct the pin, or find out who answers there"
    )


def _name(key: bytes) -> str:
    return f"{key_type(key)} {fingerprint(key)}"
