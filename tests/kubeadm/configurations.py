"""Configurations at the limits of what a kubeadm takes, to be given to a real one and to kscan."""

from __future__ import annotations

from dataclasses import dataclass, field

from scanner.kubeadm.config import documents
from scanner.kubeadm.feature_gates import GATES
from scanner.request import Cluster, ContainerRuntime, ExternalEtcd, Host, Login, NodeRole
from scanner.target import Role, Target
from scanner.versions import Version

ADDRESS = "192.0.2.11"
SOCKET = "/run/containerd/containerd.sock"
TWO_PODS = ("10.244.0.0/16", "fd00:10::/56")
TWO_SERVICES = ("10.96.0.0/16", "fd00:20::/112")
GIVEN: tuple[dict[str, bool], ...] = ({}, {"IPv6DualStack": True}, {"IPv6DualStack": False})


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an init is given."""

    name: str
    cluster: Cluster = field(default_factory=Cluster)
    node_name: str = "node1"
    minors: int = 0
    """How many the Kubernetes to be installed is newer than kubeadm."""

    def target(self, kubeadm: Version) -> Target:
        """The host that would be made the first control plane."""
        kubernetes = kubeadm.replace(minor=kubeadm.minor + self.minors)
        runtime = ContainerRuntime.CONTAINERD
        return Target(
            *("a", Role.INIT, self.cluster, kubeadm, kubernetes, self.node_name, runtime, SOCKET),
            advertise_address=ADDRESS,
        )

    def text(self, kubeadm: Version) -> str:
        """As kscan would write it for this kubeadm."""
        roles = frozenset({NodeRole.CONTROL_PLANE})
        host = Host("a", Login(ADDRESS), roles, node_name=self.node_name)
        return documents(self.target(kubeadm), host)


def _pods(*networks: str, **gates: bool) -> Configuration:
    cluster = Cluster(pod_subnets=networks, feature_gates=tuple(gates.items()))
    return Configuration(f"pods {' '.join(networks)}{_said(gates)}", cluster)


def _services(*networks: str, **gates: bool) -> Configuration:
    cluster = Cluster(service_subnets=networks, feature_gates=tuple(gates.items()))
    return Configuration(f"services {' '.join(networks)}{_said(gates)}", cluster)


def _said(gates: dict[str, bool]) -> str:
    return "".join(f" {name}={on}".lower() for name, on in gates.items())


def _endpoint(text: str) -> Configuration:
    return Configuration(f"endpoint {text}", Cluster(control_plane_endpoint=text))


def _node(name: str) -> Configuration:
    return Configuration(f"node {name}", node_name=name)


def _etcd(name: str, ca: str) -> Configuration:
    client = ("/etc/etcd/client.crt", "/etc/etcd/client.key")
    etcd = ExternalEtcd(("https://192.0.2.5:2379",), ca, *client)
    return Configuration(f"TLS of etcd {name}", Cluster(etcd=etcd))


CONFIGURATIONS = (
    Configuration("plain"),
    *(
        Configuration(f"gate {gate}", Cluster(feature_gates=((gate, True),)))
        for gate in (*GATES, "CoreDNS", "MergeCLIArgumentsWithConfig", "NoSuch")
    ),
    *map(_pods, ("10.244.0.0/25", "10.244.0.0/24", "10.0.0.0/8", "10.0.0.0/7")),
    *map(_pods, ("10.244.0.0/28", "10.244.0.0/29")),
    *map(_pods, ("fd00:10::/65", "fd00:10::/64", "fd00:10::/48", "fd00:10::/47")),
    *map(_services, ("10.96.0.0/11", "10.96.0.0/12", "10.96.0.0/28", "10.96.0.0/29")),
    *map(_services, ("fd00::/107", "fd00::/108")),
    *(_pods(*TWO_PODS, **gates) for gates in GIVEN),
    *(_services(*TWO_SERVICES, **gates) for gates in GIVEN),
    _pods("10.244.0.0/26", "fd00:10::/56", IPv6DualStack=True),
    *map(_endpoint, ("a.example.org", "a.example.org:6443", "A.example.org:6443")),
    *map(_endpoint, ("a.example.org.", "[fd00:99::1]", "[fd00:99::1]:6443", "fd00:99::1")),
    *map(_node, ("1.20", "node.example.org", "node_1", "-node")),
    *(Configuration(f"node of {n} letters", node_name="a" * n) for n in (63, 64, 253, 254)),
    *(Configuration(f"Kubernetes {n:+d} minors", minors=n) for n in (-2, -1, 1)),
    _etcd("whole", "/etc/etcd/ca.crt"),
    _etcd("without its CA", ""),
)
