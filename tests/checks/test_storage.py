"""The file systems under a node's data, at each limit."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.checks.storage import KUBELET, LOGS
from scanner.checks.storage import storage as check
from scanner.facts.storage import Storage
from scanner.request import Cluster, ContainerRuntime, LocalEtcd
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, unknown, warns
from tests.hosts import EXTERNAL_ETCD, GIB, storage, target, volume

ETCD = "/var/lib/etcd"
CONTAINERD, DOCKER = "/var/lib/containerd", "/var/lib/docker"
BYTE = 1 / GIB


def on(path: str, *space: float, **more: Any) -> Storage:
    return storage({path: volume(*space, **more)})


ROWS = (
    *(passes("KS318", subject=path) for path in (KUBELET, CONTAINERD, LOGS, ETCD)),
    fails("KS318", on(KUBELET, 2 - BYTE), subject=KUBELET, severities="E", words="2.0 GiB"),
    warns("KS318", on(KUBELET, 2), subject=KUBELET, severities="W"),
    warns("KS318", on(KUBELET, 10 - BYTE), subject=KUBELET, severities="W"),
    passes("KS318", on(KUBELET, 10, 50), subject=KUBELET),
    passes("KS318", on(KUBELET, 20, 100), subject=KUBELET),
    warns("KS318", on(KUBELET, 20 - BYTE, 100), subject=KUBELET, words="80 % of / are in use"),
    passes("KS318", on(LOGS, inodes=(100, 5)), subject=LOGS),
    warns("KS318", on(LOGS, inodes=(100, 4)), subject=LOGS, words="4 of 100 inodes"),
    passes("KS318", on(LOGS, inodes=(0, 0)), subject=LOGS),
    warns("KS318", on(LOGS, read_only=True), subject=LOGS, words="read-only"),
    passes("KS318", on(LOGS, noexec=True), subject=LOGS),
    warns("KS318", on(KUBELET, noexec=True), subject=KUBELET, words="noexec"),
    warns("KS318", on(CONTAINERD, noexec=True), subject=CONTAINERD, words="noexec"),
    warns("KS318", on(ETCD, kind="tmpfs"), subject=ETCD, words="in memory"),
    warns("KS318", on(ETCD, kind="nfs4"), subject=ETCD, words="another machine"),
    passes("KS318", on(KUBELET, kind="nfs4"), subject=KUBELET),
    fails("KS318", on(ETCD, 1, kind="tmpfs", read_only=True), subject=ETCD, severities="EWW"),
    fails("KS318", on(DOCKER, 1), subject=DOCKER, runtime=ContainerRuntime.DOCKER),
    unknown("KS318", on(LOGS, 0, 0, kind="rootfs"), subject=LOGS, words="rootfs on / has no size"),
    unknown("KS318", storage(None, LOGS), subject=LOGS, words="could not be asked"),
    unknown("KS318", storage({}, ETCD), subject=ETCD),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_storage(row: Row) -> None:
    row.prove()


def test_each_role_has_its_paths() -> None:
    def paths(role: Role, cluster: Cluster | None = None) -> set[str]:
        return set(check.asked(target(role=role, cluster=cluster)))

    common = {KUBELET, CONTAINERD, LOGS}
    assert paths(Role.JOIN_WORKER) == common
    assert paths(Role.INIT) == common | {ETCD}
    assert paths(Role.JOIN_CONTROL_PLANE, Cluster(etcd=LocalEtcd("/data"))) == common | {"/data"}
    assert paths(Role.INIT, Cluster(etcd=EXTERNAL_ETCD)) == common
