"""A stream of which nobody need hear anything, such as a terminal that was closed."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TextIO, cast


class _Unheard:
    """A stream whose writing never fails: what cannot be said is left unsaid."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def unheard(stream: TextIO) -> TextIO:
    """The same stream without its errors of writing."""
    return cast("TextIO", _Unheard(stream))
