"""What was done, at the end of a command that changes hosts."""

from __future__ import annotations

import os
import shutil
import sys

import typer

from scanner.cli.document import Output
from scanner.cli.run import keep, show
from scanner.render import cluster
from scanner.render.phases import phase_lines
from scanner.report import Report


def show_phases(report: Report, output: Output) -> None:
    """A table of the phases, and the reports; the document alone where one was asked for.

    Raises:
        UsageError: the document could not be written.
    """
    if output.format is not None or output.path is not None:
        show(report, output)
        return
    for line in phase_lines(report.phases):
        typer.echo(line)
    if report.verify:
        typer.echo()
        width = shutil.get_terminal_size((100, 24)).columns
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        cluster.write(report, sys.stdout, width=width, colour=colour)
    sys.stdout.flush()
    keep(report, output)
