"""Answers that cannot be judged yet: in a file without a name, as there may be thousands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from scanner.probe.capture import Capture, encode, load
from scanner.request import Host
from scanner.runs.nameless_file import NamelessFile, Place


class Waiting:
    """Holds captures; their facts are parsed again then, as facts take ten times the memory.

    They are kept as they came: a host must not be judged by an answer with something cut out.
    """

    def __init__(self) -> None:
        self._file: NamelessFile | None = None
        self._rows: list[tuple[Host, Place]] = []
        """A host, and where its capture is."""

    def put(self, host: Host, capture: Capture) -> None:
        """Keep one answer."""
        if self._file is None:
            self._file = NamelessFile()
        self._rows.append((host, self._file.put(encode(capture))))

    def take(self) -> Iterator[tuple[Host, Capture]]:
        """Give all back, in the order in which they came; what is put meanwhile waits anew."""
        file, rows = self._file, self._rows
        self._file, self._rows = None, []
        if file is None:
            return
        with closing(file):
            for host, place in rows:
                yield host, load(file.get(place))
