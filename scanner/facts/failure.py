"""Why a section of the probe gives no fact, by how it ended, and what to do about it."""

from __future__ import annotations

import re

from scanner.facts.fields import Fields
from scanner.probe.frames import FORGED, NO_NULL, NO_TOOL, NOT_MOUNTED, TOO_MUCH, Section

_MOUNT = {"/proc": "mount -t proc proc /proc", "/sys": "mount -t sysfs sysfs /sys"}
_WHY = {
    NO_NULL: (
        "the host's /dev/null is no device, so that nothing was asked: rm -f /dev/null and "
        "mknod -m 666 /dev/null c 1 3"
    ),
    TOO_MUCH: "section {} printed more than 60,000 bytes",
    FORGED: "something else on the host wrote into the answer of section {}",
}

# dash, bash and busybox, in the locale C that the driver sets.
_FORK = re.compile(r"\b(?:cannot|can't) fork|\bfork: ", re.IGNORECASE)


def failure(name: str, section: Section) -> str:
    """The reason, as one clause.

    Args:
        name: the section's.
        section: one that has not ended with status 0.
    """
    if section.timed_out:
        return f"section {name} did not end within its deadline"
    fields = Fields.of(section.text)
    status = section.exit_status
    if status == NOT_MOUNTED and (place := fields.get("unmounted")) in _MOUNT:
        return f"{place} is not mounted there, which section {name} reads: {_MOUNT[place]}"
    if status == NO_TOOL:
        return f"the host has no {fields.get('missing')}, which section {name} needs"
    if status in _WHY:
        return _WHY[status].format(name)
    return f"section {name} ended with status {status}"


def shortage(said: str) -> str:
    """What a shell on the host means that could start no program, as a clause; else empty.

    Args:
        said: anything that the host has printed.
    """
    if _FORK.search(said) is None:
        return ""
    return "the host lets this login start no more processes: see ulimit -u, TasksMax and memory"
