"""A question before something is changed, answered on a terminal or by --yes."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import typer

from scanner.errors import UsageError
from scanner.exit_status import ExitStatus

YES = frozenset({"yes", "y"})


def ask(lines: Iterable[str], question: str, expected: frozenset[str], *, yes: bool) -> None:
    """Show the lines on stderr and go on only if the answer is expected.

    Args:
        lines: what is about to be done.
        question: ends without a newline.
        expected: the answers that mean yes, in lower case.
        yes: it was answered on the command line.

    Raises:
        UsageError: the answer is another one, or there is no terminal to ask on.
        Exit: Ctrl-C.
    """
    for line in lines:
        typer.echo(line, err=True)
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("nothing was changed: without a terminal to ask on say --yes, or --plan")
    if _answer(question) not in expected:
        raise UsageError("nothing was changed, as answered")


def says_yes(question: str) -> bool:
    """Ask on stderr; only a whole yes is one.

    Raises:
        Exit: Ctrl-C.
    """
    return _answer(f"{question} [yes/no]") in YES


def _answer(question: str) -> str:
    typer.echo(f"{question} ", err=True, nl=False)
    try:
        return sys.stdin.readline().strip().lower()
    except KeyboardInterrupt:
        typer.echo(err=True)
        raise typer.Exit(ExitStatus.INTERRUPTED) from None
