"""`nodeRegistration`: what one host is registered as, the same for init and for a join."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from scanner.kubeadm.config_api import ConfigApi
from scanner.request import Cluster, ContainerRuntime, Host, NodeRole
from scanner.target import Target

_FAMILIES = 2


def node_registration(target: Target, host: Host) -> Mapping[str, Any]:
    """Only what the inventory names, so that kubeadm chooses the rest itself.

    A socket that is not named is kubeadm's to find, and of several it is kubeadm's to refuse.
    """
    api = ConfigApi.of(target.kubeadm)
    cluster = target.cluster
    named = host.cri_socket or cluster.container_runtime is not ContainerRuntime.AUTO
    fields: dict[str, Any] = {
        "name": host.node_name,
        "criSocket": api.socket(target.cri_socket) if named else None,
        "imagePullPolicy": cluster.image_pull_policy if api.pull_policy else None,
        "kubeletExtraArgs": api.arguments(arguments)
        if (arguments := _kubelet(target, host))
        else None,
    }
    found = {name: value for name, value in fields.items() if value}
    taints = _taints(api, host)
    # an empty list takes the default taint away, and is not the same as no list
    return found if taints is None else {**found, "taints": taints}


def _kubelet(target: Target, host: Host) -> Mapping[str, str]:
    address = node_ip(host, target.cluster)
    return {} if address is None else {"node-ip": address}


def node_ip(host: Host, cluster: Cluster) -> str | None:
    """The address by which the others know the host, where it is not left to the kubelet.

    With two families the kubelet must find both itself: before 1.20 it takes one address only.
    """
    if host.internal_address is None or len(cluster.pod_subnets) == _FAMILIES:
        return None
    try:
        return str(ipaddress.ip_address(host.internal_address))
    except ValueError:
        return None


def _taints(api: ConfigApi, host: Host) -> list[dict[str, str]] | None:
    """kubeadm's list stands in the place of its own default; None leaves that to kubeadm."""
    own = [taint(text) for text in dict.fromkeys(host.taints or ())]
    if not host.is_control_plane:
        return own or None
    if NodeRole.WORKER in host.roles or host.taints == ():
        return own
    # one of the user's own stands in the place of kubeadm's for the same key and effect
    given = {(found["key"], found["effect"]) for found in own}
    usual = [
        found for found in api.control_plane_taints if (found["key"], found["effect"]) not in given
    ]
    return None if host.taints is None else [*usual, *own]


def taint(text: str) -> dict[str, str]:
    """`key[=value]:effect` as the API has it."""
    name, _, effect = text.rpartition(":")
    key, equals, value = name.partition("=")
    return {"key": key, **({"value": value} if equals else {}), "effect": effect}
