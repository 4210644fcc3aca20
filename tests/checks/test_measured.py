"""What is measured with an option of its own."""

from __future__ import annotations

import pytest

from scanner.facts.fsync import Fsync, parse_fsync
from scanner.facts.registry import Registry, Trouble
from scanner.kubeadm.registry import manifest_url
from scanner.measure import Measure
from scanner.request import Cluster
from scanner.target import Role
from scanner.versions import parse_version
from tests.checks.rows import Row, passes, unknown, warns
from tests.hosts import EXTERNAL_ETCD

BOTH = frozenset(Measure)


def asked(**more: object) -> dict[str, object]:
    return {"measures": BOTH, **more}


def disk(p99: int | None = None, mean: int | None = None, refused: str = "") -> Fsync:
    return Fsync("/var/lib", "dd" if mean else "python3", 5014, p99, mean, refused)


ROWS = (
    passes("KS604", disk(9_999), **asked()),
    warns("KS604", disk(10_000), **asked(), words="99th percentile of 5,014 writes"),
    warns("KS604", disk(mean=12_000), **asked(), words="the mean of 5,014 writes"),
    unknown("KS604", disk(mean=300), **asked(), words="needs python3 or perl"),
    unknown("KS604", disk(refused="only 97 MiB are free there"), **asked(), words="97 MiB"),
    passes("KS513", Registry("curl", 200), **asked()),
    warns("KS513", Registry("curl", 404), **asked(), words="it has no such image"),
    warns("KS513", Registry("wget", 401), **asked(), words="none were sent"),
    warns("KS513", Registry("curl", 500), **asked(), words="it answers 500"),
    warns(
        "KS513",
        Registry("curl", None, Trouble.TLS, "self-signed", "10.0.0.1:3128"),
        **asked(),
        words="through the proxy 10.0.0.1:3128: TLS fails (self-signed)",
    ),
    unknown("KS513", Registry(""), **asked(), words="neither python3"),
    *(warns("KS513", Registry("curl", None, trouble), **asked()) for trouble in Trouble),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_measured(row: Row) -> None:
    row.prove()


def test_there_is_no_row_where_nobody_asked() -> None:
    assert passes("KS604", disk(1)).results() == ()
    assert passes("KS513", Registry("curl", 200)).results() == ()
    external = Cluster(etcd=EXTERNAL_ETCD)
    assert passes("KS604", disk(1), **asked(cluster=external)).results() == ()


def test_a_worker_has_no_etcd() -> None:
    (result,) = passes("KS604", disk(1), **asked(role=Role.JOIN_WORKER)).results()
    assert result.verdict.value == "skip"


@pytest.mark.parametrize(
    ("repository", "version", "url"),
    [
        ("", "", "https://registry.k8s.io/v2/"),
        ("", "v1.31.0", "https://registry.k8s.io/v2/kube-proxy/manifests/v1.31.0"),
        ("", "v1.20.2", "https://k8s.gcr.io/v2/kube-proxy/manifests/v1.20.2"),
        ("reg.lan:5000/k8s", "v1.31.0", "https://reg.lan:5000/v2/k8s/kube-proxy/manifests/v1.31.0"),
        ("localhost/k8s", "v1.31.0", "https://localhost/v2/k8s/kube-proxy/manifests/v1.31.0"),
        ("reg.lan:5000", "", "https://reg.lan:5000/v2/"),
        (
            "mirror/k8s",
            "v1.31.0",
            "https://registry-1.docker.io/v2/mirror/k8s/kube-proxy/manifests/v1.31.0",
        ),
        ("docker.io/k8s", "", "https://registry-1.docker.io/v2/"),
    ],
)
def test_the_manifest(repository: str, version: str, url: str) -> None:
    asked_for = parse_version(version) if version else None
    assert manifest_url(Cluster(image_repository=repository, kubernetes_version=asked_for)) == url


@pytest.mark.parametrize(
    ("text", "mean"),
    [
        ("460000 bytes (460 kB, 449 KiB) copied, 0.5 s, 920 kB/s", 2500),
        ("46000 bytes (46 kB, 45 KiB) copied, 10.0012 s, 4.6 kB/s", 500_060),
        ("460000 bytes (460 kB, 449 KiB) copied, 9.5e-02 s, 5 MB/s", 475),
    ],
)
def test_what_dd_says(text: str, mean: int) -> None:
    found = parse_fsync(f"place=/var/lib\ntool=dd\nerr=200+0 records out\nerr={text}\nrc=0")
    assert found.mean_us == mean
    assert parse_fsync("place=/var/lib\ntool=dd\nerr=dd: invalid flag\nrc=1").refused
