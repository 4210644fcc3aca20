"""Where a command's document goes: stdout or a file, whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from scanner.cli.cluster_options import Change
from scanner.cli.dropped import drop_stdout
from scanner.cli.groups import Shown, Told
from scanner.errors import UsageError
from scanner.render.base import Format, writer
from scanner.render.screen import Layout, Screen
from scanner.report import Report
from scanner.runs.private_file import whole_private


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
    wide: bool | None = None
    """True wide, False compact, None what the screen has room for."""
    keep: int | None = None
    """How many run directories stay; None = all."""

    def layout(self) -> Layout:
        """The terminal's layout."""
        if self.wide is None:
            return Layout.FITTING
        return Layout.WIDE if self.wide else Layout.COMPACT


def output_of(shown: Shown, told: Told, *, strict: bool = False) -> Output:
    """What the options of a command that shows a report say."""
    return Output(
        shown.format_,
        shown.output,
        shown.show_all,
        strict=strict,
        quiet=told.quiet,
        bar=told.bar,
        wide=shown.wide,
        keep=shown.keep,
    )


def output_of_change(change: Change, told: Told) -> Output:
    """What the options of a command that changes hosts say."""
    return Output(change.format_, change.output, quiet=told.quiet, bar=told.bar)


def writable(path: Path | None) -> None:
    """Find out before the work whether its document can be written.

    Raises:
        UsageError: it cannot.
    """
    # Python's word for a closed stdout is None, whatever its type says
    if path is None and vars(sys)["stdout"] is None:
        raise UsageError("stdout is closed; see --output")
    if path is None:
        return
    try:
        if path.is_dir():
            raise UsageError(f"--output {path}: is a directory; name a file in it")
        is_possible = os.access(path if path.exists() else path.parent, os.W_OK)
    except OSError as error:
        raise UsageError(f"--output {path}: cannot be written: {error.strerror}") from error
    if not is_possible:
        raise UsageError(f"--output {path}: cannot be written")


def write_document(write: Callable[[TextIO], None], path: Path | None) -> None:
    """Call `write` with the file, or with stdout.

    Raises:
        UsageError: the document could not be written.
    """
    try:
        if path is None:
            write(sys.stdout)
            sys.stdout.flush()
        else:
            with whole_private(path) as file:
                write(file)
    except BrokenPipeError:
        # `kscan check | head`: nobody reads on, and Python would try once more at its exit
        drop_stdout()
    except (OSError, ValueError) as error:
        where = path or "stdout"
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{where}: the document cannot be written: {reason}") from error


def write_report(report: Report, output: Output) -> None:
    """Write a report in the format that was asked for.

    Raises:
        UsageError: it could not be written.
    """

    def write(out: TextIO) -> None:
        width, colour = screen_of(out)
        only_failing = None if output.show_all is None else not output.show_all
        screen = Screen(width, colour, only_failing, output.layout())
        writer(output.format or Format.TERMINAL, screen)(report, out)

    write_document(write, output.path)


def screen_of(out: TextIO) -> tuple[int, bool]:
    """Columns, and whether colours are wanted."""
    colour = out.isatty() and "NO_COLOR" not in os.environ
    return shutil.get_terminal_size((100, 24)).columns, colour
