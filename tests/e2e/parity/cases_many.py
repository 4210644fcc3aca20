"""Several faults at once: none hides another."""

from __future__ import annotations

from tests.e2e.parity.case import CONTAINERD, NOT_ASKED, Case, Cluster, Phase, row
from tests.e2e.parity.versions import NEWER, TOO_OLD
from tests.lab.fault_makers import shim
from tests.lab.faults import (
    BRIDGE_NF_OFF,
    CONNTRACK_MISSING,
    CONTAINERD_STOPPED,
    CRICTL_MISSING,
    DOCKER_STOPPED,
    ETCD_DATA_LEFT,
    FIREWALLD_ACTIVE,
    HOSTNAME_UNRESOLVABLE,
    IP_FORWARD_OFF,
    KUBELET_DISABLED,
    MANIFEST_LEFT,
    PORT_6443_HELD,
    PORT_10250_HELD,
    PROXY_SET,
    SOCAT_MISSING,
    SWAP_SHOWN,
    file_there,
)

OLD_KUBELET = shim("kubelet", TOO_OLD, f"echo Kubernetes {TOO_OLD}")
CA_LEFT = file_there("/etc/kubernetes/pki/ca.crt", "left\n")
IPV6 = Cluster(ipv6=True, pods="fd00:10::/56", services="fd00:20::/112")
OTHER = Cluster(version=NEWER, bind_port=7443, data_dir="/srv/etcd", node_name="stranger")

CASES = (
    row(PORT_6443_HELD, SOCAT_MISSING),
    row(SWAP_SHOWN, IP_FORWARD_OFF),
    row(DOCKER_STOPPED, KUBELET_DISABLED),
    row(DOCKER_STOPPED, CONTAINERD_STOPPED),
    row(PROXY_SET, HOSTNAME_UNRESOLVABLE),
    row(OLD_KUBELET, PORT_10250_HELD),
    Case("three faults on a control plane", (MANIFEST_LEFT, ETCD_DATA_LEFT, FIREWALLD_ACTIVE)),
    row(BRIDGE_NF_OFF, CONNTRACK_MISSING, PORT_6443_HELD),
    row(DOCKER_STOPPED, SWAP_SHOWN, PROXY_SET),
    row(PORT_6443_HELD, SOCAT_MISSING, phase=Phase.WORKER),
    row(SWAP_SHOWN, CA_LEFT, phase=Phase.WORKER),
    row(CA_LEFT, OLD_KUBELET, KUBELET_DISABLED, phase=Phase.WORKER),
    row(DOCKER_STOPPED, IP_FORWARD_OFF, PROXY_SET, phase=Phase.WORKER),
    row(CONTAINERD_STOPPED, CRICTL_MISSING, cluster=CONTAINERD, unknown=NOT_ASKED),
    row(CONTAINERD_STOPPED, SWAP_SHOWN, phase=Phase.WORKER, cluster=CONTAINERD),
    row(PROXY_SET, IP_FORWARD_OFF, phase=Phase.WORKER, cluster=IPV6),
    row(PROXY_SET, BRIDGE_NF_OFF, SWAP_SHOWN, cluster=IPV6),
    Case("another port, version, name and directory", (PORT_6443_HELD,), cluster=OTHER),
)
