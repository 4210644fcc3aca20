"""Run a scan in the foreground: progress and notes on stderr, the document where it was asked."""

from __future__ import annotations

import asyncio
import datetime
import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO, TypeAlias

import typer

from scanner.cli.interrupt import first_signal
from scanner.cli.progress import Progress, progress
from scanner.errors import UsageError
from scanner.exit_status import ExitStatus, exit_status
from scanner.inventory.overrides import Loaded
from scanner.private_file import whole_private
from scanner.render.base import Format, Screen, writer
from scanner.report import Report
from scanner.run_directory import write_run
from scanner.scan import Scan, ScanOptions
from scanner.spool import Spool
from scanner.transport.base import Transport
from scanner.verdict import Verdict

Machines: TypeAlias = Callable[[Progress], AbstractAsyncContextManager[Transport]]
"""Makes the transport; what it has to ask the user must go round the display."""


@dataclass(frozen=True, slots=True)
class Output:
    """What is shown and where."""

    format: Format | None = None
    path: Path | None = None
    show_all: bool | None = None
    strict: bool = False
    quiet: bool = False
    bar: bool = True
    """Lines of a log and a bar do not go together."""


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
    with scanned(loaded, machines, options, output) as report:
        written = show(report, output)
        header = report.header
        if conclude is not None:
            status = conclude(report)
        else:
            status = exit_status(header.summary, strict=output.strict, complete=header.run.complete)
        # Whoever reads the reports next must not take their absence for a good word.
        return ExitStatus.USAGE if status is ExitStatus.READY and not written else status


@contextmanager
def scanned(
    loaded: Loaded, machines: Machines, options: ScanOptions, output: Output
) -> Iterator[Report]:
    """Scan, and give the report for the block; it cannot be read after it.

    Raises:
        UsageError: what was asked for cannot be written, or nothing was asked of ready hosts.
    """
    _writable(output, options)
    if not output.quiet:
        _notes(loaded.notes)
    with closing(Spool()) as spool:
        with progress(len(loaded.request.hosts), shown=output.bar and not output.quiet) as shown:
            now = datetime.datetime.now(datetime.UTC)
            scan = Scan(loaded.request, options, spool, shown.host_done, now)
            report = asyncio.run(_scan(scan, machines(shown), shown))
        if not output.quiet:
            _notes(scan.warnings())
        _judged(report)
        yield report


def _judged(report: Report) -> None:
    """Refuse to call hosts ready of which nothing was asked."""
    summary = report.header.summary
    judged = sum(
        count
        for counts in (summary.verdicts, summary.fleet)
        for verdict, count in counts.items()
        if verdict is not Verdict.SKIP
    )
    if summary.hosts.ready and not judged:
        raise UsageError("none of the checks of --only and --skip is asked of these hosts")


def _writable(output: Output, options: ScanOptions) -> None:
    """Find out before the hosts are asked whether what was asked for can be written."""
    # Python's word for a closed stdout is None, whatever its type says
    if output.path is None and vars(sys)["stdout"] is None:
        raise UsageError("stdout is closed; see --output")
    try:
        if output.path is not None and not _can_write(output.path):
            raise UsageError(f"--output {output.path}: cannot be written")
        if options.save_captures is not None:
            options.save_captures.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error


def _can_write(path: Path) -> bool:
    return os.access(path if path.exists() else path.parent, os.W_OK)


async def _scan(
    scan: Scan, machines: AbstractAsyncContextManager[Transport], shown: Progress
) -> Report:
    interrupt = asyncio.Event()

    def stop() -> None:
        shown.say("interrupted: reporting the hosts that are done; once more to end at once")
        interrupt.set()

    with first_signal(stop):
        async with machines as transport:
            # What is loaded by now stays to the end; looking through it for garbage again and
            # again costs a tenth of a host's time.
            gc.freeze()
            return await scan.run(transport, interrupt)


def _notes(lines: tuple[str, ...]) -> None:
    for line in lines:
        typer.echo(f"kscan: {line}", err=True)


def show(report: Report, output: Output) -> bool:
    """Write one document if a format or a file was named, else the matrix and the reports.

    Returns:
        False if the reports could not be written.

    Raises:
        UsageError: the document could not be written.
    """
    try:
        if output.path is None:
            _write(report, sys.stdout, output)
            sys.stdout.flush()
        else:
            with whole_private(output.path) as file:
                _write(report, file, output)
    except BrokenPipeError:
        # `kscan check | head`: nobody reads on, and Python would try once more at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError) as error:
        where = output.path or "stdout"
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{where}: the document cannot be written: {reason}") from error
    return output.format is not None or keep(report, quiet=output.quiet)


def _write(report: Report, out: TextIO, output: Output) -> None:
    screen = Screen(
        width=shutil.get_terminal_size((100, 24)).columns,
        colour=out.isatty() and "NO_COLOR" not in os.environ,
        only_failing=None if output.show_all is None else not output.show_all,
    )
    writer(output.format or Format.TERMINAL, screen)(report, out)


def keep(report: Report, *, quiet: bool) -> bool:
    """Leave the reports; a directory that cannot be written costs them, not the verdict."""
    try:
        paths = write_run(report, Path("reports"))
    except UsageError as error:
        typer.echo(f"kscan: {error}", err=True)
        return False
    if not quiet:
        typer.echo(f"Reports: {', '.join(map(str, paths))}", err=True)
    return True
