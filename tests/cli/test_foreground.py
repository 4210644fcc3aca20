"""Work in the foreground of a terminal that is there no more."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import nullcontext
from typing import Any, cast

import pytest
import typer

from scanner.cli.change.foreground import foreground
from scanner.cli.progress import progress
from scanner.cli.run import _scan
from scanner.cli.tell import tell
from scanner.exit_status import ExitStatus
from scanner.scan import Scan


class Closed:
    """A terminal after its window was closed."""

    encoding = "utf-8"

    def write(self, _text: str) -> int:
        raise OSError(5, "Input/output error")

    def flush(self) -> None:
        raise OSError(5, "Input/output error")


def test_a_terminal_that_was_closed_interrupts_and_ends_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The signal comes when nothing can be said any more; SIGHUP may be ignored here."""
    ended = []

    async def work() -> None:
        tell("it is done")
        os.kill(os.getpid(), signal.SIGTERM)
        try:
            await asyncio.sleep(10)
        finally:
            ended.append("cleaned up")

    monkeypatch.setattr("sys.stderr", Closed())
    with pytest.raises(typer.Exit) as caught:
        foreground(work())
    assert caught.value.exit_code == ExitStatus.INTERRUPTED
    assert ended == ["cleaned up"]


def test_a_check_is_interrupted_on_a_terminal_that_was_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What was to be done after it, with --yes, must not be."""

    class Interrupted:
        async def run(self, _transport: object, interrupt: asyncio.Event) -> str:
            os.kill(os.getpid(), signal.SIGTERM)
            async with asyncio.timeout(5):
                await interrupt.wait()
            return "a report that is not complete"

    monkeypatch.setattr("sys.stderr", Closed())
    with progress(1, shown=False) as shown:
        scan, machines = cast("Scan", Interrupted()), cast("Any", nullcontext())
        assert str(asyncio.run(_scan(scan, machines, shown))) == "a report that is not complete"
