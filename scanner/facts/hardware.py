"""CPUs, memory and swap."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields


@dataclass(frozen=True, slots=True)
class Cpu:
    """What Go's runtime.NumCPU would return."""

    online: int
    """CPUs that a process may run on, whatever share of their time it gets."""


def parse_cpu(text: str) -> Cpu:
    """Read `nproc=` and the allowed CPUs that are online, and take the larger number.

    Each may say too little: nproc of coreutils since 9.8 and of uutils also obeys a cgroup's quota,
    which Go does not; and in a container lxcfs numbers the CPUs that are online anew.
    """
    fields = Fields.of(text)
    by_nproc = fields.number("nproc") if fields.get("nproc") else 0
    # Cpus_allowed_list also names CPUs that the machine could have but has not.
    lists = [fields.get(name) for name in ("online", "allowed")]
    by_mask = len(_cpu_list(lists[0]) & _cpu_list(lists[1])) if all(lists) else 0
    if not by_nproc and not by_mask:
        raise ParseError("no CPU is both online and allowed")
    return Cpu(max(by_nproc, by_mask))


_CPU_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


def _cpu_list(text: str) -> frozenset[int]:
    """Read the kernel's list format, such as `0-3,8`."""
    numbers: set[int] = set()
    before = -1
    for part in text.split(","):
        match = _CPU_RANGE.fullmatch(part.strip())
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        # in order, as the kernel prints them: one range again and again would take minutes
        if not before < first <= last:
            raise ParseError(f"{text[:40]!r} is not a list of CPUs")
        before = last
        numbers.update(range(first, last + 1))
    return frozenset(numbers)


@dataclass(frozen=True, slots=True)
class Memory:
    """Main memory."""

    total_kib: int
    """KiB that sysinfo(2) would tell; the kernel's own reservation is already taken off."""


def parse_memory(text: str) -> Memory:
    """Read `total_kib=` of /proc/meminfo, and `nodes_kib=`, the sum over the NUMA nodes.

    That is there where lxcfs makes a container's /proc/meminfo tell the container's limit, which
    sysinfo(2), and so kubeadm, does not know.
    """
    fields = Fields.of(text)
    return Memory(fields.number("nodes_kib" if fields.get("nodes_kib") else "total_kib"))


@dataclass(frozen=True, slots=True)
class Swap:
    """The swap devices in use; empty also where the kernel has no /proc/swaps, as for kubeadm."""

    devices: tuple[str, ...]
    readable: bool = True


def parse_swap(text: str) -> Swap:
    """Read the lines of /proc/swaps after its header."""
    fields = Fields.of(text)
    if fields.get("swaps") == "unreadable":
        return Swap((), readable=False)
    rows = fields.all("device")
    if not rows and fields.get("swaps") != "read":
        raise ParseError("no header of /proc/swaps in the answer")
    return Swap(tuple(row.split(" ")[0] for row in rows[1:]))
