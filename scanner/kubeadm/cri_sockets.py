"""Which container runtime kubeadm would use on a host.

Source: util/runtime of v1.14.10, v1.20.2 and v1.28.7; release note of 1.24 (PR#107317) for what
changed when dockershim went.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanner.request import ContainerRuntime
from scanner.versions import Version, minor_floor

DOCKER = "/var/run/docker.sock"
DOCKERSHIM = "/var/run/dockershim.sock"
CRI_DOCKERD = "/var/run/cri-dockerd.sock"
CONTAINERD = "/run/containerd/containerd.sock"
CRIO = "/var/run/crio/crio.sock"

USUAL = (DOCKER, DOCKERSHIM, CRI_DOCKERD, CONTAINERD, CRIO)
"""The sockets of the runtimes as their packages set them up."""

_WITHOUT_DOCKERSHIM = minor_floor("1.24")
_DETECTS = minor_floor("1.14")
"""kubeadm 1.13 never looks and always takes dockershim (RN 1.14, PR#69366)."""


_DIALS = minor_floor("1.28")
"""Dials a socket to see whether it is one, so that one on which nobody listens does not count.

v1.28.7 does; up to 1.22 the kind of the file is enough (v1.20.2). Which release between them began
is not known.
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """The runtime and its socket; `rivals` holds all candidates where kubeadm refuses to choose."""

    runtime: ContainerRuntime
    socket: str
    rivals: tuple[str, ...] = ()


def choose(
    wanted: ContainerRuntime,
    socket: str | None,
    present: frozenset[str],
    kubeadm: Version,
    deserted: frozenset[str] = frozenset(),
) -> Choice:
    """Do what kubeadm does, with the configured socket or runtime first.

    Args:
        wanted: `containerRuntime` of the inventory.
        socket: `criSocket` of the host, with or without `unix://`.
        present: the sockets that exist on the host.
        kubeadm: the version that will choose.
        deserted: those on which nobody listens.
    """
    if socket:
        path = socket.removeprefix("unix://")
        return Choice(_runtime_of(path), path)
    modern = kubeadm >= _WITHOUT_DOCKERSHIM
    docker = CRI_DOCKERD if modern else DOCKERSHIM
    sockets = {
        ContainerRuntime.DOCKER: docker,
        ContainerRuntime.CONTAINERD: CONTAINERD,
        ContainerRuntime.CRIO: CRIO,
    }
    if wanted is not ContainerRuntime.AUTO:
        return Choice(wanted, sockets[wanted])
    default = ContainerRuntime.CONTAINERD if modern else ContainerRuntime.DOCKER
    if kubeadm >= _DIALS:
        present -= deserted
    found = [runtime for runtime, path in sockets.items() if path in present]
    if not modern and DOCKER in present:
        # Docker brings a containerd of its own, which kubeadm then does not count.
        found = [ContainerRuntime.DOCKER, *(r for r in found if r is ContainerRuntime.CRIO)]
    if kubeadm < _DETECTS or not found:
        return Choice(default, sockets[default])
    if len(found) > 1:
        return Choice(found[0], sockets[found[0]], tuple(sockets[runtime] for runtime in found))
    return Choice(found[0], sockets[found[0]])


def _runtime_of(path: str) -> ContainerRuntime:
    if "docker" in path:
        return ContainerRuntime.DOCKER
    return ContainerRuntime.CRIO if "crio" in path else ContainerRuntime.CONTAINERD
