"""How long writes take that must be on the disk before they are answered, as etcd's do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from scanner.facts.base import ParseError
from scanner.facts.fields import Fields

_COPIED = re.compile(r"^([0-9]{1,12}) bytes.* copied, ([0-9.]{1,12})(?:e-[0-9]{1,2})? s", re.ASCII)
_BYTES = 2300
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Fsync:
    """Writes of 2,300 bytes, each with fdatasync(2), to a preallocated file."""

    place: str
    """The directory: etcd's, or the nearest that is there on its way."""
    tool: str
    """python3, perl or dd; empty if the host has none of them."""
    writes: int = 0
    """How many there were in 10 s at most; 0 if it was not measured."""
    p99_us: int | None = None
    """Microseconds within which 99 of 100 were done; None by dd, which tells the mean only."""
    mean_us: int | None = None
    refused: str = ""
    """Why nothing was written."""


_REFUSALS = {
    "dir-not-empty": "etcd's data is there, and nothing is written beside it: see its metric "
    "etcd_disk_wal_fsync_duration_seconds",
    "dir-unreadable": "the directory cannot be read, so that a running etcd cannot be excluded",
    "hidden": "the directory cannot be seen, so that a running etcd cannot be excluded",
}


def parse_fsync(text: str) -> Fsync:
    """Read `asked=no`, `state=`, `free_kib=`, `place=`, `tool=` and what the tool has printed.

    Raises:
        ParseError: the tool printed something else.
    """
    fields = Fields.of(text)
    place, tool = fields.get("place"), fields.get("tool")
    if refused := _refused(fields):
        return Fsync(place, tool, refused=refused)
    if tool == "dd":
        return _of_dd(place, fields)
    told = Fields.of("\n".join(fields.all("out")))
    writes = told.number("writes")
    if not writes:
        raise ParseError(f"{tool} has written nothing")
    return Fsync(place, tool, writes, told.number("p99_us"))


def _refused(fields: Fields) -> str:
    """Why nothing was measured; empty if it was."""
    if fields.get("asked") == "no":
        return "it runs no etcd of its own"
    if state := fields.get("state"):
        return _REFUSALS.get(state, "the directory cannot be read")
    if fields.all("free_kib"):
        free = fields.number("free_kib") // 1024
        return f"only {free} MiB are free there, and 256 must be"
    tool = fields.get("tool")
    if not tool:
        return "the host has neither python3, perl nor dd"
    # dd tells how far it has come also where its time was up
    return "" if tool == "dd" or fields.get("rc") == "0" else _said(fields)


def _of_dd(place: str, fields: Fields) -> Fsync:
    for line in fields.all("err"):
        if (match := _COPIED.match(line)) and (writes := int(match[1]) // _BYTES):
            try:
                mean = int(float(line.rpartition("copied, ")[2].split(" ")[0]) * 1e6 / writes)
            except ValueError:
                continue
            return Fsync(place, "dd", writes, mean_us=mean)
    return Fsync(place, "dd", refused=_said(fields))


def _said(fields: Fields) -> str:
    """The last words of a tool that failed."""
    said = [line.strip() for line in fields.all("err") if line.strip()]
    return (said[-1] if said else "nothing was said")[:_LONGEST]
