"""Host names -> short text: `node[2-40]`, the inverse of an inventory's ranges."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_NUMBER = re.compile(r"[0-9]{1,15}")
"""As many digits as an inventory's range takes."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A name with a hole where one of its numbers stands."""

    before: str
    after: str


def fold(names: Iterable[str]) -> tuple[str, ...]:
    """Write names that differ in one number as one word.

    Each word expands (`scanner.inventory.ranges.expand`) to the names it stands for; together
    they give every name once. Words stand where the first of their names stood.
    """
    once = tuple(dict.fromkeys(names))
    common = Counter(place for name in once for place, _ in _places(name))
    words: dict[_Place | str, list[str]] = {}
    for name in once:
        # of equally common places the last number wins: `rack1-node2`
        best = max(reversed(list(_places(name))), key=lambda item: common[item[0]], default=None)
        if best is None or common[best[0]] == 1:
            words[name] = []
        else:
            words.setdefault(best[0], []).append(best[1])
    return tuple(_word(place, numbers) for place, numbers in words.items())


def _places(name: str) -> Iterator[tuple[_Place, str]]:
    if "[" in name or "]" in name:
        return
    for match in _NUMBER.finditer(name):
        yield _Place(name[: match.start()], name[match.end() :]), match[0]


def _word(place: _Place | str, numbers: Sequence[str]) -> str:
    if isinstance(place, str):
        return place
    if len(numbers) == 1:
        return f"{place.before}{numbers[0]}{place.after}"
    return f"{place.before}[{','.join(_runs(numbers))}]{place.after}"


def _runs(numbers: Sequence[str]) -> Iterator[str]:
    ordered = sorted(numbers, key=lambda text: (int(text), text))
    first = last = ordered[0]
    for number in [*ordered[1:], ""]:
        if number and number == str(int(last) + 1).zfill(len(last)):
            last = number
            continue
        if first == last:
            yield first
        else:
            yield f"{first},{last}" if int(last) - int(first) == 1 else f"{first}-{last}"
        first = last = number
