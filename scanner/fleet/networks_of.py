"""The cluster's own networks, read once for all hosts of a run."""

from __future__ import annotations

import functools
import ipaddress

from scanner.facts.routes import Network
from scanner.request import Cluster


def networks_of(cluster: Cluster) -> tuple[Network, ...]:
    """Those of pods, then those of services."""
    return _networks((*cluster.pod_subnets, *cluster.service_subnets))


@functools.lru_cache(maxsize=64)
def _networks(texts: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(map(network, texts))


@functools.lru_cache(maxsize=256)
def network(text: str) -> Network:
    """One of them; the inventory has refused what is none."""
    return ipaddress.ip_network(text, strict=False)
