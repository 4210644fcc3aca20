"""The container runtime: which one kubeadm takes, and what it says.

crictl is the lab's stand-in, which only tries to connect; the answers of a real one are not shown.
"""

from __future__ import annotations

from tests.e2e.parity.case import CONTAINERD, NOT_ASKED, Case, Cluster, Phase, row
from tests.e2e.parity.versions import (
    DEAD_RIVAL,
    DOCKERS_DRIVER,
    MANY_RUNTIMES,
    WITHOUT_DOCKERSHIM,
)
from tests.lab.fault_makers import shim, socket_held, socket_left
from tests.lab.faults import (
    CONTAINERD_STOPPED,
    CRICTL_MISSING,
    DOCKER_STOPPED,
    Fault,
    program_missing,
)

DOCKERSHIM = Cluster(cri_socket="/var/run/dockershim.sock")
CRIO = Cluster(cri_socket="/var/run/crio/crio.sock")
CRIO_SOCKET = socket_held("/run/crio/crio.sock")
CRIO_SOCKET_LEFT = socket_left("/run/crio/crio.sock")
WITH_SCHEME = Cluster(cri_socket="unix:///run/containerd/containerd.sock")
OTHER_SPELLING = Cluster(cri_socket="/var/run/containerd/containerd.sock")

DOCKER_SOCKET_GONE = Fault(
    "docker's socket gone",
    "mv /run/docker.sock /run/docker.sock.away",
    "if [ -e /run/docker.sock.away ]; then mv /run/docker.sock.away /run/docker.sock; fi",
    "test ! -e /run/docker.sock",
)
_RESTART = (
    "systemctl reset-failed docker.socket docker.service 2>/dev/null || :\n"
    "systemctl restart docker.service"
)
DOCKER_CGROUPFS = Fault(
    "docker with the cgroupfs driver",
    "cp -p /etc/docker/daemon.json /etc/docker/daemon.json.away\n"
    f"sed -i s/cgroupdriver=systemd/cgroupdriver=cgroupfs/ /etc/docker/daemon.json\n{_RESTART}",
    "if [ -e /etc/docker/daemon.json.away ]; then\n"
    f"mv /etc/docker/daemon.json.away /etc/docker/daemon.json\n{_RESTART}\nfi",
    "docker info -f '{{.CgroupDriver}}' | grep -qx cgroupfs",
)


def says(what: str, version: str, more: str = "") -> Fault:
    """Docker's own answers with another version in them."""
    edit = f's/20\\.10\\.[0-9]*[^"|]*/{version}/{more}'
    return shim("docker", what, f"/usr/bin/docker \"$@\" | sed '{edit}'")


DOCKER_WARNS = shim("docker", "warns on stderr", 'echo "WARNING: x" >&2; exec /usr/bin/docker "$@"')
DOCKER_ON_VFS = says("is 19.03.15 on vfs", "19.03.15", "; s/overlay2/vfs/")
DOCKER_NOT_ASKED: frozenset[str] = (
    frozenset() if WITHOUT_DOCKERSHIM else NOT_ASKED | DOCKERS_DRIVER | {"Service-Docker"}
)
DOCKER_CLIENT_MISSING = program_missing("/usr/bin/docker")

CASES = (
    Case("containerd's socket configured", cluster=CONTAINERD),
    Case("containerd's socket configured", phase=Phase.WORKER, cluster=CONTAINERD),
    Case("containerd's socket with unix://", cluster=WITH_SCHEME),
    Case("containerd's socket below /var/run", cluster=OTHER_SPELLING),
    Case("docker stopped, containerd's socket configured", (DOCKER_STOPPED,), cluster=CONTAINERD),
    Case("containerd stopped, its socket configured", (CONTAINERD_STOPPED,), cluster=CONTAINERD),
    Case(
        "containerd stopped, its socket configured",
        (CONTAINERD_STOPPED,),
        Phase.WORKER,
        CONTAINERD,
    ),
    Case("containerd found without docker", (DOCKER_STOPPED, DOCKER_SOCKET_GONE)),
    Case("containerd found without docker", (DOCKER_STOPPED, DOCKER_SOCKET_GONE), Phase.WORKER),
    Case(
        "containerd found without docker, no crictl",
        (DOCKER_STOPPED, DOCKER_SOCKET_GONE, CRICTL_MISSING),
        unknown=NOT_ASKED,
    ),
    Case("dockershim's socket configured", cluster=DOCKERSHIM),
    Case("dockershim's socket configured, docker stopped", (DOCKER_STOPPED,), cluster=DOCKERSHIM),
    Case("CRI-O's socket configured, absent", cluster=CRIO),
    Case("CRI-O's socket configured, there", (CRIO_SOCKET,), cluster=CRIO),
    Case("CRI-O's socket, on which nobody listens", (CRIO_SOCKET_LEFT,), refused=DEAD_RIVAL),
    Case(
        "two runtimes, kubeadm refuses to choose",
        (CRIO_SOCKET,),
        refused=MANY_RUNTIMES,
    ),
    Case(
        "two runtimes, kubeadm refuses to choose",
        (CRIO_SOCKET,),
        Phase.WORKER,
        refused=MANY_RUNTIMES,
    ),
    row(CRIO_SOCKET, cluster=CONTAINERD),
    row(DOCKER_SOCKET_GONE),
    row(DOCKER_CGROUPFS),
    row(DOCKER_CGROUPFS, phase=Phase.WORKER),
    row(says("is 19.03.15", "19.03.15")),
    row(says("is 1.9.1", "1.9.1")),
    row(says("is 23.0.1", "23.0.1")),
    row(DOCKER_ON_VFS),
    row(DOCKER_WARNS),
    row(DOCKER_CLIENT_MISSING, unknown=DOCKER_NOT_ASKED),
    row(DOCKER_CLIENT_MISSING, phase=Phase.WORKER, unknown=DOCKER_NOT_ASKED),
    row(DOCKER_CLIENT_MISSING, cluster=CONTAINERD),
)
