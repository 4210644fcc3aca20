"""What was done, at the end of a command that changes hosts."""

from __future__ import annotations

from typing import TextIO

from scanner.cli.document import Output, screen_of, write_document
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

    def write(out: TextIO) -> None:
        out.writelines(f"{line}\n" for line in phase_lines(report.phases))
        if report.verify:
            out.write("\n")
            width, colour = screen_of(out)
            cluster.write(report, out, width=width, colour=colour)

    try:
        write_document(write, None)
    finally:
        keep(report, output)  # what was done is in there, whatever becomes of stdout
