"""Run a scan in the foreground: progress and notes on stderr, the document where it was asked."""

from __future__ import annotations

import asyncio
import datetime
import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from scanner.cli.document import Output, writable, write_report
from scanner.cli.interrupt import first_signal
from scanner.cli.progress import Progress, progress
from scanner.cli.tell import say
from scanner.errors import UsageError
from scanner.exit_status import ExitStatus, exit_status
from scanner.inventory.overrides import Loaded
from scanner.report import Report
from scanner.runs.directory import point_latest, write_run
from scanner.runs.old import remove_old_runs
from scanner.runs.spool import Spool
from scanner.scan import Scan
from scanner.scan_options import ScanOptions
from scanner.transport.base import Transport
from scanner.verdict import Verdict

Machines: TypeAlias = Callable[[Progress], AbstractAsyncContextManager[Transport]]
"""Makes the transport; what it has to ask the user must go round the display."""


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
            scan = Scan(loaded.request, options, spool, shown.host_done, now, dialled=shown.dialled)
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
    writable(output.path)
    if output.keep is not None and output.format is not None:
        raise UsageError("--keep is about report directories, and --format writes none")
    try:
        if options.save_captures is not None:
            options.save_captures.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{error.filename}: cannot be written: {error.strerror}") from error


async def _scan(
    scan: Scan, machines: AbstractAsyncContextManager[Transport], shown: Progress
) -> Report:
    interrupt = asyncio.Event()

    def stop() -> None:
        interrupt.set()
        with suppress(OSError):  # a terminal that was closed
            shown.say("interrupted: reporting the hosts that are done; once more to end at once")

    with first_signal(stop):
        async with machines as transport:
            # What is loaded by now stays to the end; looking through it for garbage again and
            # again costs a tenth of a host's time.
            gc.freeze()
            return await scan.run(transport, interrupt)


def _notes(lines: tuple[str, ...]) -> None:
    for line in lines:
        say(f"kscan: {line}")


def show(report: Report, output: Output) -> bool:
    """Write one document if a format or a file was named, else the matrix and the reports.

    Returns:
        False if the reports could not be written.

    Raises:
        UsageError: the document could not be written.
    """
    write_report(report, output)
    return output.format is not None or keep(report, output)


def keep(report: Report, output: Output) -> bool:
    """Leave the reports; a directory that cannot be written costs them, not the verdict."""
    reports, run_id = Path("reports"), report.header.run.id
    try:
        paths = write_run(report, reports)
    except UsageError as error:
        say(f"kscan: {error}")
        return False
    notes = [point_latest(reports, run_id)]
    if output.keep is not None:
        notes += remove_old_runs(reports, output.keep, run_id)
    if not output.quiet:
        _notes(tuple(filter(None, notes)))
        say(f"Reports: {', '.join(map(str, paths))}")
    return True
