"""Who takes part: a reachable host as the others dial it."""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scanner.facts.base import Facts
from scanner.facts.identity import Addresses
from scanner.membership import shows_signs
from scanner.request import Host
from scanner.resolve import node_name

_SSH = 22
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
"""A node name (RFC 1123); nothing else that a host calls itself is sent to the others."""


@dataclass(frozen=True, slots=True)
class Peer:
    """What the others must know of one host; under 1 KiB."""

    name: str
    """kscan's label."""
    node_name: str
    """What a host looks it up as; empty if it told none that can be a node name."""
    addresses: tuple[str, ...]
    """The one to be dialled first, then others of its own; empty if none is known."""
    is_control_plane: bool
    may_listen: bool = True
    """False where a cluster's components run or may start: kscan opens no port beside them."""
    ssh_port: int = _SSH
    own: frozenset[str] = frozenset()
    """What it says of its interfaces itself; empty if it told nothing."""


def peer_of(host: Host, facts: Facts) -> Peer:
    """Take from the inventory and the host's answer what edges need.

    Args:
        host: internalAddress, then advertiseAddress, then address is what is dialled.
        facts: made of its answer; names its interfaces' addresses where the inventory has none.
    """
    name = node_name(host, facts)
    return Peer(
        host.name,
        name if _NAME.fullmatch(name) else "",
        tuple(dict.fromkeys(_addresses(host, facts))),
        host.is_control_plane,
        may_listen=not shows_signs(facts),
        ssh_port=host.login.port or _SSH,
        own=frozenset(_own(facts, every=True)),
    )


def told_apart(peers: Iterable[Peer]) -> tuple[Peer, ...]:
    """Take away the addresses and names that several share, and addresses that are another's.

    By a shared address a host would dial itself and call it good; virtual machines that are all
    10.0.2.15 behind a NAT of their own do. By an address that is another host's and not its own
    (KS707) that other one would be dialled. That two hosts have one name is a finding of its own
    (KS701); whichever of them a lookup finds says nothing more.
    """
    everybody = tuple(peers)
    addresses = Counter(peer.addresses[0] for peer in everybody if peer.addresses)
    names = Counter(peer.node_name for peer in everybody)
    owners = Counter(address for peer in everybody for address in peer.own)

    def is_anothers(address: str, peer: Peer) -> bool:
        return address not in peer.own and owners[address] > 0

    def dialled(peer: Peer) -> tuple[str, ...]:
        first = next(iter(peer.addresses), "")
        return () if addresses[first] > 1 or is_anothers(first, peer) else peer.addresses

    return tuple(
        replace(
            peer,
            node_name=peer.node_name if names[peer.node_name] == 1 else "",
            addresses=dialled(peer),
        )
        for peer in everybody
    )


def _addresses(host: Host, facts: Facts) -> Iterator[str]:
    for text in (host.internal_address, host.advertise_address, host.login.address):
        if address := _address(text or ""):
            yield address
    yield from _own(facts)


def _own(facts: Facts, *, every: bool = False) -> Iterator[str]:
    """Of the interface with the default route, or of every one that is not only for itself."""
    if (found := facts.get(Addresses)) is None:
        return
    others = (address for _, address in found.others) if every else ()
    for text in (*found.ipv4, *found.ipv6, *others):
        if address := _address(text):
            yield address


def _address(text: str) -> str:
    """The address as it is compared; empty for a name, or one that no other host can dial."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    here_only = address.is_loopback or address.is_link_local
    if here_only or address.is_unspecified or address.is_multicast:
        return ""
    return str(address)
