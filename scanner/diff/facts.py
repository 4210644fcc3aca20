"""What a host has told, old against new, but for what differs whenever one asks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_MISSING = "missing"
"""The one key of a fact that could not be learnt, with the reason."""
VOLATILE = re.compile(
    r"clock\.(seconds|resolution)|storage\.volumes\..*\.(freeBytes|freeInodes)", re.DOTALL
)
"""Paths of what is another value in each run."""


@dataclass(frozen=True, slots=True)
class FactChange:
    """One value that is not what it was."""

    fact: str
    """The names on the way to it, with dots: `kernel.release`."""
    before: Any
    """None if there was none."""
    after: Any


def compare_facts(
    old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterator[FactChange]:
    """The changes by name; nothing where one of the two has told nothing at all."""
    if old is None or new is None:
        return
    for name in sorted({*old, *new}):
        yield from _compare(name, old.get(name), new.get(name))


def _compare(path: str, old: Any, new: Any) -> Iterator[FactChange]:
    if old == new or VOLATILE.fullmatch(path):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not _lost(old) and not _lost(new):
        for name in sorted({*old, *new}):
            yield from _compare(f"{path}.{name}", old.get(name), new.get(name))
    else:
        yield FactChange(path, _short(old), _short(new))


def _lost(value: Mapping[str, Any]) -> bool:
    return value.keys() == {_MISSING}


def _short(value: Any) -> Any:
    """A whole fact that is there beside one that is not is only said to be there."""
    return "known" if isinstance(value, Mapping) and not _lost(value) else value
