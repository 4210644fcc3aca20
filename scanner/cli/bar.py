"""The progress bar of a terminal (rich)."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from scanner.cli.unheard import unheard
from scanner.report import HostReport, HostStatus


class Bar:
    """A bar with the counts by status, and a second one once the hosts dial each other."""

    def __init__(self, display: Progress, total: int) -> None:
        self._display = display
        self._task = display.add_task("checking", total=total, counts="")
        self._counts: Counter[HostStatus] = Counter()
        self._dialling: TaskID | None = None

    def host_done(self, host: HostReport) -> None:
        """Move on by one host."""
        self._counts[host.status] += 1
        self._display.update(self._task, advance=1, counts=_tally(self._counts))

    def dialled(self, ended: int, total: int) -> None:
        """Show how many of the hosts that dial the others have ended."""
        if self._dialling is None:
            self._dialling = self._display.add_task("dialling each other", total=total, counts="")
        self._display.update(self._dialling, completed=ended, total=total)

    def say(self, line: str) -> None:
        """Print a line above the bar; it is text, whatever brackets are in it."""
        self._display.console.print(Text(f"kscan: {line}"))

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away for a block."""
        self._display.stop()
        yield
        self._display.start()


@contextmanager
def bar(total: int) -> Iterator[Bar]:
    """Show the bar on stderr until the end of the block."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[counts]}", markup=False),
    )
    console = Console(file=unheard(sys.stderr))
    with Progress(*columns, console=console, transient=True) as display:
        yield Bar(display, total)


def _tally(counts: Counter[HostStatus]) -> str:
    """`12 ready, 3 notReady`, in the order of the statuses."""
    return ", ".join(f"{counts[status]} {status}" for status in HostStatus if counts.get(status))
