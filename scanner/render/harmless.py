"""What came from a host, made safe to show: it neither acts on a terminal nor misleads a reader."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 600
"""Characters of one value; a sentence of ours is shorter, a hostile one is not."""

_PLAIN = re.compile(r"[ -~]*\Z")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs", "Me"})
"""Unicode categories without a glyph of their own: controls, bidi and zero-width marks, blanks."""
_MARKS = 3
"""Combining marks on one letter; more of them paint over the lines above and below."""


def harmless(text: str, *, limit: int = LONGEST, ascii_only: bool = False) -> str:
    r"""Show hidden characters as Python escapes (`\x1b`, `\u202e`) and cut what is too long.

    Args:
        text: anything.
        limit: characters of `text` that are shown; the rest is counted, `... (+123)`.
        ascii_only: escape everything beyond ASCII, for streams that cannot take it.
    """
    rest = len(text) - limit
    if rest > 0:
        text = text[:limit]
    if not _PLAIN.match(text):
        text = "".join(_shown(text, ascii_only))
    return f"{text}... (+{rest})" if rest > 0 else text


def _shown(text: str, ascii_only: bool) -> list[str]:
    shown: list[str] = []
    marks = 0
    for char in text:
        category = "" if char == " " else unicodedata.category(char)
        marks = marks + 1 if category == "Mn" else 0
        hidden = category in _HIDDEN or marks > _MARKS or (ascii_only and not char.isascii())
        shown.append(char.encode("unicode_escape").decode("ascii") if hidden else char)
    return shown
