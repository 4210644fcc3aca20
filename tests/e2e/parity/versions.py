"""Versions of kubelets and of clusters, as the lab's kubeadm sees them.

The tables speak of `too old` and of `newer`, so that they hold for every kubeadm; what differs
between them says since when.
"""

from __future__ import annotations

from tests.lab.kubernetes import NAME, VERSION, since

SAME = NAME
TOO_OLD = f"v1.{VERSION.minor - 2}.20"
OLDER = f"v1.{VERSION.minor - 1}.0"
OLDER_CANDIDATE = f"v1.{VERSION.minor - 1}.0-rc.1"
LATE = f"v1.{VERSION.minor}.99"
NEWER = f"v1.{VERSION.minor + 1}.0"
NEWER_ALPHA = f"v1.{VERSION.minor + 1}.0-alpha.1"
"""TOO_OLD to NEWER: both sides of the limits of every kubeadm below 1.29."""

CONFIG_API = "v1beta3" if since("1.22") else "v1beta2"
DOCKERS_DRIVER: frozenset[str] = (
    frozenset() if since("1.22") else frozenset({"IsDockerSystemdCheck"})
)
"""From 1.22 on kubeadm does not ask which cgroup driver docker has (PR#99647)."""
DOCKER_20_10: frozenset[tuple[str, str]] = (
    frozenset() if since("1.21") else frozenset({("WARNING", "SystemVerification")})
)
"""From 1.21 on docker 20.10, which the hosts have, is on the list of SystemVerification."""
TWO_FAMILIES = "" if since("1.21") else "only one CIDR allowed for single-stack networking"
"""From 1.21 on the gate IPv6DualStack is on by default (PR#99294)."""
DUAL_STACK: tuple[str, ...] = () if since("1.24") else ("IPv6DualStack",)
"""From 1.24 on there is no such gate any more."""
WITHOUT_DOCKERSHIM = since("1.24")
"""From 1.24 on docker is no runtime that kubeadm knows: it finds containerd (PR#107317)."""
DEAD_RIVAL = "" if since("1.24") else "Found multiple CRI"
"""From 1.24 on kubeadm connects to a socket before it counts it; before, it is enough that it is
there."""
MANY_RUNTIMES = f"Found multiple CRI {'endpoints' if WITHOUT_DOCKERSHIM else 'sockets'}"
