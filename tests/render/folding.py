"""Hosts with one thing wrong that several rows tell of, judged by the rules themselves."""

from __future__ import annotations

from scanner.checks import CATALOGUE
from scanner.evaluate import evaluate
from scanner.facts.identity import Obstacle
from scanner.membership import State
from scanner.report import HostReport, status_of
from scanner.request import ContainerRuntime
from tests.hosts import NOBODY, UNIT_STOPPED, binaries, facts, services, storage, target, volume
from tests.runtimes import DENIED, cri, silent_docker, sockets

DOCKER_IS_STOPPED = (services(docker=UNIT_STOPPED), silent_docker())
NOT_ROOT = (NOBODY, Obstacle("sudo asks for a password"), silent_docker(DENIED))
NOT_ROOT_EITHER = (*NOT_ROOT, binaries(elsewhere="conntrack"))
FULL_DISK = (storage({path: volume(1) for path in ("/var/lib/kubelet", "/var/log")}),)
CONTAINERD_IS_STOPPED = (services(containerd=UNIT_STOPPED), cri(sockets=()), sockets())
KINDS = ((), DOCKER_IS_STOPPED, NOT_ROOT, NOT_ROOT_EITHER, FULL_DISK, (silent_docker(),))


def judged(
    name: str,
    *spoiled: object,
    version: str = "v1.20.2",
    runtime: ContainerRuntime = ContainerRuntime.DOCKER,
) -> HostReport:
    """A host that is otherwise good."""
    asked = target(version, runtime=runtime)
    results = evaluate(CATALOGUE, facts(*spoiled), asked)
    status = status_of(results, State.NONE)
    return HostReport(name, name, "192.0.2.1", (), "init", status, results=results)
