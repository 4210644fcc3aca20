"""A password or passphrase: where it is, and its value once that was read; shown to nobody."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

MASK = "***"


class Kind(StrEnum):
    """Where a secret is kept."""

    ENV = "env"
    FILE = "file"
    PROMPT = "prompt"


@dataclass(frozen=True, slots=True)
class Source:
    """A reference to a secret; equal for those that are read once for all."""

    kind: Kind
    name: str
    """The variable, the path, or what the user is asked for, such as `SSH password`."""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.kind is not Kind.PROMPT else self.name


class Secret:
    """A secret by its reference; `reveal` gives the value, nothing else does.

    It cannot be turned into JSON, pickled or compared with text, and prints as its reference.

    Args:
        source: where it is.
        value: what was read there; None while nothing was.
    """

    __slots__ = ("_value", "source")

    def __init__(self, source: Source, value: str | None = None) -> None:
        self.source = source
        self._value = value

    @classmethod
    def at(cls, kind: Kind, name: str) -> Secret:
        """One that was not read yet."""
        return cls(Source(kind, name))

    def reveal(self) -> str:
        """The value, for the one who needs it.

        Raises:
            LookupError: a bug: it was not read.
        """
        if self._value is None:
            raise LookupError(f"the secret {self.source} was not read")
        return self._value

    @property
    def is_read(self) -> bool:
        """True if there is a value."""
        return self._value is not None

    def __repr__(self) -> str:
        return f"Secret({self.source}, {MASK if self.is_read else 'not read'})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        same = hmac.compare_digest((self._value or "").encode(), (other._value or "").encode())
        return same and self.source == other.source and self.is_read == other.is_read

    def __hash__(self) -> int:
        return hash(self.source)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, _memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never written anywhere")
