"""Which container runtime kubeadm would use on a host.

Source: util/runtime/runtime.go and runtime_unix.go of v1.20.2 and of a tree of 1.24; release note
of 1.24 (PR#107317) for what changed when dockershim went.
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
    *,
    refused: frozenset[str] = frozenset(),
) -> Choice:
    """Do what kubeadm does, with the configured socket or runtime first.

    Args:
        wanted: `containerRuntime` of the inventory.
        socket: `criSocket` of the host, with or without `unix://`.
        present: the sockets that exist on the host.
        kubeadm: the version that will choose.
        refused: those of them on which nobody listens; a kubeadm from 1.24 on connects, and does
            not count them (v1.20.2 only looks for the file; between the two it is not known).
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
    found = [runtime for runtime, path in sockets.items() if path in present]
    if modern:
        # Where nobody answers at all the stopped runtime is named, not the default in its place.
        found = [runtime for runtime in found if sockets[runtime] not in refused] or found
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
