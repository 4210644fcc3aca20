"""How large the networks of services and of pods may be, for kubeadm to accept them."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterator
from typing import TypeAlias

from scanner.checks.rule import Finding
from scanner.kubeadm import limits, releases
from scanner.target import Target

_CONFIGURATION = "the cluster's configuration"
_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
_network = functools.lru_cache(maxsize=64)(ipaddress.ip_network)
"""The networks are the cluster's, the same for all hosts of a run."""


def service_subnet(target: Target) -> Iterator[Finding]:
    """What is wrong with networking.serviceSubnet; nothing where there is none."""
    for text in target.cluster.service_subnets:
        network = _network(text)
        narrowest = network.max_prefixlen - limits.SERVICE_BITS
        yield from _too_small("service", network)
        if network.prefixlen < narrowest:
            yield Finding(
                f"the service network {network} is too large",
                have=f"/{network.prefixlen}",
                need=f"/{narrowest} or a longer mask",
                source=_CONFIGURATION,
            )


def pod_subnet(target: Target) -> Iterator[Finding]:
    """The same for networking.podSubnet."""
    by_node = releases.find(target.kubeadm).node_in_pod_subnet
    for text in target.cluster.pod_subnets:
        network = _network(text)
        if not by_node:
            yield from _too_small("pod", network)
            continue
        node = limits.NODE_MASKS[network.version]
        widest = node - limits.NODE_MASK_BITS
        if not widest <= network.prefixlen <= node:
            size = "small" if network.prefixlen > node else "large"
            yield Finding(
                f"the pod network {network} is too {size} to be cut into parts of /{node}, one for "
                "each node",
                have=f"/{network.prefixlen}",
                need=f"/{widest} to /{node}",
                source=_CONFIGURATION,
            )


def _too_small(which: str, network: _Network) -> Iterator[Finding]:
    if network.num_addresses < limits.SERVICE_ADDRESSES:
        yield Finding(
            f"the {which} network {network} is too small",
            have=f"{network.num_addresses} addresses",
            need=f"at least {limits.SERVICE_ADDRESSES}",
            source=_CONFIGURATION,
        )
