"""Paths of the command line; an empty one is a variable of the shell that is not set.

To pathlib it would be the working directory, and for an inventory the one that lies there: `kscan
reset node4 -i "$INVENTORY"` must not find another cluster's.
"""

from __future__ import annotations

from pathlib import Path

import typer


def path(text: str) -> Path:
    """Of a file or directory.

    Raises:
        BadParameter: it is empty.
    """
    return Path(word(text))


def word(text: str) -> str:
    """The same as it was typed, for what may also be `-` or a name.

    Raises:
        BadParameter: it is empty.
    """
    if not text:
        raise typer.BadParameter("expected a path, and there is nothing: is a variable not set?")
    return text
