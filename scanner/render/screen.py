"""The screen that the terminal's format is written for, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Layout(StrEnum):
    """How much of the terminal's format is shown."""

    FITTING = "fitting"
    """What the screen's width has room for."""
    WIDE = "wide"
    """One matrix with every column, and no list of names cut: for `less -S` and wide screens."""
    COMPACT = "compact"
    """No matrix, a line or two for each problem."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What the terminal's format has to know; the others do not care."""

    width: int = 80
    """Columns."""
    colour: bool = False
    only_failing: bool | None = None
    """None: above 12 hosts."""
    layout: Layout = Layout.FITTING
