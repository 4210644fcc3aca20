"""Live progress on stderr, and only there: stdout is the document's."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from scanner.cli.tell import say
from scanner.report import HostReport


class Progress(Protocol):
    """What a run tells while it is under way."""

    def host_done(self, host: HostReport) -> None:
        """One host has its row."""

    def dialled(self, ended: int, total: int) -> None:
        """Hosts dial each other now: how many of all that are asked have ended."""

    def say(self, line: str) -> None:
        """Print a line without breaking the display."""

    def aside(self) -> AbstractContextManager[None]:
        """Take the display away for a block, in which the user is asked something."""


class _Silent:
    """No terminal, or --quiet."""

    def host_done(self, host: HostReport) -> None:
        del host

    def dialled(self, ended: int, total: int) -> None:
        del ended, total

    def say(self, line: str) -> None:
        say(f"kscan: {line}")

    def aside(self) -> AbstractContextManager[None]:
        return nullcontext()


@contextmanager
def progress(total: int, *, shown: bool) -> Iterator[Progress]:
    """Show a bar of `total` hosts while the block runs, if stderr is a terminal."""
    if not shown or vars(sys)["stderr"] is None or not sys.stderr.isatty():
        yield _Silent()
        return
    # rich takes a while to import, and a pipe needs nothing of it
    from scanner.cli.bar import bar

    with bar(total) as display:
        yield display
