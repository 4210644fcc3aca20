"""Ranges in names and addresses: `node[2-40]`, `10.0.[1-2].[01,04,07-09]`.

Several ranges in one word count like digits: the last one runs fastest. Brackets around text with
a colon belong to an IPv6 address, `[2001:db8::1]`, and stay; ranges inside it are expanded.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from scanner.inventory.problems import quoted

MAX_HOSTS = 65_536
"""Words that one range or one whole word may give: a /16."""

_NUMBERS = re.compile(r"[0-9,-]+")
_ITEM = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,15}))?")


def expand(text: str) -> tuple[str, ...]:
    """Give every word that `text` stands for, in order; a word without a range gives itself.

    Raises:
        ValueError: brackets do not match, a range runs backwards, is not made of numbers or gives
            more than 65,536 words.
    """
    return _product(text, _parts(text))


def expand_pattern(text: str) -> tuple[str, ...]:
    """Like `expand`, but brackets that hold no numbers stay as a glob's: `node[ab]`.

    Raises:
        ValueError: as `expand`.
    """
    parts = [
        _items(body) if body is not None and _NUMBERS.fullmatch(body) else (outside,)
        for outside, body in _split(text)
    ]
    return _product(text, parts)


def _product(text: str, parts: list[tuple[str, ...]]) -> tuple[str, ...]:
    total = 1
    for part in parts:
        total *= len(part)
    if total > MAX_HOSTS:
        raise ValueError(f"{quoted(text)} gives {total} values, the most is {MAX_HOSTS}")
    return tuple("".join(words) for words in itertools.product(*parts))


def _parts(text: str) -> list[tuple[str, ...]]:
    parts: list[tuple[str, ...]] = []
    for outside, body in _split(text):
        if body is None:
            parts.append((outside,))
        elif _NUMBERS.fullmatch(body):
            parts.append(_items(body))
        elif ":" in body:
            parts.append(("[",))
            parts.extend(_parts(body))
            parts.append(("]",))
        else:
            raise ValueError(
                f"{quoted(f'[{body}]')} is not a range; expected numbers such as [2-40] or [01,07]"
            )
    return parts


def _split(text: str) -> Iterator[tuple[str, str | None]]:
    """Cut into (text, None) outside and (text with brackets, text between) for each bracket."""
    start = depth = opened = 0
    for position, char in enumerate(text):
        if char == "[":
            if depth == 0:
                yield text[start:position], None
                opened = position
            depth += 1
        elif char == "]":
            depth -= 1
            if depth < 0:
                break
            if depth == 0:
                start = position + 1
                yield text[opened:start], text[opened + 1 : position]
    if depth:
        raise ValueError(f"unbalanced bracket in {quoted(text)}")
    yield text[start:], None


def _items(body: str) -> tuple[str, ...]:
    words: list[str] = []
    for item in body.split(","):
        match = _ITEM.fullmatch(item)
        if match is None:
            raise ValueError(f"{quoted(item)} in [{body[:60]}] is not a number or a range")
        words.extend(_numbers(match[1], match[2] or match[1]))
    return tuple(words)


def _numbers(first: str, last: str) -> Iterator[str]:
    low, high = int(first), int(last)
    if high < low:
        raise ValueError(f"the range [{first}-{last}] runs backwards")
    if high - low >= MAX_HOSTS:
        raise ValueError(
            f"the range [{first}-{last}] gives {high - low + 1} values, the most is {MAX_HOSTS}"
        )
    padded = first.startswith("0") and len(first) > 1
    if last.startswith("0") and len(last) != len(first):
        raise ValueError(f"both ends of [{first}-{last}] need the same number of digits")
    width = len(first) if padded else 0
    return (str(number).zfill(width) for number in range(low, high + 1))
