"""`kubeadm join --control-plane` up to where it asks the API for the cluster's configuration."""

from __future__ import annotations

from tests.e2e.parity.case import CONTAINERD, Case, Cluster, Phase
from tests.lab.faults import (
    CONNTRACK_MISSING,
    CONTAINERD_STOPPED,
    DOCKER_STOPPED,
    ETCD_DATA_LEFT,
    KUBELET_DISABLED,
    MANIFEST_LEFT,
    PORT_6443_HELD,
    PORT_10250_HELD,
    PROXY_SET,
    SWAP_SHOWN,
    Fault,
    file_there,
)

JOIN = Phase.CONTROL_PLANE
IPV6 = Cluster(ipv6=True, pods="fd00:10::/56", services="fd00:20::/112")
CA = file_there("/etc/kubernetes/pki/ca.crt", "left\n")
KUBELET_CONF = file_there("/etc/kubernetes/kubelet.conf", "left\n")


def join(*faults: Fault, cluster: Cluster | None = None) -> Case:
    return Case(" + ".join(fault.name for fault in faults), faults, JOIN, cluster or Cluster())


CASES = (
    join(MANIFEST_LEFT),
    join(KUBELET_CONF),
    join(CA),
    join(SWAP_SHOWN, CONNTRACK_MISSING),
    join(DOCKER_STOPPED),
    join(KUBELET_DISABLED),
    join(PORT_10250_HELD),
    join(PORT_6443_HELD, ETCD_DATA_LEFT),
    join(PROXY_SET),
    join(CONTAINERD_STOPPED, cluster=CONTAINERD),
    Case("IPv6 API endpoint", phase=JOIN, cluster=IPV6),
    Case("not root", phase=JOIN, user="plain"),
)
