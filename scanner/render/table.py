"""A table of text, aligned by tabulate."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tabulate import tabulate

from scanner.render.style import Style

GAP = 2
"""Blanks between columns."""

_COLOUR = re.compile("\x1b\\[[0-9;]*m")


def tabulated(heads: Sequence[str], rows: Sequence[Sequence[str]], style: Style) -> str:
    """Cells may have several lines, and colours.

    The header is made of rows: tabulate's own makes each column two blanks wider.
    """
    if heads:
        dash = "-" if style.ascii_only else "─"
        cells = zip(heads, *rows, strict=True)
        rows = [heads, [dash * max(map(visible, column)) for column in cells], *rows]
    text = tabulate(rows, tablefmt="plain", disable_numparse=True, preserve_whitespace=True)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def visible(cell: str) -> int:
    """Columns that a cell takes."""
    return max(map(len, _COLOUR.sub("", cell).split("\n")))
