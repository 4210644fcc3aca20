"""What was begun and how it ended, on this machine: what a later run knows of an earlier one.

One JSON line for each event, appended and on the disk before the event's consequence. No secret is
ever in it. `journal_file.py` reads it.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Self

from scanner.cluster.journal_file import Entry, Event, read_entries
from scanner.cluster.own_file import open_own
from scanner.cluster.phase import NODE_LEFT, UNDO_NAME
from scanner.errors import ClusterError

__all__ = ["Entry", "Event", "Journal"]

_JOBS = 32


class Journal:
    """The file `journal.jsonl` of one cluster; whoever has one holds the folder's lock."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._entries: list[Entry] = []
        self._notes: dict[tuple[str, str], Event] = {}
        for entry in read_entries(path):
            self._take(entry)

    @classmethod
    def below(cls, folder: Path) -> Self:
        """The journal of a cluster's folder.

        Raises:
            ClusterError: it cannot be read, or a line of it is not what kscan writes.
        """
        return cls(folder / "journal.jsonl")

    def add(self, entry: Entry) -> None:
        """Append, and return when it is on the disk.

        Raises:
            ClusterError: it cannot be written; nothing may then be changed.
        """
        line = json.dumps({key: value for key, value in asdict(entry).items() if value})
        try:
            is_new = not self._path.exists()
            descriptor = open_own(self._path, os.O_WRONLY | os.O_APPEND)
            try:
                # the newline first: a line that was cut before this one stays a line of its own
                start = b"" if os.fstat(descriptor).st_size == 0 else b"\n"
                _write_whole(descriptor, start + line.encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            if is_new:
                _keep_name(self._path.parent)
        except OSError as error:
            raise ClusterError(f"{self._path}: cannot be written: {error.strerror}") from error
        self._take(entry)

    def _take(self, entry: Entry) -> None:
        self._entries.append(entry)
        if not entry.job:  # the newest event counts, of a Node for its host, else for the cluster
            host = entry.host if entry.phase == NODE_LEFT else ""
            self._notes[entry.phase, host] = entry.event

    def last(self, phase: str, host: str) -> Entry | None:
        """The newest event of a host in a phase."""
        of_both = (entry for entry in reversed(self._entries) if entry.host == host)
        return next((entry for entry in of_both if entry.phase == phase), None)

    def open_jobs(self) -> Iterator[Entry]:
        """What was begun on a host and is neither done nor undone, the oldest first."""
        newest = {(entry.phase, entry.host): entry for entry in self._entries}
        for entry in newest.values():
            if entry.event in (Event.BEGUN, Event.FAILED) and entry.job:
                yield entry

    def jobs(self, host: str) -> tuple[str, ...]:
        """The last detached commands on a host, at most 32."""
        named = (entry.job for entry in self._entries if entry.host == host and entry.job)
        return tuple(dict.fromkeys(named))[-_JOBS:]

    def undoing(self, begun: Entry) -> Entry | None:
        """The newest event of the undoing of what was begun; None if that was never begun."""
        for entry in reversed(self._entries):
            if entry.host != begun.host:
                continue
            if entry.phase == UNDO_NAME:
                return entry
            if entry.job == begun.job and entry.event is Event.BEGUN:
                return None
        return None

    @property
    def owed(self) -> frozenset[str]:
        """What must still take back what a run that did not come to it has left in the cluster."""
        return frozenset(phase for phase, host in self._begun() if not host)

    @property
    def nodes_left(self) -> frozenset[str]:
        """Hosts that were reset, or may have been, and whose Nodes may still be in the cluster."""
        return frozenset(host for _, host in self._begun() if host)

    def owed_for(self, host: str) -> frozenset[str]:
        """`owed`, and NODE_LEFT where the Node of this host is."""
        return frozenset(phase for phase, whose in self._begun() if whose in {"", host})

    def _begun(self) -> Iterator[tuple[str, str]]:
        return (key for key, event in self._notes.items() if event is Event.BEGUN)

    @property
    def ca(self) -> str:
        """The CA of the cluster that was made or found last; empty if none is known."""
        return next((entry.ca for entry in reversed(self._entries) if entry.ca), "")

    def set_aside(self, ending: str) -> None:
        """Begin anew for another cluster; the old file stays beside it.

        Raises:
            ClusterError: it cannot be renamed.
        """
        try:
            if self._path.exists():
                self._path.rename(self._path.with_name(f"{self._path.name}.{ending}"))
        except OSError as error:
            raise ClusterError(f"{self._path}: cannot be renamed: {error.strerror}") from error
        self._entries, self._notes = [], {}


def _write_whole(descriptor: int, data: bytes) -> None:
    """A disk that is nearly full takes a part, and says so only to the next one who writes."""
    while data:
        data = data[os.write(descriptor, data) :]


def _keep_name(folder: Path) -> None:
    """A file is on the disk with its name only when its directory is (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that has no such thing
            raise
    finally:
        os.close(descriptor)
