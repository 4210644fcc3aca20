"""Work on a cluster in the foreground: Ctrl-C leaves what runs on hosts to itself, and says so."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import typer

from scanner.cli.interrupt import first_signal
from scanner.cli.tell import tell
from scanner.cluster.work import Worked
from scanner.errors import KscanError
from scanner.exit_status import ExitStatus

T = TypeVar("T")


def foreground(work: Coroutine[Any, Any, T]) -> T:
    """Run it.

    Raises:
        Exit: a signal has ended it.
    """
    return asyncio.run(_until_signal(work))


async def _until_signal(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    interrupted = False

    def stop() -> None:
        nonlocal interrupted
        interrupted = True
        task.cancel()
        tell("interrupted: kubeadm goes on where it runs, and the same command finds its end")

    with first_signal(stop):
        try:
            return await task
        except asyncio.CancelledError:
            if not interrupted:
                raise
            raise typer.Exit(ExitStatus.INTERRUPTED) from None
        except BaseExceptionGroup as group:
            # what is expected is told in lines; a bug keeps its traceback
            expected, bugs = group.split(KscanError)
            if bugs is not None or expected is None:
                raise
            raise expected from None


def status_of(worked: Worked) -> ExitStatus:
    """What the work says to the shell."""
    if worked.interrupted:
        return ExitStatus.INTERRUPTED
    if worked.lock_lost:
        return ExitStatus.USAGE  # as where another run is at work from the beginning
    if worked.good:
        return ExitStatus.READY
    return ExitStatus.CHECK_FAILED if worked.failed else ExitStatus.NOT_KNOWN
