"""What should be the same on all hosts of one role."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from scanner.checks.rule import Severity, clip
from scanner.fleet.record import FleetFacts, Runtime
from scanner.fleet.rule import Fleet, FleetFinding, Said, fleet_check, untold

_SHOWN = 3


@fleet_check(
    "KS721",
    "one kernel in each role",
    Severity.WARNING,
    passed="the hosts of each role run one kernel",
    remedy="Upgrade the kernels of the hosts that differ, and reboot them.",
)
def kernels(fleet: Fleet) -> Iterator[Said]:
    """Read the kernel's release; passes if control planes have one, and workers one."""
    yield from _alike(fleet, "kernel", "kernel", "/proc/sys/kernel/osrelease")


@fleet_check(
    "KS722",
    "one operating system in each role",
    Severity.WARNING,
    passed="the hosts of each role run one operating system",
    remedy="Upgrade or reinstall the hosts that differ.",
)
def systems(fleet: Fleet) -> Iterator[Said]:
    """Read PRETTY_NAME of os-release(5); passes if control planes have one, and workers one."""
    yield from _alike(fleet, "operating_system", "operating system", "/etc/os-release")


@fleet_check(
    "KS723",
    "one container runtime in each role",
    Severity.WARNING,
    passed="the hosts of each role have one version of one container runtime",
    remedy="Install the same container runtime in the same version on the hosts that differ.",
)
def runtimes(fleet: Fleet) -> Iterator[Said]:
    """Read the name and version that the chosen runtime tells of itself, alike in each role."""
    yield from _alike(fleet, "runtime", "container runtime", "docker info, or the CRI's Version")


@fleet_check(
    "KS724",
    "one kubelet in each role",
    Severity.WARNING,
    passed="the hosts of each role have one version of the kubelet",
    remedy="Install the same kubelet on the hosts that differ.",
)
def kubelets(fleet: Fleet) -> Iterator[Said]:
    """Read `kubelet --version`; passes if control planes have one, and workers one.

    How far a kubelet may be from the control plane is KubeletVersion's (KS113) to say.
    """
    yield from _alike(fleet, "kubelet", "kubelet", "kubelet --version")


def _nobody_asked(fleet: Fleet) -> str | None:
    # of hosts that were not reached it is not known whether their runtimes have one to tell
    if any(host.cgroup_driver for host in fleet.hosts) or all(host.silent for host in fleet.hosts):
        return None
    return "no host has told the cgroup driver of its runtime"


@fleet_check(
    "KS725",
    "one cgroup driver in each role",
    Severity.WARNING,
    passed="the runtimes of each role use one cgroup driver",
    remedy="Set the driver systemd in the configuration of the runtimes that differ.",
    skip=_nobody_asked,
)
def cgroup_drivers(fleet: Fleet) -> Iterator[Said]:
    """Read the cgroup driver of docker or containerd, alike in each role; CRI-O is not asked.

    A cluster has one KubeletConfiguration, and its driver must be that of every runtime. Runtime
    against kubelet on one host is KS215's.
    """
    yield from _alike(fleet, "cgroup_driver", "cgroup driver", "docker info, containerd's config")


def _alike(fleet: Fleet, name: str, noun: str, source: str) -> Iterator[Said]:
    # one host alone in its role is like itself, but nothing passes of which nothing was seen
    nobody = all(getattr(host, name) is None for host in fleet.hosts)
    for role in (True, False):
        hosts = [host for host in fleet.hosts if host.control_plane is role]
        yield from _in_role(hosts, "control planes" if role else "workers", name, noun, source)
        if nobody or len(hosts) > 1:
            yield from untold(hosts, name)


def _in_role(
    hosts: Iterable[FleetFacts], role: str, name: str, noun: str, source: str
) -> Iterator[Said]:
    values = {
        host.host: _text(value) for host in hosts if (value := getattr(host, name)) is not None
    }
    # Of equally common ones the first by name, so that the order of the hosts decides nothing.
    counts = sorted(Counter(values.values()).items(), key=lambda item: (-item[1], item[0]))
    if len(counts) <= 1:
        return
    usual = counts[0][0]
    shown = ", ".join(f"{clip(value)} on {count}" for value, count in counts[:_SHOWN])
    if len(counts) > _SHOWN:
        shown += f", and {len(counts) - _SHOWN} others"
    yield FleetFinding(
        f"the {role} have {len(counts)} different values of {noun}: {shown}",
        tuple(host for host, value in values.items() if value != usual),
        have=shown,
        need=clip(usual),
        source=source,
    )


def _text(value: object) -> str:
    match value:
        case Runtime():
            return f"{value.name} {value.version}"
        case "":
            return "none"
    return str(value)
