"""`kscan diff`: what has changed between two reports."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from scanner.cli import options as opt
from scanner.cli.paths import word
from scanner.errors import UsageError


class DiffFormat(StrEnum):
    """A value of `kscan diff --format`."""

    TERMINAL = "terminal"
    JSON = "json"


def diff(
    old: Annotated[
        str,
        typer.Argument(
            parser=word("OLD"),
            metavar="OLD",
            help="A report.json, a directory with one in it, or `-` for stdin.",
        ),
    ],
    new: Annotated[
        str,
        typer.Argument(
            parser=word("NEW"), metavar="NEW", help="The same; the newest run without it."
        ),
    ] = "reports/latest",
    format_: Annotated[
        DiffFormat, typer.Option("--format", help="For people, or for programs: kscan.diff/v1.")
    ] = DiffFormat.TERMINAL,
    output: opt.Output = None,
) -> None:
    """Compare two saved reports: problems, verdicts, hosts, edges, facts, the cluster and phases.

    Results are the same if host, check and subject are. A problem is gone where it is judged and
    no longer found; where the new report says nothing of it, it is told apart.

    Exit status: 0 if nothing is worse than it was, 3 if something is or all is no longer ready,
    2 if one is no report.
    """
    from contextlib import closing
    from typing import TextIO

    from scanner.cli.document import screen_of, writable, write_document
    from scanner.cli.sources import STDIN, not_over, saved_report
    from scanner.exit_status import ExitStatus
    from scanner.runs.nameless_file import NamelessFile
    from scanner.runs.two_reports import compare

    writable(output)
    not_over(output, old, new)
    if old == new == STDIN:
        raise UsageError("stdin can be one of the two reports, not both")
    with saved_report(old) as before, saved_report(new) as after, closing(NamelessFile()) as file:
        comparison = compare(before, after, file)
        summary = comparison.summary()

        def write(out: TextIO) -> None:
            if format_ is DiffFormat.JSON:
                from scanner.render import diff_json

                diff_json.write(comparison, summary, out)
            else:
                from scanner.render import diff_text

                width, colour = screen_of(out)
                diff_text.write(comparison, summary, out, width=width, colour=colour)

        write_document(write, output)
    raise typer.Exit(ExitStatus.CHECK_FAILED if summary.worse else ExitStatus.READY)
