from __future__ import annotations

import pytest

from scanner.kubeadm.images import LAST_READ, TAGS, find, wanted
from scanner.versions import parse_version


def names(
    kubeadm: str, repository: str = "", *, kubernetes: str = "", local_etcd: bool = True
) -> tuple[str, ...]:
    own = parse_version(kubeadm)
    asked = parse_version(kubernetes or kubeadm)
    return wanted(own, asked, repository, local_etcd=local_etcd).names


def test_the_list_of_v1_20_2() -> None:
    """As that kubeadm prints it; tests/e2e asks it again."""
    assert names("v1.20.2") == (
        "k8s.gcr.io/kube-apiserver:v1.20.2",
        "k8s.gcr.io/kube-controller-manager:v1.20.2",
        "k8s.gcr.io/kube-scheduler:v1.20.2",
        "k8s.gcr.io/kube-proxy:v1.20.2",
        "k8s.gcr.io/pause:3.2",
        "k8s.gcr.io/etcd:3.4.13-0",
        "k8s.gcr.io/coredns:1.7.0",
    )


@pytest.mark.parametrize(
    ("kubeadm", "repository", "last"),
    [
        ("v1.13.5", "", "k8s.gcr.io/coredns:1.2.6"),
        ("v1.21.0", "", "k8s.gcr.io/coredns/coredns:v1.8.0"),
        ("v1.21.1", "r.example/k", "r.example/k/coredns/coredns:v1.8.0"),
        ("v1.21.2", "r.example/k", "r.example/k/coredns:v1.8.0"),
        ("v1.23.14", "", "k8s.gcr.io/coredns/coredns:v1.8.6"),
        ("v1.23.15", "", "registry.k8s.io/coredns/coredns:v1.8.6"),
        ("v1.24.8", "", "k8s.gcr.io/coredns/coredns:v1.8.6"),
        ("v1.24.9", "", "registry.k8s.io/coredns/coredns:v1.8.6"),
        ("v1.26.0", "my.example/sub", "my.example/sub/coredns:v1.9.3"),
        ("v1.31.1", "registry.k8s.io", "registry.k8s.io/coredns/coredns:v1.11.3"),
    ],
)
def test_coredns_and_the_registry(kubeadm: str, repository: str, last: str) -> None:
    assert names(kubeadm, repository)[-1] == last


def test_etcd_of_a_patch_and_without_a_local_one() -> None:
    assert "registry.k8s.io/etcd:3.5.24-0" in names("v1.32.10")
    assert "registry.k8s.io/etcd:3.5.16-0" in names("v1.32.9")
    assert not any("/etcd:" in name for name in names("v1.32.9", local_etcd=False))


@pytest.mark.parametrize(
    ("kubeadm", "kubernetes", "unknown"),
    [
        ("v1.31.0", "v1.30.0", ("etcd",)),
        ("v1.34.20", "v1.34.20", ("pause", "etcd", "coredns/coredns")),
        ("v1.31.0-rc.0", "v1.31.0-rc.0", ("pause", "etcd", "coredns/coredns")),
        ("v1.38.0", "v1.38.0", ("pause", "etcd", "coredns/coredns")),
    ],
)
def test_tags_that_nobody_has_read(kubeadm: str, kubernetes: str, unknown: tuple[str, ...]) -> None:
    found = wanted(parse_version(kubeadm), parse_version(kubernetes), "", local_etcd=True)
    assert found.unknown == unknown
    assert f"registry.k8s.io/kube-proxy:{kubernetes}" in found.names


def test_rows_are_in_order_and_each_minor_has_one() -> None:
    assert [row.since for row in TAGS] == sorted(row.since for row in TAGS)
    assert {row.since.minor for row in TAGS} == set(LAST_READ)
    first = find(parse_version("v1.16.0"))
    assert first is not None
    assert (first.etcd, first.coredns, first.pause) == ("3.3.15-0", "1.6.2", "3.1")
