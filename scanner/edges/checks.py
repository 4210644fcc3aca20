"""The three things that are said of edges, each with an id of its own."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.checks.rule import Severity


@dataclass(frozen=True, slots=True)
class EdgeCheck:
    """One entry of the catalogue; ids are for ever."""

    id: str
    title: str
    severity: Severity
    """The worst that it can say."""
    remedy: str
    description: str
    kubeadm: None = None
    """kubeadm sees one host and has none of these."""
    compares: bool = True
    """One host alone has no edges."""


CLOSED = EdgeCheck(
    "KS790",
    "ports between hosts",
    Severity.ERROR,
    "Open these ports between these hosts, in the hosts' firewalls and in those between them.",
    """Each host dials the ports that its role needs on the others; passes if all of them answer.

    A connection shows that a port is reachable, and so does a refusal where kscan has not listened
    itself. Silence for 3.5 s is a drop. The API server's port is dialled by every host, etcd's two
    among control planes, the kubelet's by control planes, and the ports of the CNI that is named by
    every host. Source: kubernetes.io, Ports and Protocols; the CNIs' own documents.""",
)
NAMES = EdgeCheck(
    "KS791",
    "names of the other hosts",
    Severity.WARNING,
    "Add the hosts to DNS, or to /etc/hosts of each host.",
    """Each host looks up the node names of those that it dials; passes if each stands for an
    address of that host.""",
)
PATHS = EdgeCheck(
    "KS792",
    "paths between hosts",
    Severity.WARNING,
    "Give all links one MTU, and see what delays or loses packets on the way to these hosts.",
    """Compares round-trip times and the MTU that each host's routes have; where kscan listens on a
    UDP port of the CNI, also counts lost datagrams and looks for the largest that arrives.""",
)

EDGE_CHECKS = (CLOSED, NAMES, PATHS)
"""Ordered by id."""
