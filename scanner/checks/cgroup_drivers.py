"""The cgroup drivers of container runtime and kubelet, which must be the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scanner.checks.cgroups import is_unified
from scanner.checks.cri_socket import another_socket
from scanner.checks.dockershim import ask_docker, uses_dockershim
from scanner.checks.rule import ALL, Finding, Severity, applies, check, clip, every_part
from scanner.facts.base import FactMissing, Facts
from scanner.facts.kernel import Cgroups
from scanner.facts.runtime_config import (
    CGROUPFS,
    CONTAINERD_CONFIG,
    KUBELET_CONFIG,
    SYSTEMD,
    ContainerdConfig,
    KubeletConfig,
)
from scanner.kubeadm import releases
from scanner.request import ContainerRuntime
from scanner.target import Role, Target

_READ = frozenset({ContainerRuntime.DOCKER, ContainerRuntime.CONTAINERD})


@dataclass(frozen=True, slots=True)
class _Driver:
    name: str
    source: str


@check(
    "KS215",
    "cgroup drivers of runtime and kubelet",
    applies(ALL, Severity.WARNING, own=True),
    kubeadm=None,
    remedy="Set systemd on both sides and restart them: SystemdCgroup = true in the runtime's "
    'options of /etc/containerd/config.toml or "exec-opts": ["native.cgroupdriver=systemd"] in '
    "/etc/docker/daemon.json, and cgroupDriver: systemd in kubeadm's KubeletConfiguration.",
    subjects=lambda target: ("",) if target.runtime in _READ else (),
    skip=another_socket,
)
def cgroup_drivers(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Compare the drivers of runtime and kubelet; passes if equal, and on cgroup v2 both systemd.

    The runtime's is CgroupDriver of `docker info`, or SystemdCgroup of containerd's default runtime
    (cgroupfs without it). The kubelet's is cgroupDriver of /var/lib/kubelet/config.yaml, else what
    kubeadm will write: systemd in init from 1.21 and in a join from 1.22 on; before that docker's
    with dockershim, else the kubelet's default, cgroupfs. Two drivers are two managers of the same
    tree, and the node becomes unstable under load. CRI-O is not asked. Source:
    kubernetes.io/docs/setup/production-environment/container-runtimes; release notes of 1.21
    (PR#99471) and 1.22 (PR#102133).
    """
    yield from every_part(_disagree(facts, target), _not_for_v2(facts, target))


def _disagree(facts: Facts, target: Target) -> Iterator[Finding]:
    runtime, kubelet = _runtime(facts, target), _kubelet(facts, target)
    if runtime.name != kubelet.name:
        yield Finding(
            f"the cgroup driver of {target.runtime} is {clip(runtime.name)}, the kubelet's "
            f"{clip(kubelet.name)}",
            have=f"{clip(runtime.name)} and {clip(kubelet.name)}",
            need="one driver",
            source=f"{runtime.source}, {kubelet.source}",
        )


def _not_for_v2(facts: Facts, target: Target) -> Iterator[Finding]:
    runtime = _runtime(facts, target)
    if runtime.name == CGROUPFS and is_unified(facts[Cgroups]):
        yield Finding(
            f"{target.runtime} uses the cgroup driver cgroupfs on a host with cgroup v2",
            have=CGROUPFS,
            need=SYSTEMD,
            source=runtime.source,
        )


def _runtime(facts: Facts, target: Target) -> _Driver:
    if target.runtime is ContainerRuntime.CONTAINERD:
        return _Driver(facts[ContainerdConfig].cgroup_driver, CONTAINERD_CONFIG)
    docker = ask_docker(facts)
    if not docker.alive:
        raise FactMissing("docker does not answer")
    return _Driver(docker.cgroup_driver, "docker info")


def _kubelet(facts: Facts, target: Target) -> _Driver:
    config = facts[KubeletConfig]
    if config.present:
        return _Driver(config.cgroup_driver or CGROUPFS, KUBELET_CONFIG)
    if target.cluster.extra_documents:
        raise FactMissing("the cluster's own KubeletConfiguration may name a cgroup driver")
    release = releases.find(target.kubeadm)
    init = target.role is Role.INIT
    if release.systemd_driver_init if init else release.systemd_driver_join:
        return _Driver(SYSTEMD, f"what kubeadm v{target.kubeadm} writes")
    if uses_dockershim(target):
        return _runtime(facts, target)
    return _Driver(CGROUPFS, "the kubelet's default")
