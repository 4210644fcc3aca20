"""One row of the parity tables: what is wrong with the host, and what is asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tests.lab.faults import Fault
from tests.lab.kubernetes import NAME, since

Pair = tuple[str, str]
"""(WARNING or ERROR, kubeadm's name of a check)."""


class Phase(StrEnum):
    """The kubeadm command whose preflight is run."""

    INIT = "init"
    WORKER = "worker"
    CONTROL_PLANE = "control-plane"


@dataclass(frozen=True, slots=True)
class ExternalEtcd:
    """etcd.external; `PEER` in an endpoint stands for the address of the other host."""

    endpoints: tuple[str, ...] = ("https://PEER:2379",)
    ca: str = "/etc/etcd-client/ca.crt"
    cert: str = "/etc/etcd-client/client.crt"
    key: str = "/etc/etcd-client/client.key"


NO_TLS = ("", "", "")


@dataclass(frozen=True, slots=True)
class Cluster:
    """What both kubeadm's configuration and the inventory say; each writes it in its own words."""

    version: str = NAME
    bind_port: int = 6443
    ipv6: bool = False
    """The advertise address of init, the API endpoint of a join, is an IPv6 address."""
    endpoint: str = ""
    """Host of the API endpoint of a join, where it is not the other host's address."""
    data_dir: str = ""
    etcd: ExternalEtcd | None = None
    cri_socket: str = ""
    node_name: str = ""
    pods: str = ""
    services: str = ""
    gates: tuple[str, ...] = ()
    """Feature gates that are on; until 1.20 two networks want IPv6DualStack."""
    control_plane_endpoint: str = ""
    """controlPlaneEndpoint of init."""
    advertise: str = ""
    """The advertise address, where it is not one of the host's own."""
    proxy_mode: str = ""
    """kube-proxy's mode, which kubeadm takes from a document of its own."""


NOT_ASKED = frozenset({"CRI"})
"""Without a client kubeadm asks the runtime nothing, under no check's name."""
FOUND_NOT_ASKED: frozenset[str] = NOT_ASKED if since("1.24") else frozenset()
"""The same without crictl, where nobody names a runtime: until 1.23 kubeadm finds docker."""
CONTAINERD = Cluster(cri_socket="/run/containerd/containerd.sock")


@dataclass(frozen=True, slots=True)
class Case:
    """One host state and one question; kubeadm and kscan must answer with the same set of pairs."""

    name: str
    faults: tuple[Fault, ...] = ()
    phase: Phase = Phase.INIT
    cluster: Cluster = field(default_factory=Cluster)
    user: str = "root"
    """Login; `ops` runs kubeadm through sudo, as kscan does."""
    refused: str = ""
    """Words with which kubeadm ends before its first check. kscan must have a row that blocks."""
    unknown: frozenset[str] = frozenset()
    """Names that kscan cannot answer; kubeadm must have said nothing under them."""
    own: frozenset[Pair] = frozenset()
    """What only kscan asks and must find, of the checks that the tables of a machine name."""
    only_kubeadm: frozenset[Pair] = frozenset()
    only_kscan: frozenset[Pair] = frozenset()
    why: str = ""
    """Why the two answers differ; a case with a difference must say it."""

    def __str__(self) -> str:
        return f"{self.phase}: {self.name}"


def row(
    *faults: Fault,
    phase: Phase = Phase.INIT,
    cluster: Cluster | None = None,
    unknown: frozenset[str] = frozenset(),
    own: frozenset[Pair] = frozenset(),
) -> Case:
    """A case that is named by its faults, and by what decides the checks of its cluster."""
    wanted = cluster or Cluster()
    runtime = wanted.cri_socket.rpartition("/")[2].removesuffix(".sock")
    words = [*(fault.name for fault in faults), runtime, "IPv6" if wanted.ipv6 else ""]
    words.append(wanted.proxy_mode)
    name = " + ".join(filter(None, words))
    return Case(name, faults, phase, wanted, unknown=unknown, own=own)
