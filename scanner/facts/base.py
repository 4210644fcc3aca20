"""How facts are held and asked for, and the two ways in which they can be absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class ParseError(ValueError):
    """A section's text is not what its command prints; the message says what was found."""


class FactMissing(Exception):
    """A rule asked for a fact that this host did not give; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What one host told us: `facts[Cpu]` is a Cpu, or raises FactMissing with the reason."""

    groups: Mapping[type[object], object]
    missing: Mapping[type[object], str]

    def __getitem__(self, kind: type[T]) -> T:
        value = self.groups.get(kind)
        if isinstance(value, kind):
            return value
        raise FactMissing(self.missing.get(kind, f"{kind.__name__} was not collected"))

    def get(self, kind: type[T]) -> T | None:
        """The fact, or None where its absence changes nothing that is judged (labels, notes)."""
        value = self.groups.get(kind)
        return value if isinstance(value, kind) else None
