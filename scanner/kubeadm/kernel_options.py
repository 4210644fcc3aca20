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
"""Everything any version asks for: what the probe prints of a host's configuration."""
