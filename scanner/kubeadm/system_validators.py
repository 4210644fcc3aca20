"""What SystemVerification asks for, by the version of its library, and which kubeadm has which.

Source: kubernetes/system-validators, tags v1.0.0 to v1.12.1, all read; until kubeadm 1.16 the same
code was part of the Kubernetes tree, cmd/kubeadm/app/util/system, of which that of v1.14.10 and one
of the development of 1.14 were read and, in PR#79449 and PR#81623, what stood there until 1.15.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace
from enum import Enum, auto

from scanner.kubeadm import kernel_options
from scanner.kubeadm.evidence import Evidence
from scanner.versions import Version, VersionRange, minor_floor


class CgroupDetection(Enum):
    """How the library finds out which cgroup version the host has."""

    NONE = auto()
    """It does not: /proc/cgroups is read on every host."""
    STATFS = auto()
    """The type of the file system at /sys/fs/cgroup."""
    MOUNTS = auto()
    """The lines of /proc/mounts."""


class CgroupV1Policy(Enum):
    """What the library says of a host with cgroup v1."""

    SILENT = auto()
    WARN = auto()
    BY_KUBELET = auto()
    """An error from a certain kubelet on, else a warning."""


class DockerStderr(Enum):
    """What it means if `docker info` prints something on stderr."""

    UNSEEN = auto()
    """Nothing: docker is asked on its socket, not by its client (until 1.15, PR#79449)."""
    BREAKS = auto()
    """It spoils the answer."""
    WARNS = auto()


@dataclass(frozen=True, slots=True)
class Library:
    """One version of system-validators."""

    name: str
    kernel_releases: tuple[str, ...]
    """Regular expressions of `uname -r`, matched from its start; one is enough."""
    kernel_need: str
    """The same for people."""
    kernel_is_error: bool
    options_cgroup_v1: tuple[str, ...]
    """Kernel options that must be y or m on a host with cgroup v1."""
    options_cgroup_v2: tuple[str, ...]
    """The same with cgroup v2."""
    detection: CgroupDetection
    required_v1: frozenset[str]
    """Rows of /proc/cgroups."""
    optional_v1: frozenset[str]
    required_v2: frozenset[str]
    """Words of cgroup.controllers; `devices` always counts as there."""
    optional_v2: frozenset[str]
    freezer_tested: bool
    """False: `freezer` counts as there on cgroup v2."""
    cgroup_v1: CgroupV1Policy
    docker_versions: tuple[str, ...]
    """Regular expressions that match anywhere in docker's version."""
    docker_latest: str
    docker_stderr: DockerStderr
    graph_drivers: frozenset[str]

    @property
    def options_by_cgroup(self) -> bool:
        """True if the kernel options cannot be judged without knowing the cgroup version."""
        return self.options_cgroup_v1 != self.options_cgroup_v2


CGROUP_V1_REFUSED = minor_floor("1.35")
"""BY_KUBELET: the first kubelet with which cgroup v1 is an error, pre-releases included."""

DOCKER_SCHEME = r"\d{2}\.\d+\.\d+"
"""A docker version that is not listed but fits this is only warned of; it matches anywhere."""

GRAPH_DRIVERS_SINCE_CRI_DOCKERD = frozenset(
    {"aufs", "btrfs", "devicemapper", "overlay", "overlay2", "overlayfs", "zfs"}
)
"""v1.12.1's list, and `overlayfs` of docker's containerd image store, for our own check."""

# In the tree the patterns had no beginning: `5.4.0` passed in 1.13, because of its `4.0`.
_BEFORE_5 = (r".*3\.[1-9][0-9]", r".*4\.")
_BEFORE_6 = (*_BEFORE_5, r".*5\.")
_ANY_MINOR = r"([0-9]+)\.([0-9]+).*$"
_SINCE_3_10 = (r"^3\.[1-9][0-9].*$", r"^([4-9]|[1-9][0-9]+)\." + _ANY_MINOR)
_SINCE_4_19 = (r"^4\.19.*$", r"^4\.[2-9][0-9].*$", r"^([5-9]|[1-9][0-9]+)\." + _ANY_MINOR)
_LONG_TERM = (
    r"^5\.4.*$",
    r"^5\.10.*$",
    r"^5\.15.*$",
    r"^([6-9]|[1-9][0-9]+)\." + _ANY_MINOR,
)
_SIX = frozenset({"cpu", "cpuacct", "cpuset", "devices", "freezer", "memory"})
_FIVE = _SIX - {"cpuacct"}
_UNTIL_18_06 = (r"1\.1[1-3]\..*", r"17\.0[369]\..*", r"18\.06\..*")
_UNTIL_18_09 = (*_UNTIL_18_06, r"18\.09\..*")
_UNTIL_19_03 = (*_UNTIL_18_09, r"19\.03\..*")
_UNTIL_20_10 = (*_UNTIL_19_03, r"20\.10\..*")

_IN_TREE_13 = Library(
    name="in-tree (1.13)",
    kernel_releases=_BEFORE_5,
    kernel_need="3.10 or newer, below 5.0",
    kernel_is_error=True,
    options_cgroup_v1=kernel_options.REQUIRED_V1_0,
    options_cgroup_v2=kernel_options.REQUIRED_V1_0,
    detection=CgroupDetection.NONE,
    required_v1=_SIX,
    optional_v1=frozenset(),
    required_v2=frozenset(),
    optional_v2=frozenset(),
    freezer_tested=False,
    cgroup_v1=CgroupV1Policy.SILENT,
    docker_versions=_UNTIL_18_06,
    docker_latest="18.06",
    docker_stderr=DockerStderr.UNSEEN,
    graph_drivers=frozenset({"aufs", "devicemapper", "overlay", "overlay2", "zfs"}),
)
_IN_TREE_14 = replace(
    _IN_TREE_13,
    name="in-tree (1.14)",
    kernel_releases=_BEFORE_6,
    kernel_need="3.10 or newer, below 6.0",
    docker_versions=_UNTIL_18_09,
    docker_latest="18.09",
)
_IN_TREE_16 = replace(
    _IN_TREE_14,
    name="in-tree (1.16)",
    kernel_releases=_SINCE_3_10,
    kernel_need="3.10 or newer",
    docker_stderr=DockerStderr.BREAKS,
)
V1_0_4 = replace(_IN_TREE_16, name="v1.0.4", docker_versions=_UNTIL_19_03, docker_latest="19.03")
V1_1_2 = replace(
    V1_0_4,
    name="v1.1.2",
    detection=CgroupDetection.STATFS,
    optional_v1=frozenset({"hugetlb", "pids"}),
    required_v2=_FIVE,
    optional_v2=frozenset({"hugetlb", "pids"}),
)
V1_2_0 = replace(
    V1_1_2,
    name="v1.2.0",
    required_v1=_SIX | {"pids"},
    optional_v1=frozenset({"hugetlb"}),
    required_v2=_FIVE | {"pids"},
    optional_v2=frozenset({"hugetlb"}),
)
V1_4_0 = replace(
    V1_2_0,
    name="v1.4.0",
    options_cgroup_v1=kernel_options.REQUIRED_V1_3,
    options_cgroup_v2=kernel_options.REQUIRED_V1_3,
    docker_versions=_UNTIL_20_10,
    docker_latest="20.10",
)
V1_5_0 = replace(V1_4_0, name="v1.5.0", docker_stderr=DockerStderr.WARNS)
V1_6_0 = replace(V1_5_0, name="v1.6.0", graph_drivers=V1_5_0.graph_drivers | {"btrfs"})
V1_7_0 = replace(
    V1_6_0,
    name="v1.7.0",
    optional_v1=frozenset({"blkio", "hugetlb"}),
    optional_v2=frozenset({"blkio", "hugetlb"}),
)
V1_8_0 = replace(V1_7_0, name="v1.8.0", optional_v2=frozenset({"hugetlb", "io"}))
V1_9_1 = replace(
    V1_8_0,
    name="v1.9.1",
    kernel_releases=_SINCE_4_19,
    kernel_need="4.19 or newer",
    options_cgroup_v1=kernel_options.REQUIRED_V1_9,
    options_cgroup_v2=kernel_options.REQUIRED_V1_9,
    detection=CgroupDetection.MOUNTS,
    freezer_tested=True,
    cgroup_v1=CgroupV1Policy.WARN,
)
V1_9_2 = replace(
    V1_9_1,
    name="v1.9.2",
    options_cgroup_v1=kernel_options.REQUIRED_V1_9_2,
    options_cgroup_v2=kernel_options.REQUIRED_V1_9_2,
)
V1_10_1 = replace(
    V1_9_1,
    name="v1.10.1",
    kernel_releases=_LONG_TERM,
    kernel_need="5.4, 5.10, 5.15, or 6.0 and newer",
    kernel_is_error=False,
)
V1_10_2 = replace(
    V1_10_1,
    name="v1.10.2",
    options_cgroup_v1=kernel_options.REQUIRED_V1_9_2,
    options_cgroup_v2=kernel_options.REQUIRED_V1_9_2,
)
V1_12_1 = replace(
    V1_10_2,
    name="v1.12.1",
    options_cgroup_v1=kernel_options.REQUIRED_V1_11_CGROUP_V1,
    options_cgroup_v2=kernel_options.REQUIRED_V1_11_CGROUP_V2,
    cgroup_v1=CgroupV1Policy.BY_KUBELET,
)


@dataclass(frozen=True, slots=True)
class Vendored:
    """The releases of kubeadm that come with one version of the library."""

    since: str | None
    until: str | None
    library: Library
    evidence: Evidence

    @property
    def versions(self) -> VersionRange:
        """`since` and `until` as versions."""
        return VersionRange.parse(self.since, self.until)


VENDORED = (
    Vendored(None, "1.14", _IN_TREE_13, Evidence.SOURCE),
    Vendored("1.14", "1.15", _IN_TREE_14, Evidence.SOURCE),
    Vendored("1.15", "1.16", _IN_TREE_14, Evidence.NOTES),
    Vendored("1.16", "1.17", _IN_TREE_16, Evidence.INFERRED),
    Vendored("1.17", "1.19", V1_0_4, Evidence.NOTES),
    Vendored("1.19", "1.20", V1_1_2, Evidence.NOTES),
    Vendored("1.20", "1.21", V1_2_0, Evidence.REAL),
    Vendored("1.21", "1.22", V1_4_0, Evidence.NOTES),
    Vendored("1.22", "1.23", V1_5_0, Evidence.SOURCE),
    Vendored("1.23", "1.24", V1_6_0, Evidence.NOTES),
    Vendored("1.24", "1.24.10", V1_7_0, Evidence.NOTES),
    # The cherry-pick was merged at the end of 2022; these are the next patch releases.
    Vendored("1.24.10", "1.25", V1_8_0, Evidence.INFERRED),
    Vendored("1.25", "1.25.6", V1_7_0, Evidence.NOTES),
    Vendored("1.25.6", "1.26", V1_8_0, Evidence.INFERRED),
    Vendored("1.26", "1.28", V1_8_0, Evidence.NOTES),
    Vendored("1.28", "1.29", V1_8_0, Evidence.SOURCE),
    Vendored("1.29", "1.32", V1_8_0, Evidence.NOTES),
    Vendored("1.32", "1.32.10", V1_9_1, Evidence.NOTES),
    Vendored("1.32.10", "1.33", V1_9_2, Evidence.INFERRED),
    Vendored("1.33", "1.33.6", V1_9_1, Evidence.NOTES),
    Vendored("1.33.6", "1.34", V1_9_2, Evidence.NOTES),
    Vendored("1.34", "1.34.2", V1_10_1, Evidence.NOTES),
    Vendored("1.34.2", "1.35", V1_10_2, Evidence.INFERRED),
    Vendored("1.35", "1.36", V1_12_1, Evidence.NOTES),
    Vendored("1.36", None, V1_12_1, Evidence.INFERRED),
)


@functools.lru_cache(maxsize=64)
def library_of(kubeadm: Version) -> Library:
    """The library that a kubeadm comes with, down to the patch release."""
    return next(row.library for row in VENDORED if kubeadm in row.versions)


def supports_kernel(library: Library, release: str) -> bool:
    """True if the library accepts this `uname -r`."""
    return any(re.match(pattern, release) for pattern in library.kernel_releases)


def validated_docker(library: Library, version: str) -> bool:
    """True if this docker version is on the library's list."""
    return any(re.search(pattern, version) for pattern in library.docker_versions)
