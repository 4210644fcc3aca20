from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.request import Cluster, ContainerRuntime
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown, warns
from tests.hosts import EXTERNAL_ETCD
from tests.runtimes import (
    CRI_DOCKERD_SOCKET,
    cri,
    docker,
    images,
    rpc,
    runtime,
    silent_docker,
    sockets,
)

DOCKER = ContainerRuntime.DOCKER
NEVER = Cluster(image_pull_policy="Never")
HUB = Cluster(image_repository="mirror")
ALL_1_31 = runtime(images("v1.31.1"))
NO_ETCD = runtime(images("v1.31.1", "/etcd"))

ROWS = (
    passes("KS218", ALL_1_31, version="v1.31.1"),
    passes("KS218", ALL_1_31, version="v1.31.1", cluster=NEVER),
    warns("KS218", NO_ETCD, version="v1.31.1", severities="W", words="1 of 7 images"),
    warns("KS218", NO_ETCD, version="v1.31.1", words="registry.k8s.io/etcd:3.5.15-0"),
    fails("KS218", NO_ETCD, version="v1.31.1", cluster=NEVER, severities="E", words="Never"),
    passes("KS218", NO_ETCD, version="v1.31.1", cluster=Cluster(etcd=EXTERNAL_ETCD)),
    warns("KS218", runtime(frozenset()), version="v1.31.1", words="7 of 7 images"),
    warns("KS218", runtime(frozenset()), version="v1.20.2", cluster=NEVER, words="pull them"),
    fails("KS218", runtime(frozenset()), version="v1.22.0", cluster=NEVER),
    # Docker Hub's name is written out by the runtime
    passes(
        "KS218",
        runtime(frozenset(f"docker.io/{name}" for name in images("v1.31.1", repository="mirror"))),
        version="v1.31.1",
        cluster=HUB,
    ),
    warns("KS218", ALL_1_31, version="v1.31.1", cluster=HUB),
    # what is not known is never a pass
    unknown("KS218", cri(), version="v1.31.1", words="did not list"),
    unknown("KS218", rpc(), sockets(), version="v1.31.1"),
    unknown("KS218", ALL_1_31, version="v1.31.1", kubernetes="v1.30.0", severities="W"),
    unknown("KS218", runtime(images("v1.34.20")), version="v1.34.20", words="pause, etcd"),
    # docker
    passes("KS218", docker(names=images("v1.20.2")), runtime=DOCKER),
    warns("KS218", docker(names=images("v1.20.2", "pause")), runtime=DOCKER, words="1 of 7"),
    unknown("KS218", docker(), runtime=DOCKER),
    unknown("KS218", silent_docker(), runtime=DOCKER),
    passes(
        "KS218",
        docker(names=images("v1.31.1")),
        cri(),
        version="v1.31.1",
        socket=CRI_DOCKERD_SOCKET,
    ),
    # roles
    skips("KS218", version="v1.31.1", role=Role.JOIN_WORKER),
    skips("KS218", version="v1.13.0", role=Role.JOIN_CONTROL_PLANE),
    passes("KS218", ALL_1_31, version="v1.31.1", role=Role.JOIN_CONTROL_PLANE),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_images(row: Row) -> None:
    row.prove()


def test_what_could_not_be_known_keeps_no_host_back() -> None:
    row = unknown("KS218", cri(), version="v1.31.1")
    assert not replace(row).result().blocking


@pytest.mark.parametrize(("policy", "blocks"), [("Never", True), ("IfNotPresent", False)])
def test_images_that_nobody_listed_block_where_none_is_pulled(policy: str, *, blocks: bool) -> None:
    row = unknown("KS218", cri(), version="v1.31.1", cluster=Cluster(image_pull_policy=policy))
    assert row.result().blocking is blocks
