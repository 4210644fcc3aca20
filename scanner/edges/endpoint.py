"""controlPlaneEndpoint as hosts dial it: at what its name stands for on each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanner.edges.report import EdgeState
from scanner.request import Cluster
from scanner.resolve import endpoint_host


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where every node looks for the API server."""

    host: str
    """A DNS name or an IP address without brackets; the inventory has refused anything else."""
    port: int


@dataclass(frozen=True, slots=True)
class EndpointDials:
    """What one host found when it looked the endpoint up and dialled what it stands for."""

    states: Mapping[str, EdgeState]
    """Address -> what came back. Where sshd has dialled, the name is in the place of its address;
    empty if the name was not found there."""
    why: str = ""
    """Why that is not known; empty if it is."""


def endpoint_of(cluster: Cluster) -> Endpoint | None:
    """The endpoint of a cluster; without a port it has that of the API servers, as in kubeadm."""
    text = cluster.control_plane_endpoint
    host = endpoint_host(text)
    if not host:
        return None
    rest = text.rpartition("]")[2] if text.startswith("[") else text
    number = rest.rpartition(":")[2] if rest.count(":") == 1 else ""
    return Endpoint(host, int(number) if number else cluster.bind_port)
