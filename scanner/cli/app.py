"""The commands of `kscan`, and what becomes of an error that reaches the top."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Iterator
from typing import Annotated

import typer

from scanner import __version__
from scanner.cli.commands.catalogue import checks, explain
from scanner.cli.commands.check import check
from scanner.cli.commands.demo import demo
from scanner.cli.commands.diff import diff
from scanner.cli.commands.evaluate import evaluate
from scanner.cli.commands.fix import fix
from scanner.cli.commands.init import init
from scanner.cli.commands.join import join
from scanner.cli.commands.report import report
from scanner.cli.commands.reset import reset
from scanner.cli.commands.verify import verify
from scanner.cli.dropped import drop_stdout
from scanner.cli.spread import spread
from scanner.cli.tell import say
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


def _add(command: Callable[..., None], example: str) -> None:
    app.command(epilog=f"Example: {example}")(spread(command))


_add(check, "kscan check inventory.yaml --limit 'node[2-40]'")
_add(init, "kscan init inventory.yaml --master node1 --plan")
_add(join, "kscan join node4 'node[7-9]' -i inventory.yaml")
_add(reset, "kscan reset node4 -i inventory.yaml")
_add(evaluate, "kscan evaluate captures/ --kubernetes-version v1.31.0")
_add(report, "kscan report reports/latest --format markdown")
_add(diff, "kscan diff old/report.json reports/latest")
_add(fix, "kscan fix inventory.yaml --output fixes/")
_add(verify, "kscan verify inventory.yaml --smoke")
_add(checks, "kscan checks")
_add(explain, "kscan explain Swap")
_add(demo, "kscan demo")


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
                say(f"kscan: {line}")
        lost = all(isinstance(error, HostUnreachable) for error in errors)
        status = ExitStatus.NOT_KNOWN if lost else ExitStatus.USAGE
    except* OSError as group:
        if not all(getattr(error, "errno", None) == errno.ENOSPC for error in _each(group)):
            raise
        # what was typed has come to an end that no code waits for, such as `--help >/dev/full`
        say(f"kscan: cannot be written: {os.strerror(errno.ENOSPC)}")
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
