"""The ports between hosts that a cluster needs, each with the document that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scanner.request import Cluster, CniProfile, LocalEtcd


class Proto(StrEnum):
    """A transport protocol."""

    TCP = "tcp"
    UDP = "udp"


class Between(StrEnum):
    """From whom to whom a port must be open."""

    TO_CONTROL_PLANE = "every host to each control plane"
    AMONG_CONTROL_PLANES = "each control plane to each other"
    FROM_CONTROL_PLANE = "each control plane to every host"
    ALL = "every host to every other"


@dataclass(frozen=True, slots=True)
class EdgePort:
    """A port, and whom it must be open for."""

    number: int
    proto: Proto
    between: Between
    component: str
    """Who listens there once the cluster runs."""
    source: str
    needed: bool = True
    """False where only some ways to run the component need it: a closed one is a warning."""

    @property
    def name(self) -> str:
        """`6443/tcp`."""
        return f"{self.number}/{self.proto}"

    def is_asked(self, *, dialler: bool, target: bool) -> bool:
        """True if one host must reach another here; each argument: it is a control plane."""
        match self.between:
            case Between.TO_CONTROL_PLANE:
                return target
            case Between.FROM_CONTROL_PLANE:
                return dialler
            case Between.AMONG_CONTROL_PLANES:
                return dialler and target
        return True


_KUBERNETES = "kubernetes.io: Ports and Protocols"
_CALICO = "Calico: System requirements, Network requirements"
_CILIUM = "Cilium: System Requirements, Firewall Rules"

CNI_PORTS: Mapping[CniProfile, tuple[EdgePort, ...]] = {
    CniProfile.NONE: (),
    CniProfile.FLANNEL: (
        EdgePort(
            8472, Proto.UDP, Between.ALL, "flannel (VXLAN)", "flannel: Documentation/backends.md"
        ),
    ),
    # Which of Calico's ports are used depends on its backend: its manifest's default is BGP.
    CniProfile.CALICO: (
        EdgePort(179, Proto.TCP, Between.ALL, "Calico (BGP)", _CALICO),
        EdgePort(4789, Proto.UDP, Between.ALL, "Calico (VXLAN)", _CALICO, needed=False),
        EdgePort(5473, Proto.TCP, Between.ALL, "Calico (Typha)", _CALICO, needed=False),
    ),
    CniProfile.CILIUM: (
        EdgePort(8472, Proto.UDP, Between.ALL, "Cilium (VXLAN)", _CILIUM),
        EdgePort(4240, Proto.TCP, Between.ALL, "Cilium (health)", _CILIUM, needed=False),
    ),
}


def ports_of(cluster: Cluster) -> tuple[EdgePort, ...]:
    """What kubeadm's components and the named CNI need, in the order of a report."""
    ports = [
        EdgePort(
            cluster.bind_port, Proto.TCP, Between.TO_CONTROL_PLANE, "kube-apiserver", _KUBERNETES
        )
    ]
    if isinstance(cluster.etcd, LocalEtcd):
        ports += [
            EdgePort(number, Proto.TCP, Between.AMONG_CONTROL_PLANES, "etcd", _KUBERNETES)
            for number in (2379, 2380)
        ]
    ports.append(EdgePort(10250, Proto.TCP, Between.FROM_CONTROL_PLANE, "kubelet", _KUBERNETES))
    taken = {port.name for port in ports}
    ports += [port for port in CNI_PORTS[cluster.cni_profile] if port.name not in taken]
    return tuple(ports)
