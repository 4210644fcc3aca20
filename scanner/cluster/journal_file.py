"""The lines of `journal.jsonl`: their shape, and how they are read again.

A line that the end of the machine has cut is left out of account: what it would have said had not
happened yet. A journal decides about `kubeadm reset`; so a line that anybody else has changed is
named, and nothing is guessed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from scanner.cluster.own_file import no_regular_file
from scanner.errors import ClusterError

_MOST_BYTES = 64 << 20
"""Hundreds of runs of the largest clusters; /dev/zero has more."""
_LONGEST_LINE = 4096
"""Characters; kscan's own have some hundreds."""
_BEGINNING = '{"phase": "'
_JOB = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
"""It becomes part of a path in a command of root's."""


class Event(StrEnum):
    """What happened to a host in a phase."""

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"
    """`kubeadm reset` has made the host what it was before."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line."""

    phase: str
    host: str
    event: Event
    run: str
    """Which run of kscan."""
    at: str
    """ISO 8601, UTC."""
    job: str = ""
    """Names the detached command on the host; empty if there is none."""
    clean: bool = False
    """The host had been found ready just before, so that undoing it loses nothing of others."""
    ca: str = ""
    """Of the cluster that it belongs to, as `Node.ca`; empty if that was not known."""


def read_entries(path: Path) -> Iterator[Entry]:
    """All entries of the file, the oldest first; none if there is no file.

    Raises:
        ClusterError: it cannot be read, or a line is none that kscan has written.
    """
    for number, line in enumerate(_text(path).split("\n"), start=1):
        # a machine that loses its power may leave zeros where the rest of a line should be
        written = line.strip("\0 \r")
        if not written or _is_cut(written):
            continue
        entry = _entry(written)
        if entry is None:
            raise ClusterError(
                f"{path}: line {number} is no entry of this kscan's journal, or was changed: put "
                "the file back as kscan wrote it, or set it aside if nothing was begun on the hosts"
            )
        yield entry


def _text(path: Path) -> str:
    try:
        # a FIFO would keep `open` waiting; a link is not written through
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise no_regular_file(path)
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ClusterError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > _MOST_BYTES:
        raise ClusterError(f"{path}: larger than {_MOST_BYTES >> 20} MiB: set the file aside")
    return data.decode("utf-8", "replace")


def _is_cut(line: str) -> bool:
    """The beginning of an entry without its end; others may follow, each on a line of its own."""
    whole = line.endswith("}")
    return not whole and (line.startswith(_BEGINNING) or _BEGINNING.startswith(line))


def _entry(line: str) -> Entry | None:
    if len(line) > _LONGEST_LINE or not line.startswith("{"):
        return None
    try:
        found: dict[str, Any] = json.loads(line)
    except (ValueError, RecursionError):
        return None
    texts = {name: value for name, value in found.items() if name not in ("event", "clean")}
    if not all(isinstance(value, str) and value.isprintable() for value in texts.values()):
        return None
    clean, job = found.get("clean", False), found.get("job", "")
    if not isinstance(clean, bool) or (job and not _JOB.fullmatch(job)):
        return None
    try:
        return Entry(**texts, event=Event(found["event"]), clean=clean)
    except (ValueError, TypeError, KeyError):
        return None
