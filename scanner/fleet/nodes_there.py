"""The Nodes that a running cluster has: hosts that rules must not take for strangers."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from scanner.facts.routes import Network

HEADER = "kscan-nodes"
"""The first line of an answer; without it the answer was cut."""


@dataclass(frozen=True, slots=True)
class NodesThere:
    """What the API tells of them, whether or not they take part in a run."""

    addresses: frozenset[str]
    """In the canonical form."""
    pod_networks: frozenset[Network]
    """podCIDRs; empty where the network add-on does not use them."""


def nodes_there(text: str) -> NodesThere | None:
    """Read lines of addresses, names and networks; None if there is no node or the answer was cut.

    What is none of these is passed over.
    """
    lines = text.strip().splitlines()
    if not lines or lines[0] != HEADER:
        return None
    addresses: set[str] = set()
    networks: set[Network] = set()
    for word in {word for line in lines[1:] for word in line.split()}:
        try:
            if "/" in word:
                networks.add(ipaddress.ip_network(word))
            else:
                addresses.add(str(ipaddress.ip_address(word)))
        except ValueError:
            continue  # a Node's hostname is among its addresses
    return NodesThere(frozenset(addresses), frozenset(networks)) if addresses else None
