"""Where kubeadm talks to docker itself: with dockershim's socket, until 1.23."""

from __future__ import annotations

from scanner.checks.privilege import not_refused
from scanner.checks.search_path import locate
from scanner.facts.base import FactMissing, Facts
from scanner.facts.programs import Docker
from scanner.kubeadm import cri_sockets, releases
from scanner.request import ContainerRuntime
from scanner.target import Target


def uses_dockershim(target: Target) -> bool:
    """True if this kubeadm would ask docker and not a CRI socket."""
    shim = cri_sockets.DOCKERSHIM
    return releases.find(target.kubeadm).dockershim and target.cri_socket == shim


def docker_only(target: Target) -> tuple[str, ...]:
    """Name the subject of a check that is about docker; none with another runtime."""
    return ("",) if target.runtime is ContainerRuntime.DOCKER else ()


def other_socket(target: Target, _subject: str) -> str | None:
    """Say why a kubeadm that still knows dockershim does not ask docker here, else None."""
    if releases.find(target.kubeadm).dockershim and not uses_dockershim(target):
        return f"the CRI socket is {target.cri_socket}, not dockershim's"
    return None


def has_client(facts: Facts) -> bool:
    """True if kubeadm would find the docker client."""
    return locate(facts, "docker").found


def ask_docker(facts: Facts) -> Docker:
    """What `docker info` said; its `run` is never None.

    Raises:
        FactMissing: there is no client to ask with, so that kubeadm says nothing about docker
            either; or docker does not answer this login because it is not root.
    """
    docker = facts[Docker]
    if docker.run is None or not has_client(facts):
        raise FactMissing("there is no docker client on kubeadm's PATH to ask docker with")
    if not docker.alive:
        not_refused(facts, docker.run, "docker info")
    return docker
