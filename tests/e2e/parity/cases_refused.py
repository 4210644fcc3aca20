"""Configurations that kubeadm refuses before its first check, and their neighbours that pass."""

from __future__ import annotations

from tests.e2e.parity.case import Case, Cluster, ExternalEtcd, Phase
from tests.e2e.parity.versions import DUAL_STACK

NO_HOST = "must be a valid IP address or a valid RFC-1123 DNS subdomain"
SMALLER = "is smaller than the"
WIDER = "greater than 16"
NO_BIND = "as the bind address for the API Server"


def refused(name: str, words: str, cluster: Cluster, phase: Phase = Phase.INIT) -> Case:
    return Case(name, phase=phase, cluster=cluster, refused=words)


def taken(name: str, cluster: Cluster) -> Case:
    return Case(name, cluster=cluster)


CASES = (
    refused("pods /25", SMALLER, Cluster(pods="10.244.0.0/25")),
    taken("pods /24", Cluster(pods="10.244.0.0/24")),
    refused("pods /7", WIDER, Cluster(pods="10.0.0.0/7")),
    taken("pods /8", Cluster(pods="10.0.0.0/8")),
    refused("IPv6 pods /65", SMALLER, Cluster(pods="fd00:10::/65")),
    refused("IPv6 pods /47", WIDER, Cluster(pods="fd00:10::/47")),
    refused(
        "one of two pod networks too small",
        SMALLER,
        Cluster(pods="10.244.0.0/26,fd00:10::/56", gates=DUAL_STACK),
    ),
    refused("services /11", "service subnet is too large", Cluster(services="10.96.0.0/11")),
    taken("services /12", Cluster(services="10.96.0.0/12")),
    refused("services /29", "is too small", Cluster(services="10.96.0.0/29")),
    taken("services /28", Cluster(services="10.96.0.0/28")),
    refused("IPv6 services /107", "service subnet is too large", Cluster(services="fd00::/107")),
    refused("unknown gate", "is not a valid feature name", Cluster(gates=("NoSuch",))),
    refused("gate of 1.32", "is not a valid feature name", Cluster(gates=("NodeLocalCRISocket",))),
    taken("gate of 1.19", Cluster(gates=("PublicKeysECDSA",))),
    refused(
        "endpoint in upper case", NO_HOST, Cluster(control_plane_endpoint="API.example.org:6443")
    ),
    refused("endpoint with a last dot", NO_HOST, Cluster(control_plane_endpoint="a.example.org.")),
    refused("endpoint in brackets", NO_HOST, Cluster(control_plane_endpoint="[fd00:99::1]")),
    taken("endpoint in brackets with a port", Cluster(control_plane_endpoint="[fd00:99::1]:6443")),
    refused(
        "client certificate of etcd without its CA",
        "requires .Etcd.External.CAFile",
        Cluster(etcd=ExternalEtcd(ca="")),
    ),
    refused("link-local advertise address", NO_BIND, Cluster(advertise="169.254.1.1")),
    refused("multicast advertise address", NO_BIND, Cluster(advertise="224.0.0.1")),
    refused(
        "link-local advertise address",
        NO_BIND,
        Cluster(advertise="169.254.1.1"),
        Phase.CONTROL_PLANE,
    ),
    Case(
        "loopback advertise address",
        cluster=Cluster(advertise="127.0.0.1"),
        refused="unable to select an IP from lo network interface",
        why="kubeadm looks for a global address of lo, of which kscan knows nothing: UNKNOWN, which"
        " blocks as well",
    ),
)
