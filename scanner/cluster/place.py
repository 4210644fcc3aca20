"""Where a run keeps what it knows: the folder of its cluster, and the journal in it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace

from scanner.cluster.folder import Folder
from scanner.cluster.journal import Entry, Event, Journal


@dataclass(frozen=True, slots=True)
class Place:
    """Of one run."""

    folder: Folder
    journal: Journal
    run: str
    """Names this run."""

    def note(
        self, phase: str, host: str, event: Event, job: str = "", *, clean: bool = False
    ) -> None:
        """Write it down, of this run and this moment; see Entry.

        Raises:
            ClusterError: it cannot be written; nothing may then be changed.
        """
        self.journal.add(Entry(phase, host, event, self.run, _now(), job, clean=clean))

    def mark(self, entry: Entry, event: Event) -> None:
        """Say what has become of an entry, of an earlier run too.

        Raises:
            ClusterError: as `note`.
        """
        self.journal.add(replace(entry, event=event, run=self.run, at=_now()))

    def note_cluster(self, master: str, ca: str) -> None:
        """Remember which cluster the journal is about.

        Args:
            master: the host that runs it.
            ca: as `Node.ca`.

        Raises:
            ClusterError: as `note`.
        """
        self.journal.add(Entry("cluster", master, Event.DONE, self.run, _now(), ca=ca))


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
