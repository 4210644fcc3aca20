"""Kernel configuration options that kubeadm's SystemVerification asks for, by library version.

Source: kubernetes/system-validators, tags v1.0.0 to v1.12.1 (validators/kernel_validator.go and
types_unix.go of each tag).
"""

from __future__ import annotations

ALIASES: dict[str, tuple[str, ...]] = {
    "NETFILTER_XT_TARGET_REDIRECT": ("IP_NF_TARGET_REDIRECT",),
    "OVERLAY_FS": ("OVERLAYFS_FS",),
}
"""Names that are looked up after the main one; if none is present the last one is reported."""

ALL_OPTIONS: tuple[str, ...] = (
    "AUFS_FS",
    "BLK_DEV_DM",
    "CFS_BANDWIDTH",
    "CGROUPS",
    "CGROUP_BPF",
    "CGROUP_CPUACCT",
    "CGROUP_DEVICE",
    "CGROUP_FREEZER",
    "CGROUP_HUGETLB",
    "CGROUP_PIDS",
    "CGROUP_SCHED",
    "CPUSETS",
    "EXT4_FS",
    "FAIR_GROUP_SCHED",
    "INET",
    "IPC_NS",
    "IP_NF_TARGET_REDIRECT",
    "MEMCG",
    "NAMESPACES",
    "NETFILTER_XT_MATCH_COMMENT",
    "NETFILTER_XT_TARGET_REDIRECT",
    "NET_NS",
    "OVERLAYFS_FS",
    "OVERLAY_FS",
    "PID_NS",
    "PROC_FS",
    "SECCOMP",
    "SECCOMP_FILTER",
    "UTS_NS",
)
"""Everything any version asks for, optional ones too: what the probe prints of a host's
configuration. A missing optional one is no finding in any version."""

REQUIRED_V1_0: tuple[str, ...] = (
    "NAMESPACES",
    "NET_NS",
    "PID_NS",
    "IPC_NS",
    "UTS_NS",
    "CGROUPS",
    "CGROUP_CPUACCT",
    "CGROUP_DEVICE",
    "CGROUP_FREEZER",
    "CGROUP_SCHED",
    "CPUSETS",
    "MEMCG",
    "INET",
    "EXT4_FS",
    "PROC_FS",
    "NETFILTER_XT_TARGET_REDIRECT",
    "NETFILTER_XT_MATCH_COMMENT",
)
"""v1.0.0 to v1.2.0."""

REQUIRED_V1_3 = (*REQUIRED_V1_0, "CGROUP_PIDS", "FAIR_GROUP_SCHED")
"""v1.3.0 to v1.8.0."""

REQUIRED_V1_9 = (*REQUIRED_V1_3, "CGROUP_BPF")
"""v1.9.0, v1.9.1, v1.10.0 and v1.10.1, whatever cgroups the host has."""

_OF_CGROUPS = frozenset(
    {
        "CGROUP_BPF",
        "CGROUP_CPUACCT",
        "CGROUP_DEVICE",
        "CGROUP_FREEZER",
        "CGROUP_PIDS",
        "CGROUP_SCHED",
    }
)

REQUIRED_V1_9_2 = tuple(name for name in REQUIRED_V1_9 if name not in _OF_CGROUPS)
"""v1.9.2 and v1.10.2."""

REQUIRED_V1_11_CGROUP_V1 = (
    *REQUIRED_V1_9_2,
    "CGROUP_CPUACCT",
    "CGROUP_DEVICE",
    "CGROUP_FREEZER",
    "CGROUP_PIDS",
    "CGROUP_SCHED",
)
"""v1.11.0 to v1.12.1 on a host with cgroup v1."""

REQUIRED_V1_11_CGROUP_V2 = (*REQUIRED_V1_9_2, "CGROUP_BPF", "CGROUP_PIDS", "CGROUP_SCHED")
"""v1.11.0 to v1.12.1 on a host with cgroup v2."""
