"""What to do about a problem, as a sentence with code in it and as commands to copy."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODE = re.compile(r"`([^`]+)`")
_RUN = re.compile(r"Run (`[^`]+`(?:(?:,? and|,? then|, and then) `[^`]+`)*)(?:[.;:](?: |$)|$)")
_TO_FILL_IN = re.compile(r"\b[A-Z]{3,}\b|[<{]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the sentence."""

    text: str
    is_code: bool


def pieces(remedy: str) -> tuple[Piece, ...]:
    """Split at backticks; all the texts together are the remedy without them."""
    parts = _CODE.split(remedy)
    return tuple(Piece(text, bool(n % 2)) for n, text in enumerate(parts) if text)


def commands(remedy: str) -> tuple[str, ...]:
    """What mends by itself, each once: the remedy is `Run` and commands up to its first stop.

    Where more is to be done, or something is to be filled in, copying would be half of it.
    """
    found = _RUN.match(remedy)
    codes = _CODE.findall(found[1]) if found else []
    whole = all(" " in code.strip() and not _TO_FILL_IN.search(code) for code in codes)
    return tuple(dict.fromkeys(codes)) if whole else ()
