"""Kernels, their options, switches and control groups, as hosts tell of them."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.facts.kernel import Cgroups, Kernel, KernelConfig, Sysctls
from scanner.kubeadm.kernel_options import ALL_OPTIONS

BRIDGE_IPV4 = "/proc/sys/net/bridge/bridge-nf-call-iptables"
BRIDGE_IPV6 = "/proc/sys/net/bridge/bridge-nf-call-ip6tables"
FORWARD_IPV4 = "/proc/sys/net/ipv4/ip_forward"
FORWARD_IPV6 = "/proc/sys/net/ipv6/conf/default/forwarding"


def sysctls(values: Mapping[str, str] | None = None, *, absent: tuple[str, ...] = ()) -> Sysctls:
    good = dict.fromkeys((BRIDGE_IPV4, BRIDGE_IPV6, FORWARD_IPV4, FORWARD_IPV6), "1")
    known = {path: value for path, value in good.items() if path not in absent}
    return Sysctls({**known, **(values or {})}, frozenset(absent))


def kernel(release: str = "6.1.0-18-amd64", sysname: str = "Linux") -> Kernel:
    return Kernel(sysname, release, "x86_64")


def kernel_config(*without: str, modules: tuple[str, ...] = (), off: str = "") -> KernelConfig:
    """Every option as y, some as m, one as n, and some not at all."""
    options = {name: "m" if name in modules else "y" for name in ALL_OPTIONS}
    if off:
        options[off] = "n"
    known = {name: value for name, value in options.items() if name not in without}
    return KernelConfig("/boot/config-6.1.0-18-amd64", known)


def cgroup_v2(
    controllers: str = "cpuset cpu io memory hugetlb pids", *, freeze: bool | None = True
) -> Cgroups:
    return Cgroups(
        statfs_type="63677270",
        mounts=(("cgroup2", "/sys/fs/cgroup"),),
        subsystems=frozenset({"cpuset", "cpu", "cpuacct", "blkio", "memory", "devices", "freezer"})
        | frozenset({"pids", "hugetlb"}),
        controllers=frozenset(controllers.split()),
        memory_directory=False,
        freeze=freeze,
    )


def cgroup_v1(
    subsystems: str = "cpuset cpu cpuacct blkio memory devices freezer pids hugetlb",
) -> Cgroups:
    return Cgroups(
        statfs_type="1021994",
        mounts=(("tmpfs", "/sys/fs/cgroup"), ("cgroup", "/sys/fs/cgroup/memory")),
        subsystems=frozenset(subsystems.split()),
        controllers=None,
        memory_directory=True,
        freeze=False,
    )
