"""`kscan report`: a saved report in any format."""

from __future__ import annotations

from typing import Annotated

import typer

from scanner.cli import options as opt
from scanner.cli.paths import word
from scanner.render.base import Format


def report(
    file: Annotated[
        str,
        typer.Argument(
            parser=word("FILE"),
            metavar="FILE",
            help="A report.json, a directory with one in it, or `-` for stdin; the newest run "
            "without it.",
        ),
    ] = "reports/latest",
    format_: Annotated[
        Format, typer.Option("--format", help="What to make of it.")
    ] = Format.TERMINAL,
    output: opt.Output = None,
    show_all: opt.All = None,
    wide: opt.Wide = None,
) -> None:
    """Show a saved report again, in any format; no host is asked anything.

    Exit status: 0 when it is written, whatever it says of the hosts; 2 when it is no report.
    """
    from scanner.cli.document import Output, writable, write_report
    from scanner.cli.sources import not_over, saved_report

    writable(output)
    not_over(output, file)
    with saved_report(file) as saved:
        write_report(saved, Output(format_, output, show_all, wide=wide))
