"""The kernel and its switches."""

from __future__ import annotations

from scanner.facts.kernel import (
    Cgroups,
    Kernel,
    KernelConfig,
    Modules,
    Sysctls,
    parse_cgroups,
    parse_kernel,
    parse_kernel_config,
    parse_modules,
    parse_sysctls,
)
from tests.facts.sections.row import Accepted, Refused

IP_FORWARD = "/proc/sys/net/ipv4/ip_forward"
BRIDGE = "/proc/sys/net/bridge/bridge-nf-call-iptables"

ACCEPTED: Accepted = (
    (
        parse_kernel,
        "sysname=Linux\nrelease=6.1.0-13-amd64\nmachine=x86_64",
        Kernel("Linux", "6.1.0-13-amd64", "x86_64"),
    ),
    (
        parse_kernel_config,
        "path=/proc/config.gz\nsearched=yes\nCONFIG_CGROUPS=y\nCONFIG_IP_VS=m\nCONFIG_HZ=250",
        KernelConfig("/proc/config.gz", {"CGROUPS": "y", "IP_VS": "m"}),
    ),
    (parse_kernel_config, "absent=yes", KernelConfig("", {})),
    (parse_kernel_config, "absent=loadable", KernelConfig("", {}, loadable=True)),
    (
        parse_kernel_config,
        "path=/proc/config.gz\nsearched=yes\nstate=unreadable",
        KernelConfig("/proc/config.gz", {}, readable=False),
    ),
    (
        parse_modules,
        "loaded=ip_vs\nbuiltin=overlay\npresent=ip_vs\npresent=nf_conntrack",
        Modules(frozenset({"ip_vs"}), frozenset({"overlay", "nf_conntrack"})),
    ),
    (
        parse_sysctls,
        f"absent={BRIDGE}\n{IP_FORWARD}:1",
        Sysctls({IP_FORWARD: "1"}, frozenset({BRIDGE})),
    ),
    (
        parse_cgroups,
        (
            "statfs=63677270\nmounts=read\nmount=cgroup2 /sys/fs/cgroup\n"
            "subsystem=cpu 1\nsubsystem=rdma 0\n"
            "controllers=cpu memory\nfreeze=yes"
        ),
        Cgroups(
            "63677270",
            (("cgroup2", "/sys/fs/cgroup"),),
            frozenset({"cpu"}),
            frozenset({"cpu", "memory"}),
            memory_directory=False,
            freeze=True,
        ),
    ),
    (
        parse_cgroups,
        "statfs=63677270\nmounts=read\nmount=cgroup2 /sys/fs/cgroup\ncontrollers=\nfreeze=unseen",
        Cgroups(
            "63677270",
            (("cgroup2", "/sys/fs/cgroup"),),
            frozenset(),
            frozenset(),
            memory_directory=False,
            freeze=None,
        ),
    ),
)

REFUSED: Refused = (
    (parse_kernel_config, ""),
    (parse_kernel_config, "path=/proc/config.gz\nCONFIG_CGROUPS=y"),
    (parse_cgroups, "statfs=63677270"),
    (parse_cgroups, "mounts=read"),
)
