"""Hosts that are done, one JSON line each in a file that has no name, so that nothing is left."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import TypeAdapter

from scanner.report import HostReport
from scanner.runs.nameless_file import NamelessFile, Place
from scanner.secrets.redact import redactor

_HOST = TypeAdapter(HostReport)


class Spool:
    """Holds the hosts of a run in the order of the inventory, whatever order they finish in.

    The file is created with mode 0600 and unlinked at once (tempfile.TemporaryFile): a killed
    run leaves nothing behind.
    """

    def __init__(self) -> None:
        self._file = NamelessFile()
        self._places: dict[int, Place] = {}

    def add(self, position: int, host: HostReport) -> None:
        """Keep one host; `position` is its place in the inventory."""
        line = _HOST.dump_json(host, by_alias=True)
        if redactor().is_needed(line):
            line = _HOST.dump_json(redactor().value(host), by_alias=True)
        self._places[position] = self._file.put(line)

    def __contains__(self, position: int) -> bool:
        return position in self._places

    def lines(self) -> Iterator[bytes]:
        """The hosts as JSON, without newlines, in the order of the inventory."""
        for position in sorted(self._places):
            yield self._file.get(self._places[position])

    def hosts(self) -> Iterator[HostReport]:
        """The hosts as values."""
        return map(_HOST.validate_json, self.lines())

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()
