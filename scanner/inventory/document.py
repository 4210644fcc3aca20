"""An inventory file as plain values that remember their lines; nothing is validated yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from scanner.inventory.problems import Loc, Problem, path_text

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"
"""None is an unquoted `~`, `null` or nothing at all: not given."""


@dataclass(frozen=True, slots=True)
class Document:
    """One inventory file as it was written."""

    source: str
    """The file as the user named it."""
    data: dict[str, Plain]
    lines: Mapping[Loc, int]
    problems: tuple[Problem, ...] = ()
    """What is wrong but does not keep the rest from being read."""

    def problem(self, loc: Loc, message: str) -> Problem:
        """Say what is wrong at a place; a missing key is reported on its map's line."""
        return Problem(self.source, message, path_text(loc), self.line(loc))

    def line(self, loc: Loc) -> int:
        """The line of a place or of the nearest place around it."""
        return next(
            (self.lines[loc[:end]] for end in range(len(loc), 0, -1) if loc[:end] in self.lines), 1
        )
