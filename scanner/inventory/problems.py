"""One line for each thing that is wrong, safe to print whatever the file holds."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from scanner.errors import InventoryError

Loc: TypeAlias = tuple[str | int, ...]
"""Where a value stands: keys and list indices from the root, such as ("hosts", 3, "roles", 0)."""

_SHOWN = 60
"""Characters of a value that a message repeats."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One line of an InventoryError."""

    source: str
    """The file as the user named it, or the option."""
    message: str
    place: str = ""
    """Path inside the file, such as `hosts[3].roles[0]`."""
    line: int | None = None
    """Counted from 1."""
    column: int | None = None
    """Counted from 1; only where it helps, which is where the text is not YAML."""

    def __str__(self) -> str:
        where = [self.source, *(str(part) for part in (self.line, self.column) if part)]
        return printable(": ".join(filter(None, (":".join(where), self.place, self.message))))


class Failure(InventoryError):
    """An InventoryError that still knows its problems one by one."""

    def __init__(self, message: str, problems: tuple[Problem, ...]) -> None:
        super().__init__(message)
        self.problems = problems


def failure(problems: Iterable[Problem]) -> Failure:
    """Put all problems into one exception: file by file, in the order of lines, and each once."""
    found = tuple(problems)
    sources = list(dict.fromkeys(problem.source for problem in found))
    ordered = sorted(found, key=lambda problem: (sources.index(problem.source), problem.line or 0))
    return Failure("\n".join(dict.fromkeys(map(str, ordered))), tuple(ordered))


def path_text(loc: Loc) -> str:
    """Write a place as users write it: `hosts[3].roles[0]`."""
    text = ""
    for part in loc:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


def printable(text: str) -> str:
    r"""Escape what a terminal would obey: control characters, bidi marks, lone surrogates."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in text
    )


def quoted(text: str) -> str:
    """Show a value from the file in quotes, cut to 60 characters."""
    if len(text) > _SHOWN:
        return repr(text[:_SHOWN]) + "..."
    return repr(text)


def one_of(words: Iterable[str]) -> str:
    """Join to `a, b or c`."""
    *rest, last = words
    return f"{', '.join(rest)} or {last}" if rest else last


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Name the nearest known word, or all of them if none is near."""
    names = {name.lower(): name for name in known}
    if not names:
        return "there are none"
    near = difflib.get_close_matches(word.lower()[:_SHOWN], names, n=1)
    return f"did you mean {near[0] and names[near[0]]!r}?" if near else some_of(names.values())


def some_of(words: Iterable[str], shown: int = 12) -> str:
    """List what there is, `expected one of a, b, c and 40 more`."""
    names = list(words)
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return f"expected one of {', '.join(names[:shown])}{more}"
