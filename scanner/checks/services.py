"""Services: the firewall, the kubelet and the container runtime."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.cri_socket import another_socket
from scanner.checks.dockershim import docker_only, has_client, other_socket, uses_dockershim
from scanner.checks.rule import (
    ALL,
    CONTROL_PLANE,
    WORKER,
    Evidence,
    Finding,
    Severity,
    applies,
    check,
    history,
)
from scanner.facts.base import FactMissing, Facts
from scanner.facts.services import InitSystem, Services, Unit
from scanner.kubeadm import releases
from scanner.request import ContainerRuntime
from scanner.target import Role, Target

_QUESTIONS = {
    InitSystem.SYSTEMD: "systemctl show",
    InitSystem.OPENRC: "rc-service, rc-update",
    InitSystem.NONE: "PATH",
}


def _unit(facts: Facts, name: str) -> Unit:
    unit = facts[Services].units.get(name)
    if unit is None:
        raise FactMissing(f"the host was not asked about the service {name}")
    return unit


def _without_init_system() -> Finding:
    # kubeadm then warns under the check's own name and goes on.
    return Finding(
        "there is neither systemctl nor openrc, so that services cannot be asked about",
        have="none",
        need="systemd or OpenRC",
        source=_QUESTIONS[InitSystem.NONE],
        severity=Severity.WARNING,
    )


def _missing_or_disabled(facts: Facts, name: str) -> Iterator[Finding]:
    unit = _unit(facts, name)
    source = _QUESTIONS[facts[Services].init]
    if not unit.exists:
        yield Finding(
            f"there is no service {name}",
            have="absent",
            need="enabled",
            source=source,
            severity=Severity.WARNING,
        )
    elif not unit.enabled:
        yield Finding(
            f"the service {name} does not start at boot",
            have="not enabled",
            need="enabled",
            source=source,
            severity=Severity.WARNING,
        )


@check(
    "KS201",
    "firewalld",
    *history(CONTROL_PLANE, Severity.WARNING),
    applies(WORKER, Severity.WARNING, own=True),
    kubeadm="Firewalld",
    remedy="Open the named ports with `firewall-cmd --permanent --add-port`, or run "
    "`systemctl disable --now firewalld`.",
)
def firewalld(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Ask the init system about firewalld; passes if there is no such service or it is stopped.

    Other firewalls are not looked at, and neither are firewalld's rules. kubeadm asks only control
    planes; on a worker, whose kubelet's port is behind it too, it is our own warning. Source:
    checks.go FirewalldCheck, v1.20.2.
    """
    services = facts[Services]
    if services.init is InitSystem.NONE:
        yield _without_init_system()
        return
    unit = _unit(facts, "firewalld")
    if unit.exists and unit.active:
        worker = target.role is Role.JOIN_WORKER
        ports = "port 10250" if worker else f"ports {target.cluster.bind_port} and 10250"
        yield Finding(
            f"firewalld is running; the cluster needs its {ports} open",
            have="active",
            need=f"inactive, or {ports} open",
            source=_QUESTIONS[services.init],
        )


@check(
    "KS202",
    "kubelet service",
    *history(ALL, Severity.WARNING),
    kubeadm="Service-Kubelet",
    remedy="Install the kubelet's package and run `systemctl enable kubelet` "
    "(OpenRC: `rc-update add kubelet default`).",
)
def kubelet_service(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Ask the init system about kubelet; passes if the service exists and is enabled.

    It need not run: kubeadm starts it. Source: checks.go ServiceCheck, v1.20.2.
    """
    if facts[Services].init is InitSystem.NONE:
        yield _without_init_system()
    else:
        yield from _missing_or_disabled(facts, "kubelet")


@check(
    "KS203",
    "docker service",
    *history(ALL, Severity.ERROR, until="1.24", v1_20=Evidence.REAL, gaps=Evidence.NOTES),
    applies(ALL, Severity.WARNING, since="1.24", own=True),
    kubeadm="Service-Docker",
    remedy="Run `systemctl enable --now docker` (OpenRC: `rc-update add docker default` and "
    "`rc-service docker start`).",
    subjects=docker_only,
    skip=other_socket,
)
def docker_service(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Ask the init system about docker, where docker is the runtime; passes if enabled and active.

    A docker that is not active is an error, one that is not enabled a warning; so is one that is
    missing, where the init system says that on stdout: kubeadm does not see what systemctl of
    systemd 230 and newer says on stderr. It asked with dockershim's socket and a docker client,
    until 1.23; since then it is our own warning. Source: checks.go ServiceCheck and
    initsystem_unix.go, v1.20.2; cluster-api issue 1926 for docker of a snap; release note of 1.24
    (PR#107317).
    """
    if uses_dockershim(target) and not has_client(facts):
        raise FactMissing("there is no docker client, so that kubeadm does not ask for its service")
    services = facts[Services]
    if services.init is InitSystem.NONE:
        yield _without_init_system()
        return
    yield from _missing_or_disabled(facts, "docker")
    unit = _unit(facts, "docker")
    known = unit.exists or (uses_dockershim(target) and "docker" in services.unsaid)
    if known and not unit.active:
        yield Finding(
            "the service docker does not run",
            have="not active",
            need="active",
            source=_QUESTIONS[services.init],
        )


_UNITS = {ContainerRuntime.CONTAINERD: ("containerd",), ContainerRuntime.CRIO: ("crio",)}


def _units(target: Target) -> tuple[str, ...]:
    if target.runtime is ContainerRuntime.DOCKER and not releases.find(target.kubeadm).dockershim:
        return ("cri-docker",)
    return _UNITS.get(target.runtime, ())


@check(
    "KS204",
    "container runtime's service",
    applies(ALL, Severity.WARNING, own=True),
    kubeadm=None,
    remedy="Run `systemctl enable --now {subject}` (OpenRC: `rc-update add {subject} default` and "
    "`rc-service {subject} start`).",
    subjects=_units,
    skip=another_socket,
)
def runtime_service(facts: Facts, _target: Target, unit_name: str) -> Iterator[Finding]:
    """Ask the init system about the chosen runtime; passes if it is enabled and active.

    kubeadm only asks for docker; a containerd, CRI-O or (with docker, from 1.24 on) cri-dockerd
    that does not start at boot leaves the node without pods after the next one.
    """
    services = facts[Services]
    if services.init is InitSystem.NONE:
        raise FactMissing("there is neither systemctl nor openrc to ask")
    yield from _missing_or_disabled(facts, unit_name)
    unit = _unit(facts, unit_name)
    if unit.exists and not unit.active:
        yield Finding(
            f"the service {unit_name} does not run",
            have="not active",
            need="active",
            source=_QUESTIONS[services.init],
        )
