"""What the inventory says of the cluster: the nodes that must be there, and their roles."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from scanner.request import Cluster, ExternalEtcd, Host, NodeRole, Request
from scanner.resolve import is_address
from scanner.verify.objects import Object, Ref, name_of, objects, text


@dataclass(frozen=True, slots=True)
class ExpectedNode:
    """One host of the inventory as a node of the cluster."""

    host: str
    node_name: str
    """What the inventory or the host itself says; empty if neither does."""
    addresses: frozenset[str]
    control_plane: bool
    worker: bool
    labels: tuple[tuple[str, str], ...] = ()
    taints: tuple[str, ...] | None = None
    """None where the inventory says nothing; empty means that kubeadm gives none."""


@dataclass(frozen=True, slots=True)
class Addon:
    """One manifest of the inventory: the objects that it makes, or why they are not known."""

    name: str
    refs: tuple[tuple[str, Ref], ...] = ()
    """apiVersion and object."""
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known of a cluster before it is asked."""

    cluster: Cluster
    now: datetime.datetime
    """Expiry is judged at this time."""
    nodes: tuple[ExpectedNode, ...] = ()
    """Empty for a cluster of which no inventory is given: then all nodes that it has are judged."""
    token_id: str = ""
    """A token that was just made and must be there; empty: tokens may have expired."""
    addons: tuple[Addon, ...] = ()

    @property
    def external_etcd(self) -> bool:
        """True if etcd is no part of the cluster."""
        return isinstance(self.cluster.etcd, ExternalEtcd)

    def match(self, nodes: Iterable[Object]) -> dict[str, ExpectedNode]:
        """Name of a Node -> its host: by nodeName, else by kscan's name or an address."""
        named = {node.node_name: node for node in self.nodes if node.node_name}
        rest = [node for node in self.nodes if not node.node_name]
        called = {node.host.lower(): node for node in rest}
        at = {address: node for node in rest for address in node.addresses}
        found: dict[str, ExpectedNode] = {}
        for node in nodes:
            name = name_of(node)
            told = (text(address, "address") for address in objects(node, "status", "addresses"))
            by_address = (at[address] for address in told if address in at)
            host = named.get(name) or called.get(name) or next(by_address, None)
            if host is not None:
                found[name] = host
        return found


def expected(
    request: Request,
    now: datetime.datetime,
    *,
    token_id: str = "",
    addons: tuple[Addon, ...] = (),
) -> Expected:
    """From the inventory.

    Args:
        request: all hosts that shall be nodes.
        now: the time of the run.
        token_id: see Expected.
        addons: of the inventory, read.
    """
    nodes = tuple(_node(host) for host in request.hosts)
    return Expected(request.cluster, now, nodes, token_id, addons)


def _node(host: Host) -> ExpectedNode:
    known = (host.internal_address, host.advertise_address, host.login.address)
    return ExpectedNode(
        host.name,
        host.node_name or "",
        frozenset(address for address in known if address and is_address(address)),
        host.is_control_plane,
        NodeRole.WORKER in host.roles,
        host.labels,
        host.taints,
    )
