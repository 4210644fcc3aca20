"""kubeadm's documents, by API version; a real v1.20.2 reads them in tests/e2e/test_with_kubeadm."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from scanner.kubeadm.config import Discovery, api_endpoint, documents
from scanner.request import (
    Cluster,
    ContainerRuntime,
    ExternalEtcd,
    Host,
    LocalEtcd,
    Login,
    ProxyMode,
)
from scanner.target import Role, Target
from scanner.versions import parse_version

HOST = Host("a", Login("192.0.2.1"))
DISCOVERY = Discovery("192.0.2.9:6443", "abcdef.0123456789abcdef", seconds=7)
APIS = {
    "v1.14.0": "v1beta1",
    "v1.15.0": "v1beta2",
    "v1.20.2": "v1beta2",
    "v1.21.0": "v1beta2",
    "v1.22.0": "v1beta3",
    "v1.30.5": "v1beta3",
    "v1.31.0": "v1beta4",
    "v1.37.0": "v1beta4",
}


def target(version: str, role: Role = Role.INIT, cluster: Cluster | None = None) -> Target:
    return Target(
        "a",
        role,
        cluster or Cluster(),
        parse_version(version),
        parse_version(version),
        "node1",
        ContainerRuntime.CONTAINERD,
        "/run/containerd/containerd.sock",
        advertise_address="192.0.2.1",
    )


def read(text: str) -> dict[str, dict[str, Any]]:
    found = [json.loads(part) for part in text.split("---\n")]
    return {document["kind"]: document for document in found}


def asked(version: str, role: Role = Role.INIT, **cluster: Any) -> dict[str, dict[str, Any]]:
    return read(documents(target(version, role, Cluster(**cluster)), HOST, DISCOVERY))


@pytest.mark.parametrize("version", APIS)
def test_each_kubeadm_gets_its_own_api_version(version: str) -> None:
    api = f"kubeadm.k8s.io/{APIS[version]}"
    init = asked(version)
    assert [*init] == ["InitConfiguration", "ClusterConfiguration"]
    assert {document["apiVersion"] for document in init.values()} == {api}
    assert init["ClusterConfiguration"]["kubernetesVersion"] == version
    join = asked(version, Role.JOIN_WORKER)
    assert [*join] == ["JoinConfiguration"]
    assert join["JoinConfiguration"]["apiVersion"] == api


@pytest.mark.parametrize("version", APIS)
def test_where_the_timeout_of_a_join_stands(version: str) -> None:
    join = asked(version, Role.JOIN_WORKER)["JoinConfiguration"]
    new = APIS[version] == "v1beta4"
    assert join["discovery"].get("timeout") == (None if new else "7s")
    assert join.get("timeouts") == ({"discovery": "7s"} if new else None)


@pytest.mark.parametrize("version", APIS)
def test_a_pull_policy_only_where_it_is_known(version: str) -> None:
    node = asked(version, image_pull_policy="Never")["InitConfiguration"]["nodeRegistration"]
    known = APIS[version] not in {"v1beta1", "v1beta2"}
    assert node.get("imagePullPolicy") == ("Never" if known else None)


@pytest.mark.parametrize(
    ("version", "socket"),
    [
        ("v1.20.2", "/run/containerd/containerd.sock"),
        ("v1.23.9", "/run/containerd/containerd.sock"),
        ("v1.24.0", "unix:///run/containerd/containerd.sock"),
        ("v1.31.0", "unix:///run/containerd/containerd.sock"),
    ],
)
def test_a_named_socket_has_the_scheme_that_kubeadm_wants(version: str, socket: str) -> None:
    by_runtime = asked(version, container_runtime=ContainerRuntime.CONTAINERD)
    named = replace(HOST, cri_socket="/run/containerd/containerd.sock")
    by_socket = read(documents(target(version), named))
    for found in (by_runtime, by_socket):
        assert found["InitConfiguration"]["nodeRegistration"]["criSocket"] == socket
    unnamed = asked(version)["InitConfiguration"]["nodeRegistration"]
    assert "criSocket" not in unnamed, "of several sockets kubeadm must refuse to choose"


def test_what_a_control_plane_join_and_a_worker_are_given() -> None:
    control_plane = asked("v1.20.2", Role.JOIN_CONTROL_PLANE, bind_port=7443)["JoinConfiguration"]
    own = {"advertiseAddress": "192.0.2.1", "bindPort": 7443}
    assert control_plane["controlPlane"] == {"localAPIEndpoint": own}
    worker = asked("v1.20.2", Role.JOIN_WORKER)["JoinConfiguration"]
    assert "controlPlane" not in worker
    assert worker["discovery"]["bootstrapToken"] == {
        "apiServerEndpoint": "192.0.2.9:6443",
        "token": "abcdef.0123456789abcdef",
        "unsafeSkipCAVerification": True,
    }


def test_hashes_of_the_ca_take_the_place_of_trusting_anyone() -> None:
    known = replace(DISCOVERY, ca_cert_hashes=("sha256:00",))
    text = documents(target("v1.20.2", Role.JOIN_WORKER), HOST, known)
    bootstrap = read(text)["JoinConfiguration"]["discovery"]["bootstrapToken"]
    assert bootstrap["caCertHashes"] == ["sha256:00"]
    assert "unsafeSkipCAVerification" not in bootstrap


def test_a_join_without_discovery_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="find the cluster"):
        documents(target("v1.20.2", Role.JOIN_WORKER), HOST)


def test_the_whole_cluster() -> None:
    found = read(
        documents(
            target(
                "v1.20.2",
                cluster=Cluster(
                    control_plane_endpoint="api.example:8443",
                    pod_subnets=("10.244.0.0/16", "fd00::/64"),
                    service_subnets=("10.96.0.0/12",),
                    image_repository="registry.example/k8s",
                    proxy_mode=ProxyMode.IPVS,
                    feature_gates=(("IPv6DualStack", True),),
                    etcd=ExternalEtcd(("https://192.0.2.5:2379",), ca_file="/etc/etcd/ca.crt"),
                ),
            ),
            replace(HOST, node_name="node-a"),
        )
    )
    assert found["InitConfiguration"]["nodeRegistration"] == {"name": "node-a"}
    assert found["KubeProxyConfiguration"] == {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "ipvs",
    }
    cluster = found["ClusterConfiguration"]
    assert cluster["controlPlaneEndpoint"] == "api.example:8443"
    assert cluster["networking"] == {
        "podSubnet": "10.244.0.0/16,fd00::/64",
        "serviceSubnet": "10.96.0.0/12",
        "dnsDomain": "cluster.local",
    }
    assert cluster["imageRepository"] == "registry.example/k8s"
    assert cluster["featureGates"] == {"IPv6DualStack": True}
    files = {"endpoints": ["https://192.0.2.5:2379"], "caFile": "/etc/etcd/ca.crt"}
    assert cluster["etcd"] == {"external": files}


def test_local_etcd_has_its_directory() -> None:
    cluster = asked("v1.20.2", etcd=LocalEtcd("/data/etcd"))["ClusterConfiguration"]
    assert cluster["etcd"] == {"local": {"dataDir": "/data/etcd"}}


@pytest.mark.parametrize(
    ("given", "endpoint", "expected"),
    [
        ("", "", ""),
        ("", "192.0.2.1", "192.0.2.1:6443"),
        ("", "fd00::1", "[fd00::1]:6443"),
        ("api.example", "192.0.2.1", "api.example:6443"),
        ("api.example:8443", "192.0.2.1", "api.example:8443"),
        ("fd00::1", "", "[fd00::1]:6443"),
        ("[fd00::1]", "", "[fd00::1]:6443"),
        ("[fd00::1]:8443", "", "[fd00::1]:8443"),
    ],
)
def test_the_endpoint_of_a_join(given: str, endpoint: str, expected: str) -> None:
    asked_of = target("v1.20.2", Role.JOIN_WORKER, Cluster(control_plane_endpoint=given))
    assert api_endpoint(replace(asked_of, endpoint=endpoint)) == expected
