"""Paths of the command line; an empty one is a variable of the shell that is not set.

To pathlib it would be the working directory, and for an inventory the one that lies there: `kscan
reset node4 -i "$INVENTORY"` must not find another cluster's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from scanner.errors import UsageError


def path(name: str) -> Callable[[str], Path]:
    """The parser of an option or an argument that is a path.

    Args:
        name: as the user knows it.
    """
    checked = word(name)
    return lambda text: Path(checked(text))


def word(name: str) -> Callable[[str], str]:
    """The same for what may also be `-` or a name, and is taken as it was typed."""

    def checked(text: str) -> str:
        if not text:
            raise UsageError(
                f"{name}: expected a path, and there is nothing: is a variable not set?"
            )
        return text

    return checked
