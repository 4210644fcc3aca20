"""Control groups of lab hosts: each host gets a child of the caller's own group in every hierarchy
(version 1, hybrid or 2), so that two kubelets do not share one `/kubepods`.
"""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

REMOVE_WITHIN_S = 10.0


def own_groups() -> tuple[Path, ...]:
    """The group of this process in each mounted hierarchy."""
    groups = []
    lines = Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines()
    mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
    for line in lines:
        _, controllers, path = line.split(":", 2)
        wanted = set(controllers.split(",")) - {""}
        for _, point, kind, options, *_ in mounts:
            version_1 = kind == "cgroup" and wanted and wanted <= set(options.split(","))
            if version_1 or (kind == "cgroup2" and not wanted):
                group = Path(point + path)
                # Inside a container the path may name a group that is not mounted here.
                groups.append(group if group.is_dir() else Path(point))
                break
    return tuple(groups)


def planned(tag: str) -> tuple[Path, ...]:
    """The groups that a lab's hosts live in, whether or not they exist yet."""
    return tuple(group / f"kscan-lab-{tag}" for group in own_groups())


def make(parent: Path, name: str) -> Path:
    """A group for one host, ready to take processes."""
    group = parent / name
    group.mkdir(parents=True)
    for level in (parent, group):
        # A new version 1 cpuset is empty, and refuses processes until it is filled.
        for setting in ("cpuset.cpus", "cpuset.mems"):
            file = level / setting
            if file.exists() and "cgroup.controllers" not in {p.name for p in level.iterdir()}:
                file.write_text((level.parent / setting).read_text())
    return group


def processes(group: Path) -> frozenset[int]:
    """Numbers of the processes in a group and in all groups below it."""
    found: set[int] = set()
    for listing in group.rglob("cgroup.procs"):
        with contextlib.suppress(OSError):
            found.update(int(pid) for pid in listing.read_text(encoding="ascii").split())
    return frozenset(found)


def remove(group: Path) -> None:
    """Remove a group and all below it; its processes may still be on their way out."""
    deadline = time.monotonic() + REMOVE_WITHIN_S
    while group.exists():
        below = [path for path in group.rglob("*") if path.is_dir()]
        for path in [*sorted(below, reverse=True), group]:
            with contextlib.suppress(OSError):
                path.rmdir()
        if time.monotonic() > deadline:
            break
        if group.exists():
            time.sleep(0.1)
