from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.facts.services import InitSystem, Services
from scanner.request import Cluster, ContainerRuntime
from scanner.target import Role
from tests.checks.rows import Row, fails, passes, skips, unknown, warns
from tests.hosts import (
    CRI_DOCKERD_SOCKET,
    UNIT_ABSENT,
    UNIT_DISABLED,
    UNIT_STOPPED,
    UNIT_UP,
    binaries,
    services,
)

DOCKER = ContainerRuntime.DOCKER
OPENRC = InitSystem.OPENRC
NO_INIT = Services(InitSystem.NONE, {})
UNIT_OFF = UNIT_STOPPED.__class__(exists=True, enabled=False, active=False)

NO_DOCKER_UNIT = replace(services(docker=UNIT_ABSENT), unsaid=frozenset({"docker"}))

CRI_DOCKER_OFF = Services(InitSystem.SYSTEMD, {"cri-docker": UNIT_OFF})

ROWS = (
    passes("KS201"),
    passes("KS201", services(firewalld=UNIT_STOPPED)),
    warns("KS201", services(firewalld=UNIT_UP), words="6443 and 10250"),
    warns("KS201", services(firewalld=UNIT_UP), cluster=Cluster(bind_port=8443), words="8443"),
    warns("KS201", NO_INIT, words="neither systemctl nor openrc"),
    unknown("KS201", Services(InitSystem.SYSTEMD, {}), words="not asked"),
    passes("KS201", role=Role.JOIN_WORKER),
    warns("KS201", services(firewalld=UNIT_UP), role=Role.JOIN_WORKER, words="its port 10250"),
    warns("KS201", services(firewalld=UNIT_UP), role=Role.JOIN_CONTROL_PLANE),
    passes("KS202"),
    passes("KS202", services(kubelet=UNIT_STOPPED)),
    passes("KS202", services(InitSystem.OPENRC)),
    warns("KS202", services(kubelet=UNIT_ABSENT), words="no service kubelet"),
    warns("KS202", services(kubelet=UNIT_DISABLED), words="boot", role=Role.JOIN_WORKER),
    warns("KS202", NO_INIT),
    # OpenRC: `rc-service X status` and `rc-update show default` give the same three answers
    passes("KS201", services(OPENRC, firewalld=UNIT_STOPPED)),
    warns("KS201", services(OPENRC, firewalld=UNIT_UP), words="6443 and 10250"),
    warns("KS202", services(OPENRC, kubelet=UNIT_ABSENT), words="no service kubelet"),
    warns("KS202", services(OPENRC, kubelet=UNIT_DISABLED), words="boot"),
    passes("KS203", services(OPENRC), runtime=DOCKER),
    warns("KS203", services(OPENRC, docker=UNIT_ABSENT), runtime=DOCKER, severities="W"),
    fails("KS203", services(OPENRC, docker=UNIT_OFF), runtime=DOCKER, severities="WE"),
    passes("KS203", runtime=DOCKER),
    fails("KS203", services(docker=UNIT_STOPPED), runtime=DOCKER, severities="E"),
    fails("KS203", services(docker=UNIT_OFF), runtime=DOCKER, severities="WE"),
    warns("KS203", services(docker=UNIT_DISABLED), runtime=DOCKER),
    warns("KS203", services(docker=UNIT_ABSENT), runtime=DOCKER),
    # docker of a snap, with a systemctl that says `could not be found` on stderr
    fails("KS203", NO_DOCKER_UNIT, runtime=DOCKER, severities="WE", words="does not run"),
    warns("KS203", NO_DOCKER_UNIT, runtime=DOCKER, version="v1.24.0", severities="W"),
    warns("KS203", NO_INIT, runtime=DOCKER),
    fails("KS203", services(docker=UNIT_STOPPED), runtime=DOCKER, version="v1.23.17"),
    warns("KS203", services(docker=UNIT_STOPPED), runtime=DOCKER, version="v1.24.0"),
    unknown("KS203", binaries("docker"), runtime=DOCKER, words="no docker client"),
    passes("KS203", binaries("docker"), runtime=DOCKER, version="v1.24.0"),
    skips("KS203", runtime=DOCKER, socket=CRI_DOCKERD_SOCKET, words="not dockershim's"),
    passes("KS204", subject="containerd"),
    passes("KS204", subject="crio", runtime=ContainerRuntime.CRIO),
    warns("KS204", services(containerd=UNIT_STOPPED), subject="containerd"),
    warns("KS204", services(containerd=UNIT_OFF), subject="containerd", severities="WW"),
    warns("KS204", services(crio=UNIT_ABSENT), subject="crio", runtime=ContainerRuntime.CRIO),
    unknown("KS204", NO_INIT, subject="containerd"),
    passes("KS204", subject="cri-docker", runtime=DOCKER, version="v1.31.0"),
    warns("KS204", CRI_DOCKER_OFF, subject="cri-docker", runtime=DOCKER, version="v1.31.0"),
    skips("KS204", subject="containerd", socket="/run/other/other.sock", words="not known"),
)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_services(row: Row) -> None:
    row.prove()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (warns("KS202", services(OPENRC, kubelet=UNIT_DISABLED)), "rc-update add kubelet default"),
        (fails("KS203", services(OPENRC, docker=UNIT_OFF), runtime=DOCKER), "rc-service docker"),
    ],
)
def test_openrc_is_asked_and_the_remedy_has_its_words(row: Row, words: str) -> None:
    """kubeadm's own words for a kubelet that is not enabled: initsystem_unix.go, v1.20.2."""
    result = row.result()
    assert result.source == "rc-service, rc-update"
    assert words in result.remedy
