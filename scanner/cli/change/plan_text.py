"""Where `--plan` goes: stdout, or the file of --output; a plan is text and has no other format."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from scanner.cli.document import Output, write_document
from scanner.errors import UsageError
from scanner.render.base import Format
from scanner.render.harmless import harmless

_LONGEST = 1 << 20
"""Characters of a line, which is there to be read whole."""


def plan_is_text(format_: Format | None, *, plan: bool) -> None:
    """Refuse a format for a plan.

    Raises:
        UsageError: one was asked for.
    """
    if plan and format_ is not None:
        raise UsageError(f"--plan writes text, not --format {format_}: leave --format away")


def write_plan(lines: Iterable[str], output: Output) -> None:
    """Write it, a line each.

    Raises:
        UsageError: it could not be written.
    """

    def write(out: TextIO) -> None:
        out.writelines(f"{harmless(line.expandtabs(4), limit=_LONGEST)}\n" for line in lines)

    write_document(write, output.path)
