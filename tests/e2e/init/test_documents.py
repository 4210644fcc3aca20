"""The documents are read by the real kubeadm of the hosts, and say to it what was meant.

It is v1.20.2, or that of KSCAN_LAB_KUBERNETES.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from scanner.kubeadm.config import BootstrapToken, Discovery, Extras, documents
from scanner.kubeadm.config_api import ConfigApi
from scanner.kubeadm.extra_documents import split
from scanner.request import (
    Cluster,
    ContainerRuntime,
    ExternalEtcd,
    Host,
    Login,
    NodeRole,
    ProxyMode,
)
from scanner.target import Role, Target
from tests.lab.hosts import Lab, LabHost, missing
from tests.lab.kubernetes import NAME, VERSION, since

pytestmark = pytest.mark.e2e
PLAIN = Cluster(name="lab", pod_subnets=("10.244.0.0/16",))
WHOLE = replace(
    PLAIN,
    control_plane_endpoint="10.77.0.11:7443",
    bind_port=7443,
    service_subnets=("10.97.0.0/16",),
    dns_domain="k8s.example",
    image_repository="registry.example/k8s",
    proxy_mode=ProxyMode.IPVS,
)
IPV6 = replace(PLAIN, pod_subnets=("fd00:1::/64",), service_subnets=("fd00:2::/112",))
DUAL = replace(
    PLAIN,
    pod_subnets=("10.244.0.0/16", "fd00:1::/64"),
    service_subnets=("10.96.0.0/12", "fd00:2::/112"),
    # From 1.24 on there is no such gate any more, and kubeadm refuses it.
    feature_gates=() if since("1.24") else (("IPv6DualStack", True),),
)
EXTERNAL = replace(PLAIN, etcd=ExternalEtcd(("http://10.77.0.9:2379", "http://10.77.0.8:2379")))
KUBELET = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nmaxPods: 50\n"
PATCH = '{"metadata": {"annotations": {"lab.example/patched": "yes"}}}\n'
TOKEN = BootstrapToken("abcdef.0123456789abcdef", "on", "1h0m0s")
EXTRAS = Extras(TOKEN, "00" * 32, "patches", 300, tuple(split("kubelet.yaml", KUBELET)))
DISCOVERY = Discovery("10.77.0.11:6443", TOKEN.token, (f"sha256:{'1' * 64}",))


@pytest.fixture(scope="module")
def node() -> Iterator[LabHost]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with Lab.start(1) as lab:
        yield lab.hosts[0]


def host(node: LabHost) -> Host:
    return Host(
        "a",
        Login(node.address),
        frozenset({NodeRole.CONTROL_PLANE}),
        node_name="1e3",
        internal_address=node.address,
        taints=("dedicated=on:NoExecute",),
    )


def target(node: LabHost, cluster: Cluster, role: Role) -> Target:
    address = node.address6 if cluster is IPV6 else node.address
    runtime = ContainerRuntime.DOCKER
    socket = "/var/run/dockershim.sock"
    return Target(
        "a", role, cluster, VERSION, VERSION, "1e3", runtime, socket, advertise_address=address
    )


@pytest.mark.parametrize(
    ("cluster", "words"),
    [
        (
            WHOLE,
            (
                "mode: ipvs",
                f"registry.example/k8s/kube-apiserver:{NAME}",
                "--secure-port=7443",
                "--service-cluster-ip-range=10.97.0.0/16",
                "clusterDomain: k8s.example",
                "10.77.0.11:7443",
            ),
        ),
        (IPV6, ("--service-cluster-ip-range=fd00:2::/112", "--cluster-cidr=fd00:1::/64")),
        (DUAL, ("--service-cluster-ip-range=10.96.0.0/12,fd00:2::/112",)),
        (EXTERNAL, ("--etcd-servers=http://10.77.0.9:2379,http://10.77.0.8:2379",)),
    ],
    ids=["whole", "ipv6", "dual-stack", "external-etcd"],
)
def test_init_is_understood(node: LabHost, cluster: Cluster, words: tuple[str, ...]) -> None:
    text = documents(target(node, cluster, Role.INIT), host(node), extras=EXTRAS)
    node.write("/root/kubeadm.yaml", text)
    node.write("/root/patches/kube-apiserver+merge.json", PATCH)
    # From v1beta3 on the document names the directory.
    option = "" if ConfigApi.of(VERSION).patches_field else "--experimental-patches patches"
    said = node.run(
        f"cd /root && kubeadm init --dry-run --config kubeadm.yaml {option}"
        " --ignore-preflight-errors all --skip-token-print --skip-certificate-key-print 2>&1"
    )
    for word in (
        *words,
        "maxPods: 50",
        "lab.example/patched",
        "clusterName: lab",
        "timeoutForControlPlane: 5m0s",
        "the node 1e3 as control-plane",
        "dedicated=on:NoExecute",
    ):
        assert word in said, f"{word}: {said}"


@pytest.mark.parametrize("role", [Role.JOIN_CONTROL_PLANE, Role.JOIN_WORKER])
def test_a_join_is_understood(node: LabHost, role: Role) -> None:
    text = documents(target(node, WHOLE, role), host(node), DISCOVERY, EXTRAS)
    node.write("/root/join.yaml", text)
    said = node.run("kubeadm config migrate --old-config /root/join.yaml 2>&1")
    said = said.replace('"', "")
    for word in ("caCertHashes:", "node-ip: 10.77.0.11", "name: 1e3", "timeout: 5m0s"):
        assert word in said, said
    assert ("certificateKey: 0000" in said) is (role is Role.JOIN_CONTROL_PLANE)
    assert ("bindPort: 7443" in said) is (role is Role.JOIN_CONTROL_PLANE)
