"""Root, CPUs, memory and swap."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.privilege import because_of
from scanner.checks.rule import (
    ALL,
    CONTROL_PLANE,
    Evidence,
    Finding,
    Severity,
    check,
    clip,
    history,
)
from scanner.facts.base import Facts
from scanner.facts.hardware import Cpu, Memory, Swap
from scanner.facts.identity import Identity
from scanner.kubeadm.limits import CONTROL_PLANE_CPUS, CONTROL_PLANE_MEMORY_MIB
from scanner.target import Target


@check(
    "KS101",
    "root",
    *history(ALL, Severity.ERROR, v1_20=Evidence.REAL),
    kubeadm="IsPrivilegedUser",
    remedy="Log in as root, or let the login run `sudo -n sh` without a password "
    "(a NOPASSWD rule in /etc/sudoers.d), or give its sudo password (--ask-sudo-pass).",
)
def root(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read the real user id that the probe ran with; passes if it is 0.

    kubeadm runs this check alone and first, and a failure hides all its others; here the others
    are judged as far as this login can see. Source: checks_unix.go, v1.20.2.
    """
    identity = facts[Identity]
    if identity.uid != 0:
        yield Finding(
            f"the login {clip(identity.user)} has user id {identity.uid} and cannot become root"
            + because_of(facts),
            have=f"uid {identity.uid}",
            need="uid 0",
            source="/proc/self/status",
        )


@check(
    "KS102",
    "CPUs",
    *history(CONTROL_PLANE, Severity.ERROR),
    kubeadm="NumCPU",
    remedy=f"Give the machine at least {CONTROL_PLANE_CPUS} CPUs.",
)
def num_cpu(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read nproc(1) and /proc/self/status, the CPUs that a process may run on; passes from 2 on.

    It is what Go's runtime.NumCPU counts: CPUs outside the affinity mask do not count, a cgroup's
    quota of their time does not matter. Source: checks.go NumCPUCheck,
    constants.ControlPlaneNumCPU, since 1.13 (PR#70048).
    """
    online = facts[Cpu].online
    if online < CONTROL_PLANE_CPUS:
        yield Finding(
            f"a control plane needs {CONTROL_PLANE_CPUS} CPUs and may use only {online} here",
            have=f"{online} CPU" if online == 1 else f"{online} CPUs",
            need=f"{CONTROL_PLANE_CPUS} CPUs",
            source="nproc, /proc/self/status",
        )


@check(
    "KS103",
    "memory",
    *history(CONTROL_PLANE, Severity.ERROR, since="1.20", gaps=Evidence.NOTES),
    kubeadm="Mem",
    remedy=f"Give the machine at least {CONTROL_PLANE_MEMORY_MIB} MiB of memory after the "
    "kernel's own share; 2 GiB are enough.",
)
def mem(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read MemTotal of /proc/meminfo, whole MiB; passes from 1700 MiB on.

    MemTotal is what sysinfo(2) calls totalram, which kubeadm reads. In a container lxcfs may tell
    a limit there; that of the whole machine, which kubeadm sees, then stands in the files of the
    NUMA nodes. Source: checks_linux.go MemCheck, constants.ControlPlaneMem, v1.20.2.
    """
    total = facts[Memory].total_kib // 1024
    if total < CONTROL_PLANE_MEMORY_MIB:
        yield Finding(
            f"{total} MiB of memory are less than the {CONTROL_PLANE_MEMORY_MIB} MiB "
            "that a control plane needs",
            have=f"{total} MiB",
            need=f"{CONTROL_PLANE_MEMORY_MIB} MiB",
            source="/proc/meminfo",
        )


@check(
    "KS104",
    "swap",
    *history(ALL, Severity.ERROR, until="1.23", v1_20=Evidence.REAL, gaps=Evidence.NOTES),
    *history(ALL, Severity.WARNING, since="1.23", gaps=Evidence.NOTES),
    kubeadm="Swap",
    remedy="Run `swapoff -a` and take the swap lines out of /etc/fstab (and mask swap units), or "
    "configure the kubelet for swap (failSwapOn: false).",
)
def swap(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
    """Read /proc/swaps; passes if no device follows its header, or there is no such file.

    From 1.23 on it is a warning, but a kubelet that is not configured for swap still refuses to
    start. Source: checks_linux.go SwapCheck, v1.20.2; release note of 1.23 (PR#104854).
    """
    devices = facts[Swap].devices
    if devices:
        yield Finding(
            f"swap is in use on {clip(', '.join(devices))}",
            have=clip(", ".join(devices)),
            need="no swap",
            source="/proc/swaps",
        )
