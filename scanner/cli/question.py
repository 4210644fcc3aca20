"""A question before something is done on hosts; only a whole yes goes on."""

from __future__ import annotations

import sys

import typer

from scanner.exit_status import ExitStatus


def says_yes(question: str) -> bool:
    """Ask on stderr, read a line of stdin.

    Raises:
        Exit: Ctrl-C.
    """
    typer.echo(f"{question} [yes/no] ", err=True, nl=False)
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        typer.echo(err=True)
        raise typer.Exit(ExitStatus.INTERRUPTED) from None
    return answer.strip().lower() in {"yes", "y"}
