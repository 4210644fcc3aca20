"""Where a saved report is read from: a file, a run directory, or stdin."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

from scanner.errors import ReportError, UsageError
from scanner.render.base import Format
from scanner.render.harmless import harmless
from scanner.render.saved import MOST_BYTES, read
from scanner.report import Report

STDIN = "-"
_PIECE = 1 << 20


@contextmanager
def saved_report(source: str) -> Iterator[Report]:
    """Open a report for the time of the block; what can be read once only is copied first.

    Args:
        source: a file, a directory with report.json in it, or `-`.

    Raises:
        ReportError: it cannot be read, or is no report.
    """
    with ExitStack() as stack:
        try:
            report = _opened(source, stack)
        except OSError as error:
            raise ReportError(f"{harmless(source)}: {error.strerror or error}") from error
        yield report


def not_over(output: Path | None, *sources: str) -> None:
    """Refuse to write a document over a report that it is made of.

    Raises:
        UsageError: it would.
    """
    for source in sources:
        path = Path(source)
        with suppress(OSError):
            path = path / Format.JSON.file_name if path.is_dir() else path
            if output is not None and source != STDIN and path.samefile(output):
                raise UsageError(f"--output {output}: is the report that is read")


def _opened(source: str, stack: ExitStack) -> Report:
    if source == STDIN:
        # Python's word for a closed stdin is None, whatever its type says
        if vars(sys)["stdin"] is None:
            raise ReportError("stdin is closed; name a file")
        return read(stack.enter_context(_copied(sys.stdin.buffer, "stdin")), "stdin")
    path = Path(source)
    if path.is_dir():
        path = _in_directory(path)
    if path.is_file():
        return read(path)
    with path.open("rb") as file:  # a pipe, such as the shell's <(...)
        copy = stack.enter_context(_copied(file, source))
    return read(copy, source)


def _in_directory(directory: Path) -> Path:
    path = directory / Format.JSON.file_name
    if not path.exists():
        raise ReportError(f"{harmless(str(directory))}: there is no {path.name} in this directory")
    return path


@contextmanager
def _copied(file: BinaryIO, shown: str) -> Iterator[Path]:
    """A file of one's own, 0600, that goes with the block, and with a kscan that is killed."""
    with tempfile.TemporaryFile(prefix="kscan-") as nameless, ExitStack() as stack:
        copy: IO[bytes] = nameless
        path = Path(f"/proc/self/fd/{nameless.fileno()}")
        if not path.exists():  # not Linux: opened by its number it would share its place
            named = stack.enter_context(tempfile.NamedTemporaryFile(prefix="kscan-"))
            copy, path = named.file, Path(named.name)
        left = MOST_BYTES + 1
        while left > 0 and (piece := file.read(min(_PIECE, left))):
            copy.write(piece)
            left -= len(piece)
        copy.flush()
        if left <= 0:
            size = f"{MOST_BYTES >> 30} GiB"
            raise ReportError(f"{harmless(shown)}: larger than any report of kscan ({size})")
        yield path
