"""Switches below /proc/sys: forwarding, and bridged packets through iptables."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterator

from scanner.checks.rule import (
    ALL,
    Evidence,
    Finding,
    Severity,
    applies,
    check,
    clip,
    history,
)
from scanner.facts.base import FactMissing, Facts
from scanner.facts.kernel import Sysctls
from scanner.kubeadm import releases
from scanner.target import Role, Target

BRIDGE_IPV4 = "/proc/sys/net/bridge/bridge-nf-call-iptables"
BRIDGE_IPV6 = "/proc/sys/net/bridge/bridge-nf-call-ip6tables"
FORWARD_IPV4 = "/proc/sys/net/ipv4/ip_forward"
FORWARD_IPV6 = "/proc/sys/net/ipv6/conf/default/forwarding"
PATHS = {4: (BRIDGE_IPV4, FORWARD_IPV4), 6: (BRIDGE_IPV6, FORWARD_IPV6)}
_FAMILY = {path: family for family, paths in PATHS.items() for path in paths}

_REMEDY = (
    "Set the key of {subject} to 1 in /etc/sysctl.d/99-kubernetes.conf and run `sysctl --system`; "
    "the files in net/bridge come with br_netfilter, to be named in /etc/modules-load.d."
)


@functools.lru_cache(maxsize=64)
def _family(host: str) -> frozenset[int]:
    """4 or 6 for an address, nothing for a name."""
    try:
        return frozenset({ipaddress.ip_address(host).version})
    except ValueError:
        return frozenset()


def _of_networks(target: Target) -> frozenset[int]:
    networks = (*target.cluster.service_subnets, *target.cluster.pod_subnets)
    return frozenset(6 if ":" in network else 4 for network in networks)


def families_asked(target: Target) -> frozenset[int]:
    """The IP families whose switches kubeadm asks for.

    Where the address that decides is not known, the cluster's networks stand for it: the API
    server's address has the family of the first service network.
    """
    address = target.advertise_address if target.role is Role.INIT else target.endpoint
    own = _family(address) if address else _of_networks(target)
    if releases.find(target.kubeadm).ipv4_always:
        return own | {4}
    return own | _of_networks(target) if target.role is Role.INIT else own


def _not_this_family(target: Target, path: str) -> str | None:
    family = _FAMILY[path]
    if family in families_asked(target):
        return None
    if target.role is Role.INIT:
        return f"the cluster has no IPv{family} address that kubeadm would look at"
    if not target.endpoint:
        return f"the cluster has no IPv{family} network"
    return f"the API endpoint {clip(target.endpoint)} is not an IPv{family} address"


@check(
    "KS401",
    "kernel switches",
    *history(
        *(ALL, Severity.ERROR),
        until="1.30",
        v1_20=Evidence.REAL,
        gaps=Evidence.NOTES,
        subjects=(BRIDGE_IPV4, BRIDGE_IPV6),
    ),
    *history(
        *(ALL, Severity.ERROR),
        v1_20=Evidence.REAL,
        gaps=Evidence.NOTES,
        subjects=(FORWARD_IPV4, FORWARD_IPV6),
    ),
    kubeadm="FileContent-{subject}",
    remedy=_REMEDY,
    subjects=lambda _target: tuple(_FAMILY),
    skip=_not_this_family,
)
def kernel_switch(facts: Facts, _target: Target, path: str) -> Iterator[Finding]:
    """Read the file; passes if it begins with 1.

    Until 1.26 IPv4's switches are always asked for, IPv6's where init's advertise address, or the
    API endpoint of a join, is an IPv6 address. From 1.27 on init asks for the families of its
    service and pod networks and its advertise address, a join only for that of an endpoint that is
    an address. From 1.30 on kubeadm no longer asks for the two of br_netfilter; without that module
    their files do not exist. Source: checks.go FileContentCheck, v1.20.2; release notes of 1.27
    (PR#115420) and 1.30 (PR#123464).
    """
    yield from _is_one(facts, path)


def _is_one(facts: Facts, path: str) -> Iterator[Finding]:
    sysctls = facts[Sysctls]
    value = sysctls.values.get(path)
    if path in sysctls.absent:
        yield Finding(f"{path} does not exist", have="absent", need="1", source=path)
    elif value is None:
        raise FactMissing(f"{path} could not be read")
    elif not value.startswith("1"):
        yield Finding(
            f"{path} is {clip(value) or 'empty'} and must be 1",
            have=clip(value) or "empty",
            need="1",
            source=path,
        )


def _only_ours(target: Target) -> tuple[str, ...]:
    """The switches of the cluster's families that kubeadm does not ask this host for."""
    rows = kernel_switch.rows(target, kernel_switch.of_version(target.kubeadm))
    asked = {path for path, row in rows if row and kernel_switch.skip(target, path) is None}
    wanted = (path for family in sorted(_of_networks(target)) for path in PATHS[family])
    return tuple(path for path in wanted if path not in asked)


@check(
    "KS402",
    "kernel switches that kubeadm does not ask for",
    applies(ALL, Severity.WARNING, own=True),
    kubeadm=None,
    remedy=_REMEDY,
    subjects=_only_ours,
)
def other_kernel_switch(facts: Facts, _target: Target, path: str) -> Iterator[Finding]:
    """Read the file; passes if it begins with 1.

    Packets to and from pods need these switches in each family that the cluster's networks have.
    This check has those that kubeadm of this version does not ask for (any more), or not on this
    host because of how its join names the API server.
    """
    yield from _is_one(facts, path)
