"""Text of hosts inside Markdown: nothing in it acts, whichever of its dialects reads it.

GitHub's, GitLab's and plain CommonMark make something of `<`, `|`, `*`, `_`, `@name`, `#12`,
`:word:`, addresses of pages and long hexadecimal numbers, and do so after backslashes and entities
are resolved. Nothing of that happens inside code, so each word that has anything but letters,
digits and a few marks is shown as code; the words between stay readable.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from scanner.render.harmless import harmless

LONGEST = 1_000
"""Characters of one value."""
_NAME = 100
"""Characters of one of several names."""

_PLAIN = re.compile(r"\(?[A-Za-z0-9]+(?:[.,/'-][A-Za-z0-9]+)*[),.;:?]*|[=(-]|[),.;:?]{1,3}")
"""A word that no dialect makes anything of; the marks stand between words only."""
_ACTS = re.compile(r"(?i)www\.|gh-[0-9]|[0-9a-f]{7}")
_TICKS = re.compile(r"`+")


def prose(text: str, *, ascii_only: bool = False) -> str:
    """A sentence; its own `code` stays code, and it begins no list, heading or quotation."""
    shown = harmless(text, limit=LONGEST, ascii_only=ascii_only).strip(" ")
    written = ""
    for is_code, pieces in groupby(
        filter(operator.itemgetter(1), _pieces(shown)), key=operator.itemgetter(0)
    ):
        joined = "".join(piece for _, piece in pieces)
        # what follows a code span at once would end it elsewhere, so neighbours became one
        written += code(joined) if is_code else joined
    return written


def code(text: str, *, limit: int = LONGEST, ascii_only: bool = False) -> str:
    """Text as it is, in a table too: a `|` is shown as harmless() shows what is hidden."""
    shown = harmless(text, limit=limit, ascii_only=ascii_only).replace("|", "\\x7c")
    if not shown.strip(" "):
        return shown
    fence = "`" * (1 + max(map(len, _TICKS.findall(shown)), default=0))
    room = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{fence}{room}{shown}{room}{fence}"


def codes(names: Iterable[str], most: int, *, ascii_only: bool = False) -> str:
    """Names in a sentence; of too many, how many more there are."""
    words = list(names)
    shown = ", ".join(code(word, limit=_NAME, ascii_only=ascii_only) for word in words[:most])
    return shown + (f" and {len(words) - most:,} more" if len(words) > most else "")


def _pieces(shown: str) -> Iterator[tuple[bool, str]]:
    """(is code, text) in order; empty ones are left out."""
    parts = shown.split("`") if shown.count("`") % 2 == 0 else [shown]
    first = True
    for number, part in enumerate(parts):
        if part:
            yield from [(True, part)] if number % 2 else _words(part, first=first)
            first = False


def _words(part: str, *, first: bool) -> Iterator[tuple[bool, str]]:
    before_is_code = False
    for place, word in enumerate(part.split(" ")):
        is_code = bool(word) and not _is_plain(word, first=first and not place)
        if place:
            yield before_is_code and is_code and not word.startswith("("), " "
        lead, body, tail = _parts(word) if is_code else ("", word, "")
        yield from ((False, lead), (is_code, body), (False, tail))
        before_is_code = is_code and not tail


def _parts(word: str) -> tuple[str, str, str]:
    """The marks of a sentence round a word: `(`, the word, `),`."""
    body = word.removeprefix("(")
    marks = ",.;:?" if "(" in body else ",.;:?)"
    bare = body.rstrip(marks)
    return (word[: len(word) - len(body)], bare, body[len(bare) :]) if bare else ("", word, "")


def _is_plain(word: str, *, first: bool) -> bool:
    if first and not (word[0].isalpha() or word[0] == "(" or word.isdecimal()):
        return False  # `1.` or `-` would begin a list
    return _PLAIN.fullmatch(word) is not None and _ACTS.search(word) is None
