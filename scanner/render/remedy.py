"""What to do about a problem, as a sentence with code in it and as commands to copy."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODE = re.compile(r"`([^`]+)`")


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
    """The code that has words behind its first: what a reader would run, each once."""
    found = (match[1] for match in _CODE.finditer(remedy))
    return tuple(dict.fromkeys(code for code in found if " " in code.strip()))
