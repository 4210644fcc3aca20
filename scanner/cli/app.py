"""The commands of `kscan`, and what becomes of an error that reaches the top."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from scanner import __version__
from scanner.cli.catalogue import checks, explain
from scanner.cli.check import check
from scanner.cli.demo import demo
from scanner.cli.diff import diff
from scanner.cli.dropped import drop_stdout
from scanner.cli.evaluate import evaluate
from scanner.cli.fix import fix
from scanner.cli.init import init
from scanner.cli.join import join
from scanner.cli.report import report
from scanner.cli.reset import reset
from scanner.cli.verify import verify
from scanner.errors import HostUnreachable, KscanError
from scanner.exit_status import ExitStatus

app = typer.Typer(
    name="kscan",
    help="kubeadm's preflight checks on many hosts at once, over SSH, without an agent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain help: importing rich for it would take a third of the time that it has.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(epilog="Example: kscan check inventory.yaml --limit 'node[2-40]'")(check)
app.command(epilog="Example: kscan init inventory.yaml --master node1 --plan")(init)
app.command(epilog="Example: kscan join node4 'node[7-9]' -i inventory.yaml")(join)
app.command(epilog="Example: kscan reset node4 -i inventory.yaml")(reset)
app.command(epilog="Example: kscan evaluate captures/ --kubernetes-version v1.31.0")(evaluate)
app.command(epilog="Example: kscan report reports/latest --format markdown")(report)
app.command(epilog="Example: kscan diff old/report.json reports/latest")(diff)
app.command(epilog="Example: kscan fix inventory.yaml --output fixes/")(fix)
app.command(epilog="Example: kscan verify inventory.yaml --smoke")(verify)
app.command(epilog="Example: kscan checks")(checks)
app.command(epilog="Example: kscan explain Swap")(explain)
app.command(epilog="Example: kscan demo")(demo)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"kscan {__version__}")
        raise typer.Exit


@app.callback()
def kscan(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Hold the options that stand before a command."""


def run() -> None:
    """Run the command line; what the user can get wrong ends in one line and exit status 2.

    A host that was lost on the way ends in one line too, and 4.
    """
    status = None
    try:
        app()
    except* KscanError as group:
        errors = (*_each(group),)
        for error in errors:
            for line in str(error).splitlines():
                typer.echo(f"kscan: {line}", err=True)
        lost = all(isinstance(error, HostUnreachable) for error in errors)
        status = ExitStatus.NOT_KNOWN if lost else ExitStatus.USAGE
    except* OSError as group:
        if not all(getattr(error, "errno", None) == errno.ENOSPC for error in _each(group)):
            raise
        # what was typed has come to an end that no code waits for, such as `--help >/dev/full`
        typer.echo(f"kscan: cannot be written: {os.strerror(errno.ENOSPC)}", err=True)
        drop_stdout()
        status = ExitStatus.USAGE
    if status is not None:
        sys.exit(status)


def _each(error: BaseException) -> Iterator[BaseException]:
    """An error, or those in a group of tasks."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _each(inner)
    else:
        yield error
