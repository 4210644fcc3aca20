"""Run a scan in the foreground: progress and notes on stderr, the document where it was asked."""

from __future__ import annotations

import asyncio
import datetime
import os
import shutil
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeAlias

import typer

from scanner.cli.options import FormatOption
from scanner.cli.progress import Progress, progress
from scanner.errors import UsageError
from scanner.exit_status import ExitStatus, exit_status
from scanner.inventory.overrides import Loaded
from scanner.render import terminal
from scanner.render.base import Format, writer
from scanner.report import Report
from scanner.run_directory import write_run
from scanner.scan import Scan, ScanOptions
from scanner.transport.base import Transport

Machines: TypeAlias = Callable[[Progress], AbstractAsyncContextManager[Transport]]
"""Makes the transport; what it has to ask the user must go round the display."""


@dataclass(frozen=True, slots=True)
class Output:
    """What is shown and where."""

    format: FormatOption | None = None
    path: Path | None = None
    show_all: bool | None = None
    strict: bool = False
    quiet: bool = False


def run_scan(
    loaded: Loaded,
    machines: Machines,
    options: ScanOptions,
    output: Output,
    conclude: Callable[[Report], ExitStatus] | None = None,
) -> ExitStatus:
    """Scan, show, write, and say how it ended.

    Args:
        loaded: the request and its notes.
        machines: makes the transport for the time of the run.
        options: limits and selection.
        output: where the document goes.
        conclude: makes the exit status of the report; None = the one of `kscan check`.

    Raises:
        UsageError: the document cannot be written.
    """
    if not output.quiet:
        _notes(loaded.notes)
    with progress(len(loaded.request.hosts), shown=not output.quiet) as shown:
        now = datetime.datetime.now(datetime.UTC)
        scan = Scan(loaded.request, options, shown.host_done, now)
        report = asyncio.run(_scan(scan, machines(shown), shown))
    with closing(scan):
        if not output.quiet:
            _notes(scan.warnings())
        _show(report, output)
        if conclude is not None:
            return conclude(report)
        header = report.header
        return exit_status(header.summary, strict=output.strict, complete=header.run.complete)


async def _scan(
    scan: Scan, machines: AbstractAsyncContextManager[Transport], shown: Progress
) -> Report:
    interrupt = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        # A second Ctrl-C does what it always does.
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        shown.say("interrupted: reporting the hosts that are done")
        interrupt.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop)
    async with machines as transport:
        return await scan.run(transport, interrupt)


def _notes(lines: tuple[str, ...]) -> None:
    for line in lines:
        typer.echo(f"kscan: {line}", err=True)


def _show(report: Report, output: Output) -> None:
    if output.format is None:
        _terminal(report, sys.stdout, output)
        paths = write_run(report, Path("reports"))
        if not output.quiet:
            typer.echo(f"Reports: {', '.join(map(str, paths))}", err=True)
        if output.path is None:
            return
    if output.path is None:
        _write(report, sys.stdout, output)
        return
    try:
        with output.path.open("w", encoding="utf-8", opener=_private) as file:
            _write(report, file, output)
    except OSError as error:
        raise UsageError(f"--output {output.path}: {error.strerror}") from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write(report: Report, out: TextIO, output: Output) -> None:
    if output.format is None or output.format is FormatOption.TERMINAL:
        _terminal(report, out, output)
    else:
        writer(Format(output.format))(report, out)


def _terminal(report: Report, out: TextIO, output: Output) -> None:
    colour = out.isatty() and "NO_COLOR" not in os.environ
    width = shutil.get_terminal_size((100, 24)).columns
    only_failing = None if output.show_all is None else not output.show_all
    terminal.write(report, out, width=width, colour=colour, only_failing=only_failing)
