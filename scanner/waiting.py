"""Answers that cannot be judged yet: in a file without a name, as there may be thousands."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import IO

from scanner.probe.capture import Capture, encode, load
from scanner.request import Host


class Waiting:
    """Holds captures; their facts are parsed again then, as facts take ten times the memory.

    They are kept as they came: a host must not be judged by an answer with something cut out.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._rows: list[tuple[Host, int]] = []
        """A host, and how many bytes its capture takes."""

    def put(self, host: Host, capture: Capture) -> None:
        """Keep one answer."""
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="kscan-")  # noqa: SIM115 - closed by take()
        self._rows.append((host, self._file.write(encode(capture))))

    def take(self) -> Iterator[tuple[Host, Capture]]:
        """Give all back, in the order in which they came; what is put meanwhile waits anew."""
        file, rows = self._file, self._rows
        self._file, self._rows = None, []
        if file is None:
            return
        with file:
            file.seek(0)
            for host, length in rows:
                yield host, load(file.read(length))
