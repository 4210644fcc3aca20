"""Bytes in a file without a name, so that a killed run leaves nothing; and nothing is ever lost."""

from __future__ import annotations

import errno
import logging
import os
import tempfile
from typing import IO, TypeAlias

_LOG = logging.getLogger(__name__)

Place: TypeAlias = tuple[int, int] | bytes
"""(offset, length) in the file, or the bytes themselves."""


class NamelessFile:
    """Pieces of a run that is too large for memory; 0600, and unlinked at once.

    Where the file takes no more (a full disk, ulimit -f), what follows stays in memory: that may
    grow, but hosts that have answered are not lost.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._end = 0
        try:
            # unbuffered: what a buffer could not write would be lost with the piece before it
            self._file = tempfile.TemporaryFile(prefix="kscan-", buffering=0)  # noqa: SIM115 - closed by close()
        except OSError as error:
            _warn(error.strerror or str(error))
        self._takes_more = self._file is not None

    def put(self, data: bytes) -> Place:
        """Keep a piece."""
        if self._file is None or not self._takes_more:
            return data
        try:
            self._file.seek(self._end)
            is_whole = self._file.write(data) == len(data)
        except OSError as error:
            return self._keep(data, error.strerror or str(error))
        if not is_whole:
            return self._keep(data, os.strerror(errno.ENOSPC))
        place = (self._end, len(data))
        self._end += len(data)
        return place

    def _keep(self, data: bytes, reason: str) -> Place:
        self._takes_more = False
        _warn(reason)
        return data

    def get(self, place: Place) -> bytes:
        """Give a piece back."""
        if isinstance(place, bytes):
            return place
        assert self._file is not None  # noqa: S101 - only a file gives such places
        offset, left = place
        self._file.seek(offset)
        pieces = []
        while left and (piece := self._file.read(left)):
            pieces.append(piece)
            left -= len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Give the disk space back."""
        if self._file is not None:
            self._file.close()


def _warn(reason: str) -> None:
    _LOG.warning(
        "the directory for temporary files takes no more (%s): what follows of this run is kept in "
        "memory; free space there, or set TMPDIR",
        reason,
    )
