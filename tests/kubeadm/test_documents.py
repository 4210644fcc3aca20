"""The documents of every kubeadm minor as golden files; v1.20's are given to the real one in
tests/e2e/init.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from scanner.kubeadm.config import BootstrapToken, Discovery, Extras, documents
from scanner.kubeadm.extra_documents import ExtraDocument, split
from scanner.kubeadm.releases import RELEASES
from scanner.request import Cluster, ContainerRuntime, Host, Login, NodeRole, ProxyMode
from scanner.target import Role, Target
from scanner.versions import Version

GOLDEN = Path(__file__).parents[1] / "golden" / "kubeadm"
CLUSTER = Cluster(
    name="prod",
    control_plane_endpoint="api.example:8443",
    bind_port=7443,
    pod_subnets=("10.244.0.0/16",),
    service_subnets=("10.97.0.0/16",),
    dns_domain="k8s.example",
    container_runtime=ContainerRuntime.CONTAINERD,
    image_repository="registry.example/k8s",
    image_pull_policy="Always",
    proxy_mode=ProxyMode.IPVS,
    feature_gates=(("on", True),),
)
HOST = Host(
    "node1",
    Login("198.51.100.1"),
    frozenset({NodeRole.CONTROL_PLANE}),
    node_name="1.20",
    internal_address="192.0.2.1",
    taints=("dedicated=on:NoExecute", "slow:PreferNoSchedule"),
)
TOKEN = BootstrapToken("abcdef.0123456789abcdef", "made by a test", "1h0m0s")
KEY = "00" * 32
DISCOVERY = Discovery("api.example:8443", TOKEN.token, (f"sha256:{'1' * 64}",))
KUBELET = """\
# The user's own.
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
maxPods: 50
"""
TARGET = Target(
    "node1",
    Role.INIT,
    Cluster(),
    Version(1, 30, 2),
    Version(1, 30, 2),
    "node1",
    ContainerRuntime.CONTAINERD,
    "/run/containerd/containerd.sock",
)
ROLES = {
    "init": Role.INIT,
    "join-control-plane": Role.JOIN_CONTROL_PLANE,
    "join-worker": Role.JOIN_WORKER,
}


def written(minor: int, role: Role) -> str:
    version = Version(1, minor, 2)
    target = Target(
        "node1",
        role,
        CLUSTER,
        version,
        version,
        "1.20",
        ContainerRuntime.CONTAINERD,
        "/run/containerd/containerd.sock",
        advertise_address="192.0.2.1",
    )
    extras = Extras(
        TOKEN if role is Role.INIT else None,
        "" if role is Role.JOIN_WORKER else KEY,
        "patches",
        300,
        tuple(split("kubelet.yaml", KUBELET)) if role is Role.INIT else (),
    )
    worker = role is Role.JOIN_WORKER
    host = HOST if not worker else Host("node1", HOST.login, taints=("slow:NoSchedule",))
    return documents(target, host, DISCOVERY, extras)


@pytest.mark.parametrize("minor", [release.minor for release in RELEASES])
@pytest.mark.parametrize("name", ROLES)
def test_golden(minor: int, name: str, request: pytest.FixtureRequest) -> None:
    path = GOLDEN / f"v1.{minor}" / f"{name}.yaml"
    text = written(minor, ROLES[name])
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_every_golden_file_has_its_release() -> None:
    expected = {f"v1.{release.minor}/{name}.yaml" for release in RELEASES for name in ROLES}
    assert {str(path.relative_to(GOLDEN)) for path in GOLDEN.rglob("*.yaml")} == expected


def scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from scalars(item)
    elif isinstance(value, list):
        for item in value:
            yield from scalars(item)
    else:
        yield value


@pytest.mark.parametrize("minor", [13, 20, 31])
def test_every_string_is_quoted_and_reads_as_yaml_what_it_reads_as_json(minor: int) -> None:
    """`on`, `1.20` and such are strings for every reader."""
    own = written(minor, Role.INIT).split("---\n")[:3]
    for text in own:
        assert yaml.safe_load(text) == json.loads(text)
    everything = [value for text in own for value in scalars(json.loads(text))]
    assert {"1.20", "on"} <= set(map(str, everything))
    assert not re.search(r"^\s*[\w.-]+:", "".join(own), re.MULTILINE), "a key without quotes"


def read(text: str) -> dict[str, Any]:
    return {found["kind"]: found for found in map(yaml.safe_load, text.split("---\n"))}


def test_extra_arguments_are_a_list_from_v1beta4_on() -> None:
    node = {
        minor: read(written(minor, Role.INIT))["InitConfiguration"]["nodeRegistration"]
        for minor in (30, 31)
    }
    assert node[30]["kubeletExtraArgs"] == {"node-ip": "192.0.2.1"}
    assert node[31]["kubeletExtraArgs"] == [{"name": "node-ip", "value": "192.0.2.1"}]


@pytest.mark.parametrize(
    ("minor", "where"), [(14, "apiServer"), (30, "apiServer"), (31, "timeouts"), (37, "timeouts")]
)
def test_where_the_control_planes_timeout_stands(minor: int, where: str) -> None:
    found = read(written(minor, Role.INIT))
    cluster, init = found["ClusterConfiguration"], found["InitConfiguration"]
    if where == "apiServer":
        assert cluster["apiServer"] == {"timeoutForControlPlane": "300s"}
        assert "timeouts" not in init
    else:
        assert init["timeouts"] == {"controlPlaneComponentHealthCheck": "300s"}
        assert "apiServer" not in cluster


@pytest.mark.parametrize(("minor", "there"), [(14, False), (15, True), (37, True)])
def test_the_certificate_key_is_a_field_from_v1beta2_on(minor: int, there: bool) -> None:
    assert (KEY in written(minor, Role.INIT)) is there
    join = read(written(minor, Role.JOIN_CONTROL_PLANE))["JoinConfiguration"]
    assert ("certificateKey" in join["controlPlane"]) is there
    assert KEY not in written(minor, Role.JOIN_WORKER)


@pytest.mark.parametrize(
    ("minor", "taints"),
    [
        (23, ["node-role.kubernetes.io/master"]),
        (24, ["node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane"]),
        (25, ["node-role.kubernetes.io/control-plane"]),
    ],
)
def test_own_taints_do_not_take_kubeadms_away(minor: int, taints: list[str]) -> None:
    found = read(written(minor, Role.INIT))["InitConfiguration"]["nodeRegistration"]["taints"]
    assert [taint["key"] for taint in found] == [*taints, "dedicated", "slow"]
    assert found[-2] == {"key": "dedicated", "value": "on", "effect": "NoExecute"}
    assert found[-1] == {"key": "slow", "effect": "PreferNoSchedule"}


@pytest.mark.parametrize("value", ["", "=mine"])
def test_kubeadms_own_taint_is_not_there_twice(value: str) -> None:
    """The API takes one taint of a key and an effect."""
    key = "node-role.kubernetes.io/control-plane"
    host = replace(HOST, taints=(f"{key}{value}:NoSchedule", f"{key}{value}:NoSchedule"))
    found = read(documents(TARGET, host))["InitConfiguration"]["nodeRegistration"]["taints"]
    given = {"value": value[1:]} if value else {}
    assert found == [{"key": key, **given, "effect": "NoSchedule"}]


@pytest.mark.parametrize(("minor", "gate"), [(29, True), (30, True), (31, False)])
def test_nftables_is_behind_a_gate_at_first(minor: int, *, gate: bool) -> None:
    version = Version(1, minor, 0)
    cluster = Cluster(proxy_mode=ProxyMode.NFTABLES)
    target = replace(TARGET, kubeadm=version, kubernetes=version, cluster=cluster)
    found = read(documents(target, HOST))["KubeProxyConfiguration"]
    assert found["mode"] == "nftables"
    assert found.get("featureGates") == ({"NFTablesProxyMode": True} if gate else None)


def test_a_control_plane_that_is_a_worker_too_has_no_taint() -> None:
    both = Host("a", Login(""), frozenset(NodeRole))
    target = Target(
        "a",
        Role.INIT,
        Cluster(),
        Version(1, 20, 2),
        Version(1, 20, 2),
        "a",
        ContainerRuntime.DOCKER,
        "/var/run/dockershim.sock",
    )
    node = read(documents(target, both))["InitConfiguration"]["nodeRegistration"]
    assert node["taints"] == []
    worker = read(documents(target, Host("a", Login(""), frozenset({NodeRole.CONTROL_PLANE}))))
    assert "taints" not in worker["InitConfiguration"]["nodeRegistration"]


@pytest.mark.parametrize("minor", [14, 17, 20, 24, 29, 31])
@pytest.mark.parametrize("role", [Role.INIT, Role.JOIN_CONTROL_PLANE])
def test_an_empty_list_of_taints_takes_kubeadms_own_away(minor: int, role: Role) -> None:
    version = Version(1, minor, 0)
    target = replace(TARGET, kubeadm=version, kubernetes=version, role=role)
    kind = "InitConfiguration" if role is Role.INIT else "JoinConfiguration"
    for taints, written_taints in (((), []), (None, "absent")):
        found = read(documents(target, replace(HOST, taints=taints), DISCOVERY))
        assert found[kind]["nodeRegistration"].get("taints", "absent") == written_taints


def test_extra_documents_stand_as_they_are() -> None:
    assert written(20, Role.INIT).endswith(f"---\n{KUBELET}")
    assert "KubeletConfiguration" not in written(20, Role.JOIN_WORKER)


def test_the_users_kube_proxy_document_takes_the_place_of_ours() -> None:
    mine = ExtraDocument("p.yaml", "KubeProxyConfiguration", "v1", "kind: KubeProxyConfiguration\n")
    target = Target(
        "a",
        Role.INIT,
        CLUSTER,
        Version(1, 20, 2),
        Version(1, 20, 2),
        "a",
        ContainerRuntime.DOCKER,
        "",
    )
    text = documents(target, HOST, extras=Extras(documents=(mine,)))
    assert text.count("KubeProxyConfiguration") == 1
