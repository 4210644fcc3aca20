"""Lines on stderr for the user, who may have gone."""

from __future__ import annotations

from contextlib import suppress

import typer

from scanner.render.harmless import harmless


def tell(line: str) -> None:
    """Say one line in which words of hosts may be."""
    say(f"kscan: {harmless(line)}")


def say(text: str, *, nl: bool = True) -> None:
    """Say it, if anybody can still hear it.

    A terminal that was closed, `2>&1 | head` and a full disk must not end what changes hosts in the
    middle: journal, report and exit status say the same.

    Args:
        text: made harmless.
        nl: a newline ends it.
    """
    with suppress(OSError):
        typer.echo(text, err=True, nl=nl)
