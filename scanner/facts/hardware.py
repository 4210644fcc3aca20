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
    """CPUs that a process may run on, by nproc(1)."""


def parse_cpu(text: str) -> Cpu:
    """Read `nproc=`, else the allowed CPUs that are online (hosts without coreutils)."""
    fields = Fields.of(text)
    if fields.get("nproc"):
        return Cpu(fields.number("nproc"))
    # Cpus_allowed_list also names CPUs that the machine could have but has not.
    online = _cpu_list(fields.one("online")) & _cpu_list(fields.one("allowed"))
    if not online:
        raise ParseError("no CPU is both online and allowed")
    return Cpu(len(online))


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
    """MemTotal of /proc/meminfo, KiB; the kernel's own reservation is already taken off."""


def parse_memory(text: str) -> Memory:
    """Read `total_kib=`."""
    return Memory(Fields.of(text).number("total_kib"))


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
    if not rows:
        raise ParseError("no header of /proc/swaps in the answer")
    return Swap(tuple(row.split(" ")[0] for row in rows[1:]))
