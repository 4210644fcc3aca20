"""The facts of a host that is a good member of a cluster, to be spoiled one at a time."""

from __future__ import annotations

import datetime

from scanner.facts.certificates import Certificates
from scanner.facts.node import Node
from scanner.facts.paths import Listeners, PathState
from scanner.membership import CLIENT_CERTIFICATE, KUBELET_CONF
from tests.hosts import MANIFESTS, NOW, leftovers, paths

CA = "ca" * 32
COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd")
WORKER_PORTS = {10248: "kubelet", 10250: "kubelet"}
CONTROL_PLANE_PORTS = {
    **WORKER_PORTS,
    6443: "kube-apiserver",
    10257: "kube-controller-manager",
    10259: "kube-scheduler",
    2379: "etcd",
    2380: "etcd",
}


def node(
    ports: dict[int, str] = WORKER_PORTS,
    *,
    healthz: str | None = "ok",
    ca: str | None = CA,
    unread: frozenset[str] = frozenset(),
    busy: frozenset[str] = frozenset(),
) -> Node:
    holders = {port: frozenset({name}) for port, name in ports.items()}
    return Node(holders, unread, healthz, ca, busy)


def held(ports: dict[int, str]) -> Listeners:
    return Listeners(dict.fromkeys(ports, ("127.0.0.1",)), frozenset(), complete=True)


def client_certificate(days: float = 300) -> Certificates:
    end = NOW + datetime.timedelta(days=days)
    return Certificates({CLIENT_CERTIFICATE: end}, (), complete=True)


def member(ports: dict[int, str] = WORKER_PORTS) -> tuple[object, ...]:
    """What differs from the good host: a worker, or with CONTROL_PLANE_PORTS a control plane."""
    control_plane = 6443 in ports
    files = [KUBELET_CONF, "/etc/kubernetes/pki/ca.crt"]
    states = dict.fromkeys(files, PathState.FILE)
    if control_plane:
        states |= {f"{MANIFESTS}/{name}.yaml": PathState.FILE for name in COMPONENTS}
        states |= dict.fromkeys([MANIFESTS, "/var/lib/etcd"], PathState.DIR_NOT_EMPTY)
    kubelet = {
        "/var/lib/kubelet/config.yaml": PathState.FILE,
        "/var/lib/kubelet/pki": PathState.DIR_NOT_EMPTY,
    }
    return (
        node(ports),
        held(ports),
        client_certificate(),
        paths(states),
        leftovers(states=kubelet, configs=("10-flannel.conflist",), interfaces=("cni0",)),
    )
