"""A question before something is changed, answered on a terminal or by --yes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterable

import typer

from scanner.cli.tell import say
from scanner.errors import UsageError
from scanner.exit_status import ExitStatus

YES = frozenset({"yes", "y"})


def ask(
    lines: Iterable[str], question: str, expected: frozenset[str], *, yes: bool, but: str = ""
) -> None:
    """Show the lines on stderr and go on only if the answer is expected.

    Args:
        lines: what is about to be done.
        question: ends without a newline.
        expected: the answers that mean yes, in lower case.
        yes: it was answered on the command line.
        but: what was changed before in the same run, as `but_undone` says it.

    Raises:
        UsageError: the answer is another one, or there is no terminal to ask on.
        Exit: Ctrl-C.
    """
    try:
        for line in lines:
            typer.echo(line, err=True)
        is_shown = True
    except OSError:  # a terminal that was closed
        is_shown = False
    if yes:
        return
    if not is_shown or not can_ask():
        raise UsageError(
            f"nothing was changed{but}: without a terminal to ask on say --yes, or --plan"
        )
    if _answer(question, but) not in expected:
        raise UsageError(f"nothing was changed, as answered{but}")


def says_yes(question: str) -> bool:
    """Ask on stderr; only a whole yes is one.

    Raises:
        Exit: Ctrl-C.
    """
    return _answer(f"{question} [yes/no]") in YES


def can_ask() -> bool:
    """True if there is a terminal to ask on, and one to answer from."""
    # Python's word for a closed one is None, whatever its type says
    streams = vars(sys)
    return all(streams[name] is not None and streams[name].isatty() for name in ("stdin", "stderr"))


def read_line() -> str:
    """A line of stdin; empty at its end, and for bytes that are no text of the terminal's."""
    try:
        return sys.stdin.readline()
    except UnicodeDecodeError:
        return ""


def _answer(question: str, but: str = "") -> str:
    say(f"{question} ", nl=False)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return read_line().strip().lower()
    except KeyboardInterrupt:
        say(f"\nkscan: interrupted: nothing was changed on any host{but}")
        raise typer.Exit(ExitStatus.INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGINT, before)
