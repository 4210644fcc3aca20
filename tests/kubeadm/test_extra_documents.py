from __future__ import annotations

import pytest

from scanner.kubeadm.extra_documents import problems, split
from scanner.request import Cluster, ProxyMode
from scanner.versions import parse_version

KUBELET = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
PROXY = "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n"


def said(text: str, mode: ProxyMode = ProxyMode.IPTABLES) -> list[str]:
    return [*problems(tuple(split("my.yaml", text)), Cluster(proxy_mode=mode))]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (KUBELET, ["KubeletConfiguration"]),
        (f"---\n{KUBELET}---\n{PROXY}", ["KubeletConfiguration", "KubeProxyConfiguration"]),
        (f"# nothing\n--- # a comment\n{KUBELET}---\n", ["KubeletConfiguration"]),
        ('{"apiVersion": "a/v1",\n "kind": "B"\n}\n', ["B"]),
        ("", []),
    ],
)
def test_documents_are_told_apart(text: str, kinds: list[str]) -> None:
    assert [document.kind for document in split("my.yaml", text)] == kinds


def test_a_document_is_passed_on_as_it_stands() -> None:
    (document,) = split("my.yaml", f"---\r\n{KUBELET}maxPods: 50 # on\r\n")
    assert document.text == f"{KUBELET}maxPods: 50 # on\n"


def test_what_is_wrong_is_said_with_its_place() -> None:
    assert said(f"{KUBELET}---\n{PROXY}") == []
    assert "without kind" in said("a: b\n")[0]
    kubeadms = "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n"
    assert said(kubeadms)[0].startswith("my.yaml:1: ClusterConfiguration is made of the inventory")
    assert "my.yaml:4: a second KubeletConfiguration" in said(f"{KUBELET}---\n{KUBELET}")[0]


@pytest.mark.parametrize(
    "text",
    [
        "apiVersion: kubelet.config.k8s.io/v1\nkind: KubeletConfiguration\n",
        "apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeletConfiguration\n",
        "apiVersion: apps/v1\nkind: Deployment\n",
    ],
)
def test_a_document_that_kubeadm_would_pass_over(text: str) -> None:
    (line,) = said(f"---\n{text}")
    assert line.startswith("my.yaml:2: kubeadm passes over ")
    assert "leave this document out" in line


@pytest.mark.parametrize(
    ("mode", "text", "expected"),
    [
        (ProxyMode.IPTABLES, PROXY, []),
        (ProxyMode.IPVS, f"{PROXY}mode: ipvs\n", []),
        (ProxyMode.IPVS, f'{PROXY}mode: "ipvs" # quick\n', []),
        (ProxyMode.IPVS, PROXY, ["has no mode"]),
        (ProxyMode.IPVS, f"{PROXY}conntrack:\n  mode: ipvs\n", ["has no mode"]),
        (ProxyMode.IPVS, f"{PROXY}conntrack:\n  mode: a\nmode: ipvs\n", []),
        (ProxyMode.IPVS, f"{PROXY}mode: [ipvs]\n", ["has no mode"]),
        (ProxyMode.IPVS, f"{PROXY}mode: nftables\n", ["has mode nftables"]),
    ],
)
def test_a_mode_that_the_users_document_must_have(
    mode: ProxyMode, text: str, expected: list[str]
) -> None:
    found = said(text, mode)
    assert len(found) == len(expected)
    for line, words in zip(found, expected, strict=True):
        assert words in line
        assert line.endswith("write `mode: ipvs` there")


@pytest.mark.parametrize(
    ("version", "more", "expected"),
    [
        ("v1.30.0", "", 1),
        ("v1.30.0", "featureGates:\n  NFTablesProxyMode: true\n", 0),
        ("v1.31.0", "", 0),
    ],
)
def test_a_gate_that_the_users_document_must_have(version: str, more: str, expected: int) -> None:
    documents = tuple(split("my.yaml", f"{PROXY}mode: nftables\n{more}"))
    asked = Cluster(proxy_mode=ProxyMode.NFTABLES, kubernetes_version=parse_version(version))
    found = [*problems(documents, asked)]
    assert len(found) == expected
    assert all("write `featureGates: {NFTablesProxyMode: true}` there" in line for line in found)
