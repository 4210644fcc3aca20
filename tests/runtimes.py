"""Container runtimes, as hosts and crictl tell of them."""

from __future__ import annotations

from scanner.facts.cri import Cri, CriInfo, CriSocket, Rpc, Runtime
from scanner.facts.paths import PathState
from scanner.facts.programs import Docker, Run, Sockets
from scanner.facts.runtime_config import ContainerdConfig
from scanner.kubeadm.images import wanted
from scanner.versions import parse_version

CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
CRIO_SOCKET = "/var/run/crio/crio.sock"
DOCKER_SOCKET = "/var/run/docker.sock"
DOCKERSHIM_SOCKET = "/var/run/dockershim.sock"
CRI_DOCKERD_SOCKET = "/var/run/cri-dockerd.sock"
SOCKETS = (
    *(CONTAINERD_SOCKET, CRIO_SOCKET),
    *(DOCKER_SOCKET, DOCKERSHIM_SOCKET, CRI_DOCKERD_SOCKET),
)
SILENT = Run(0, "", "")
DENIED = Run(1, "", "dial unix: connect: permission denied")
REFUSED = Run(1, "", "dial unix: connect: connection refused")
NO_CURL = "there is no curl to ask the runtime with"
CRI_SOCKETS = (CONTAINERD_SOCKET, CRIO_SOCKET, CRI_DOCKERD_SOCKET)


def cri(
    run: Run = SILENT,
    *,
    ready: bool | None = True,
    reason: str = "",
    sockets: tuple[str, ...] = CRI_SOCKETS,
) -> Cri:
    """A host that only crictl can ask."""
    answer = CriSocket(CriInfo(run, ready, reason), None, NO_CURL)
    return Cri(crictl=True, sockets=dict.fromkeys(sockets, answer))


RUNTIME_READY = Rpc(runtime_ready=True, runtime_config=True, runtime=Runtime("containerd", "2.1.4"))


def images(version: str, *without: str, repository: str = "") -> frozenset[str]:
    """All that a kubeadm of this version wants, but for those with these words in their names."""
    own = parse_version(version)
    found = wanted(own, own, repository, local_etcd=True).names
    return frozenset(name for name in found if not any(word in name for word in without))


def rpc(answer: Rpc | None = None, *, unasked: str = "") -> Cri:
    """A host without crictl whose runtime is asked over gRPC."""
    return Cri(crictl=False, sockets=dict.fromkeys(CRI_SOCKETS, CriSocket(None, answer, unasked)))


def runtime(names: frozenset[str] | None = None) -> Cri:
    """A host whose runtime works, whoever asks it, with these images."""
    info = CriInfo(SILENT, runtime_ready=True, reason="")
    answer = CriSocket(info, RUNTIME_READY, images=names)
    return Cri(crictl=True, sockets=dict.fromkeys(CRI_SOCKETS, answer))


def docker(
    version: str = "19.03.14",
    driver: str = "overlay2",
    cgroups: str = "systemd",
    stderr: str = "",
    names: frozenset[str] | None = None,
) -> Docker:
    run = Run(0, f"{version}|{driver}|{cgroups}", stderr)
    return Docker(version, driver, cgroups, run, names)


def silent_docker(run: Run = REFUSED) -> Docker:
    return Docker("", "", "", run)


def containerd(
    *disabled: str, default: str = "runc", imports: bool = False, **systemd: bool
) -> ContainerdConfig:
    return ContainerdConfig(disabled, default, systemd or None, imports)


def sockets(*present: str, hidden: tuple[str, ...] = ()) -> Sockets:
    """These sockets are there; of the others that kubeadm looks for, none is."""
    states = dict.fromkeys(SOCKETS, PathState.ABSENT) | dict.fromkeys(hidden, PathState.HIDDEN)
    others = {path: state for path, state in states.items() if path not in present}
    return Sockets(frozenset(present), others)
