"""Control groups, as system-validators looks at them for SystemVerification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from scanner.checks.rule import Finding, Severity, clip, every_part
from scanner.facts.base import FactMissing, Facts
from scanner.facts.kernel import Cgroups, Kernel
from scanner.facts.programs import Kubelet
from scanner.kubeadm.system_validators import (
    CGROUP_V1_REFUSED,
    CgroupDetection,
    CgroupV1Policy,
    Library,
)

_ROOT = "/sys/fs/cgroup"
_ENABLE = (
    "Boot a kernel that has these control groups, and take cgroup_disable= off its command line."
)
_CGROUP2_MAGIC = "63677270"
"""f_type of a cgroup2 file system, statfs(2)."""


_CAN_FREEZE = (5, 2)
"""The first Linux whose cgroup2 has a freezer (cgroup_validator_linux.go, v1.12.1)."""


class CgroupVersion(IntEnum):
    """The version of control groups that the library takes the host for."""

    V1 = 1
    V2 = 2


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Where the library would look."""

    version: CgroupVersion
    mount_point: str = _ROOT


def detect(library: Library, cgroups: Cgroups) -> Hierarchy | None:
    """The host's cgroup version as this library finds it; None if it finds no cgroup mount.

    Raises:
        FactMissing: the host could not say the type of /sys/fs/cgroup.
    """
    if library.detection is CgroupDetection.NONE:
        return Hierarchy(CgroupVersion.V1)
    if library.detection is CgroupDetection.MOUNTS:
        return _by_mounts(cgroups)
    return Hierarchy(CgroupVersion.V2 if is_unified(cgroups) else CgroupVersion.V1)


def _by_mounts(cgroups: Cgroups) -> Hierarchy | None:
    for kind, point in cgroups.mounts:
        if point == _ROOT:
            # A tmpfs here holds the hierarchies of v1; that of memory is taken as the proof.
            unified = kind == "cgroup2" or (kind == "tmpfs" and not cgroups.memory_directory)
            return Hierarchy(CgroupVersion.V2 if unified else CgroupVersion.V1)
        if kind == "cgroup2":
            return Hierarchy(CgroupVersion.V2, point)
    if not cgroups.complete:
        raise FactMissing(f"too many mounts to find the one of {_ROOT} among them")
    if any(kind == "cgroup" for kind, _ in cgroups.mounts):
        return Hierarchy(CgroupVersion.V1)
    return None


def is_unified(cgroups: Cgroups) -> bool:
    """True if the kubelet and the runtime will see cgroup v2: it is what /sys/fs/cgroup is.

    Raises:
        FactMissing: the host could not say the type of /sys/fs/cgroup.
    """
    if not cgroups.statfs_type:
        raise FactMissing(f"stat -f could not say the type of {_ROOT}")
    return cgroups.statfs_type == _CGROUP2_MAGIC


def findings(facts: Facts, library: Library) -> Iterator[Finding]:
    """What the library says of the host's cgroups."""
    cgroups = facts[Cgroups]
    hierarchy = detect(library, cgroups)
    if hierarchy is None:
        yield Finding(
            "no control groups are mounted",
            have="no mount of cgroup or cgroup2",
            need="cgroup2 or cgroup",
            source="/proc/mounts",
        )
    elif hierarchy.version is CgroupVersion.V1:
        required, optional = library.required_v1, library.optional_v1
        yield from every_part(
            _v1_policy(facts, library),
            _compare(cgroups.subsystems, required, optional, "/proc/cgroups"),
        )
    else:
        yield from _v2(facts, hierarchy, library)


def _v1_policy(facts: Facts, library: Library) -> Iterator[Finding]:
    if library.cgroup_v1 is CgroupV1Policy.SILENT:
        return
    # A kubelet that is absent or tells no version is the library's "no version": a warning.
    by_kubelet = library.cgroup_v1 is CgroupV1Policy.BY_KUBELET
    kubelet = facts[Kubelet].version if by_kubelet else None
    refused = kubelet is not None and kubelet >= CGROUP_V1_REFUSED
    sentence = "the host has cgroup v1, which Kubernetes is giving up"
    if refused:
        sentence += f"; the kubelet v{kubelet} refuses it unless failCgroupV1 is false"
    yield Finding(
        sentence,
        have="cgroup v1",
        need="cgroup v2",
        source="/proc/mounts",
        severity=Severity.ERROR if refused else Severity.WARNING,
        remedy="Boot with the kernel parameter systemd.unified_cgroup_hierarchy=1 for cgroup v2.",
    )


def _v2(facts: Facts, hierarchy: Hierarchy, library: Library) -> Iterator[Finding]:
    cgroups = facts[Cgroups]
    source = f"{hierarchy.mount_point}/cgroup.controllers"
    if hierarchy.mount_point != _ROOT:
        raise FactMissing(f"the host was not asked for {source}")
    if cgroups.controllers is None:
        yield Finding(f"there is no {source}", have="absent", need="controllers", source=source)
        return
    has_freezer = not library.freezer_tested or _can_freeze(facts)
    # Neither has a word of its own in cgroup.controllers.
    present = cgroups.controllers | ({"devices", "freezer"} if has_freezer else {"devices"})
    yield from _compare(present, library.required_v2, library.optional_v2, source)


def _can_freeze(facts: Facts) -> bool:
    """True if a new control group would have a cgroup.freeze, which the library tries out."""
    seen = facts[Cgroups].freeze
    if seen is not None:
        return seen
    kernel = facts[Kernel]
    if kernel.number is None:
        raise FactMissing(f"{clip(kernel.release)} is not a kernel release")
    return kernel.number >= _CAN_FREEZE


def _compare(
    present: frozenset[str], required: frozenset[str], optional: frozenset[str], source: str
) -> Iterator[Finding]:
    have = " ".join(sorted(present)) or "none"
    if missing := sorted(required - present):
        yield Finding(
            f"the kernel has no control groups for {', '.join(missing)}",
            have=have,
            need=" ".join(sorted(required)),
            source=source,
            remedy=_ENABLE,
        )
    if missing := sorted(optional - present):
        yield Finding(
            f"the kernel has no optional control groups for {', '.join(missing)}",
            have=have,
            need=" ".join(sorted(optional)),
            source=source,
            severity=Severity.WARNING,
            remedy=_ENABLE,
        )
