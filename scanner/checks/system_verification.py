"""Kernel, kernel configuration, docker, operating system and control groups."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.checks import cgroups
from scanner.checks.dockershim import ask_docker, has_client, uses_dockershim
from scanner.checks.privilege import because_of, is_root
from scanner.checks.rule import (
    ALL,
    Finding,
    Severity,
    applies,
    check,
    clip,
    every_part,
)
from scanner.facts.base import FactMissing, Facts
from scanner.facts.kernel import Cgroups, Kernel, KernelConfig
from scanner.kubeadm import system_validators
from scanner.kubeadm.kernel_options import ALIASES
from scanner.kubeadm.system_validators import DockerStderr, Library
from scanner.target import Target


@check(
    "KS411",
    "system verification",
    *(
        applies(ALL, Severity.ERROR, since=row.since, until=row.until, evidence=row.evidence)
        for row in system_validators.VENDORED
    ),
    kubeadm="SystemVerification",
    remedy="Install a kernel and a distribution release that this Kubernetes supports.",
)
def system_verification(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Compare kernel, its configuration, docker, OS and cgroups with what kubeadm's library wants.

    Read are the kernel's release and build configuration, `docker info` (with dockershim's socket,
    until 1.23), and the control groups. Which kernel releases, options, docker versions, graph
    drivers and cgroups are wanted follows the version of kubernetes/system-validators that this
    kubeadm comes with, down to its patch release. An option passes as y or m. Without any
    configuration file kubeadm would load the module `configs`; kscan does not, and says unknown
    where that might help. Source: system-validators, tags v1.0.0 to v1.12.1; util/system of
    v1.14.10.
    """
    library = system_validators.library_of(target.kubeadm)
    yield from every_part(
        _kernel_release(facts, library),
        _kernel_config(facts, library),
        _docker(facts, target, library),
        _operating_system(facts),
        cgroups.findings(facts, library),
    )


def _kernel_release(facts: Facts, library: Library) -> Iterator[Finding]:
    release = facts[Kernel].release
    if not system_validators.supports_kernel(library, release):
        yield Finding(
            f"the kernel {clip(release)} is not supported by this kubeadm",
            have=clip(release),
            need=library.kernel_need,
            source="/proc/sys/kernel/osrelease",
            severity=Severity.ERROR if library.kernel_is_error else Severity.WARNING,
        )


def _kernel_config(facts: Facts, library: Library) -> Iterator[Finding]:
    config = facts[KernelConfig]
    if not config.path:
        if config.loadable:
            raise FactMissing(
                "the kernel's configuration is in no file, and kubeadm would load the module "
                "configs to see it"
            )
        yield Finding(
            "the kernel's configuration is in none of the files where kubeadm looks",
            have="absent",
            need="a configuration file",
            source="/proc/config.gz, /boot/config-*",
        )
        return
    if not config.readable:
        if not is_root(facts):
            raise FactMissing(f"{config.path} cannot be read without root{because_of(facts)}")
        yield Finding(
            f"the kernel's configuration {clip(config.path)} cannot be read",
            have="unreadable",
            need="a readable file",
            source=clip(config.path),
        )
        return
    missing = [name for name in _wanted_options(facts, library) if not _enabled(config, name)]
    if missing:
        reported = " ".join(f"CONFIG_{_reported_name(config, name)}" for name in missing)
        yield Finding(
            f"the kernel was built without {reported}",
            have=f"without {reported}",
            need="y or m",
            source=clip(config.path),
        )


def _wanted_options(facts: Facts, library: Library) -> tuple[str, ...]:
    if not library.options_by_cgroup:
        return library.options_cgroup_v1
    hierarchy = cgroups.detect(library, facts[Cgroups])
    if hierarchy is None:
        return ()  # said by the control groups' own part
    v2 = hierarchy.version is cgroups.CgroupVersion.V2
    return library.options_cgroup_v2 if v2 else library.options_cgroup_v1


def _reported_name(config: KernelConfig, name: str) -> str:
    """The first of an option's names that the configuration has, else the last."""
    names = (name, *ALIASES.get(name, ()))
    return next((known for known in names if known in config.options), names[-1])


def _enabled(config: KernelConfig, name: str) -> bool:
    return config.options.get(_reported_name(config, name)) in ("y", "m")


def _docker(facts: Facts, target: Target, library: Library) -> Iterator[Finding]:
    if not uses_dockershim(target) or not has_client(facts):
        return
    docker = ask_docker(facts)
    run = docker.run
    heard = "" if run is None or library.docker_stderr is DockerStderr.UNSEEN else run.stderr
    spoiled = bool(heard) and library.docker_stderr is DockerStderr.BREAKS
    if run is None or not docker.alive or spoiled:
        said = run.words if run is not None else ""
        yield Finding(
            f"docker does not say what it is, but: {said}",
            have=clip(said),
            need="a clean answer",
            source="docker info",
            remedy="Make `docker info` answer: start docker and see its log.",
        )
        return
    if heard:
        yield Finding(
            f"docker answers, and warns: {run.words}",
            have=run.words,
            need="no warnings",
            source="docker info",
            remedy="See what `docker info` warns of.",
            severity=Severity.WARNING,
        )
    version = docker.server_version
    if not system_validators.validated_docker(library, version):
        known = re.search(system_validators.DOCKER_SCHEME, version) is not None
        yield Finding(
            f"docker {clip(version)} is not one that this kubeadm was validated with",
            have=clip(version),
            need=f"at most {library.docker_latest}",
            source="docker info",
            severity=Severity.WARNING if known else Severity.ERROR,
            remedy=f"Install docker {library.docker_latest}, or accept one that was not validated."
            if known
            else f"Install docker {library.docker_latest}.",
        )
    elif docker.graph_driver not in library.graph_drivers:
        yield Finding(
            f"docker's graph driver {clip(docker.graph_driver)} is not supported",
            have=clip(docker.graph_driver),
            need=", ".join(sorted(library.graph_drivers)),
            source="docker info",
            remedy="Set docker's storage-driver to overlay2 in /etc/docker/daemon.json.",
        )


def _operating_system(facts: Facts) -> Iterator[Finding]:
    name = facts[Kernel].sysname
    if name != "Linux":
        yield Finding(
            f"the operating system {clip(name)} is not supported",
            have=clip(name),
            need="Linux",
            source="/proc/sys/kernel/ostype",
        )
