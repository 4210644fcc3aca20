"""The container runtime: does the chosen one answer, and can kubeadm choose at all?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.checks.cri_socket import find_socket
from scanner.checks.dockershim import ask_docker, docker_only, other_socket, uses_dockershim
from scanner.checks.privilege import not_refused
from scanner.checks.rule import (
    ALL,
    Evidence,
    Finding,
    Severity,
    applies,
    check,
    clip,
    history,
)
from scanner.checks.search_path import locate
from scanner.facts.base import FactMissing, Facts
from scanner.facts.cri import CriInfo, Rpc
from scanner.facts.programs import Docker, Sockets
from scanner.kubeadm import releases, system_validators
from scanner.target import Target


@check(
    "KS211",
    "container runtime",
    *history(ALL, Severity.ERROR, v1_20=Evidence.REAL, gaps=Evidence.NOTES),
    kubeadm="CRI",
    remedy="Start the container runtime and enable it at boot (`systemctl enable --now "
    "containerd`, `crio` or `docker`), and see its log for why it does not answer.",
)
def cri(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Ask the runtime on its socket with `crictl info`, or dockershim's with `docker info`.

    Until 1.30 kubeadm does the same and passes if the exit status is 0; without crictl, or without
    docker, it says nothing under this name, and here the answer is unknown. From 1.31 on it asks
    the socket itself, over gRPC, and also wants the condition RuntimeReady; so does this check,
    with curl, else with crictl. Where kubeadm cannot even connect it only warns, and fails later
    when it pulls images; here that is a failure too. Source: util/runtime/runtime.go, v1.20.2;
    release note of 1.31 (PR#124685) and the CRI client of that time.
    """
    if uses_dockershim(target):
        yield from _docker_answers(ask_docker(facts))
        return
    release = releases.find(target.kubeadm)
    if not release.runtime_ready and not locate(facts, "crictl").found:
        raise FactMissing("there is no crictl on kubeadm's PATH, so that it does not ask either")
    answer = find_socket(facts, target.cri_socket)
    if answer is None:
        yield Finding(
            f"the container runtime's socket {clip(target.cri_socket)} does not exist",
            have="absent",
            need=clip(target.cri_socket),
            source=clip(target.cri_socket),
        )
    elif release.runtime_ready and answer.rpc is not None:
        yield from _says(answer.rpc, target.cri_socket)
    elif answer.info is not None:
        yield from _crictl_says(facts, answer.info, target, ready=release.runtime_ready)
    else:
        raise FactMissing(
            f"{answer.unasked}: install a curl with HTTP/2, or crictl, or log in as root"
        )


def _docker_answers(docker: Docker) -> Iterator[Finding]:
    if not docker.alive and docker.run is not None:
        yield Finding(
            f"docker does not answer: {docker.run.words}",
            have=f"exit status {docker.run.exit_status}",
            need="a running docker daemon",
            source="docker info",
        )


def _says(rpc: Rpc, socket: str) -> Iterator[Finding]:
    if rpc.failure:
        yield Finding(
            f"the container runtime is not running: {clip(rpc.failure)}",
            have=clip(rpc.failure),
            need="an answer to runtime.v1.RuntimeService/Status",
            source=f"unix://{clip(socket)}",
        )
    else:
        yield from _ready(ready=rpc.runtime_ready, reason=rpc.reason, source=f"unix://{socket}")


def _crictl_says(facts: Facts, info: CriInfo, target: Target, *, ready: bool) -> Iterator[Finding]:
    not_refused(facts, info.run, "crictl info")
    source = f"crictl -r unix://{clip(target.cri_socket)} info"
    if info.run.exit_status != 0:
        yield Finding(
            f"the container runtime does not answer: {info.run.words}",
            have=f"exit status {info.run.exit_status}",
            need="exit status 0",
            source=source,
        )
    elif ready:
        yield from _ready(ready=info.runtime_ready, reason=info.reason, source=source)


def _ready(*, ready: bool | None, reason: str, source: str) -> Iterator[Finding]:
    if ready is None:
        raise FactMissing("the runtime's answer names no condition RuntimeReady")
    if not ready:
        yield Finding(
            f"the container runtime answers but is not ready: {clip(reason)}",
            have="RuntimeReady is false",
            need="RuntimeReady is true",
            source=clip(source),
        )


@check(
    "KS212",
    "docker's cgroup driver",
    *history(
        *(ALL, Severity.ERROR),
        since="1.14",
        until="1.22",
        v1_20=Evidence.REAL,
        gaps=Evidence.NOTES,
    ),
    applies(ALL, Severity.WARNING, since="1.22", own=True),
    kubeadm="IsDockerSystemdCheck",
    remedy='Set "exec-opts": ["native.cgroupdriver=systemd"] in /etc/docker/daemon.json and '
    "restart docker, before the host joins a cluster.",
    subjects=docker_only,
    skip=other_socket,
)
def docker_cgroup_driver(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read CgroupDriver of `docker info`, where docker is the runtime; passes if it is systemd.

    Another driver is a warning, a docker that does not answer an error. kubeadm asked from 1.14 to
    1.21; since then it is our own warning. Source: checks_linux.go IsDockerSystemdCheck, v1.20.2;
    release note of 1.22 (PR#99647).
    """
    docker = ask_docker(facts)
    if not docker.alive:
        yield from _docker_answers(docker)
    elif docker.cgroup_driver != "systemd":
        yield Finding(
            f"docker's cgroup driver is {clip(docker.cgroup_driver)}, and systemd is recommended",
            have=clip(docker.cgroup_driver),
            need="systemd",
            source="docker info",
            severity=Severity.WARNING,
        )


@check(
    "KS213",
    "choice of the container runtime",
    applies(ALL, Severity.ERROR, since="1.14", own=True),
    kubeadm=None,
    remedy="Set criSocket for the host, or containerRuntime for the cluster, in the inventory, or "
    "uninstall the runtimes that are not used.",
)
def rival_sockets(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Look for the sockets that kubeadm knows; passes if it has one to take, or is told which.

    With several kubeadm gives up before its preflight, under no check's name. From 1.24 on it does
    not count one on which nobody listens any more. Source: util/runtime/runtime.go, v1.20.2 and a
    tree of 1.24; release notes of 1.14 (PR#69366) and 1.24 (PR#107317).
    """
    _found = facts[Sockets]  # without them nothing was chosen
    if target.rival_sockets:
        rivals = clip(", ".join(target.rival_sockets))
        yield Finding(
            f"kubeadm will not choose between the container runtimes at {rivals}",
            have=rivals,
            need="one socket, or criSocket",
            source="the runtimes' sockets",
        )


@check(
    "KS214",
    "docker's version and graph driver",
    applies(ALL, Severity.WARNING, since="1.24", own=True),
    kubeadm=None,
    remedy="Install a current docker, and set a storage driver that Kubernetes supports "
    '("storage-driver": "overlay2") in /etc/docker/daemon.json.',
    subjects=docker_only,
)
def docker_version(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read `docker info`, where docker is the runtime; passes with a current version and driver.

    Until 1.23 this is part of SystemVerification; kubeadm then stopped asking docker. Which newer
    versions are good nobody lists any more, so that each of the scheme NN.N.N passes. Source:
    system-validators v1.12.1, docker_validator.go.
    """
    docker = ask_docker(facts)
    if not docker.alive:
        yield from _docker_answers(docker)
        return
    if not re.search(system_validators.DOCKER_SCHEME, docker.server_version):
        yield Finding(
            f"docker {clip(docker.server_version)} is too old, or no release of docker",
            have=clip(docker.server_version),
            need="a release such as 20.10.5",
            source="docker info",
        )
    if docker.graph_driver not in system_validators.GRAPH_DRIVERS_SINCE_CRI_DOCKERD:
        yield Finding(
            f"docker's graph driver {clip(docker.graph_driver)} is not supported",
            have=clip(docker.graph_driver),
            need=", ".join(sorted(system_validators.GRAPH_DRIVERS_SINCE_CRI_DOCKERD)),
            source="docker info",
        )
