"""The `name=value` lines that every section prints."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from scanner.facts.base import ParseError

_NUMBER = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Fields:
    """The values of each name, in the order of their lines; lines without `=` are no fields."""

    values: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, text: str) -> Fields:
        """Read a section's text."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for line in text.split("\n"):
            name, equals, value = line.partition("=")
            if equals:
                found[name].append(value)
        return cls({name: tuple(values) for name, values in found.items()})

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a name; empty if it was not printed."""
        return self.values.get(name, ())

    def one(self, name: str) -> str:
        """The last value of a name.

        Raises:
            ParseError: it was not printed.
        """
        values = self.values.get(name)
        if not values:
            raise ParseError(f"no {name!r} in the answer")
        return values[-1]

    def get(self, name: str, default: str = "") -> str:
        """The last value of a name, or the default."""
        return self.values.get(name, (default,))[-1]

    def number(self, name: str) -> int:
        """The last value of a name as a whole number.

        Raises:
            ParseError: it was not printed or is no number.
        """
        value = self.one(name)
        if not _NUMBER.fullmatch(value):
            raise ParseError(f"{name} is {value[:40]!r}, not a whole number")
        return int(value)
