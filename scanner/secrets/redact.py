"""The one redactor: what a host, a library or a message repeats of a secret is cut out of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from scanner.secrets.secret import MASK, Secret

SHORTEST = 4
"""Characters of a secret that can be told from ordinary words; a run with a shorter one says so."""

T = TypeVar("T")


class Redactor:
    """Replaces the values of secrets, the longest first, because one may be part of another."""

    def __init__(self, secrets: Iterable[Secret] = ()) -> None:
        values = {secret.reveal() for secret in secrets}
        words = sorted((v for v in values if len(v) >= SHORTEST), key=len, reverse=True)
        pattern = "|".join(map(re.escape, words))
        self._text = re.compile(pattern) if pattern else None
        self._data = re.compile(pattern.encode()) if pattern else None
        quoted = "|".join(re.escape(json.dumps(word, ensure_ascii=False)[1:-1]) for word in words)
        self._json = re.compile(quoted.encode()) if quoted else None

    def text(self, text: str) -> str:
        """The text without secrets."""
        return text if self._text is None else self._text.sub(MASK, text)

    def data(self, data: bytes) -> bytes:
        """The same for what was not decoded yet."""
        return data if self._data is None else self._data.sub(MASK.encode(), data)

    def is_needed(self, document: bytes) -> bool:
        """True if a JSON document has a secret in it: looking is much cheaper than `value`."""
        return self._json is not None and self._json.search(document) is not None

    def value(self, value: T) -> T:
        """A value with every text in it redacted: dataclasses, maps, lists and tuples of them."""
        return value if self._text is None else cast("T", self._any(value))

    def _any(self, value: Any) -> Any:  # it walks over values of every type
        if type(value) is str:  # an enum's member is a name of ours
            return self.text(value)
        if isinstance(value, dict):
            return {self._any(key): self._any(item) for key, item in value.items()}
        if isinstance(value, list | tuple | frozenset):
            return type(value)(self._any(item) for item in value)
        if is_dataclass(value) and not isinstance(value, type):
            names = [field.name for field in fields(value) if field.init]
            return replace(value, **{name: self._any(getattr(value, name)) for name in names})
        return value


_NOTHING = Redactor()
_CURRENT: ContextVar[Redactor] = ContextVar("redactor", default=_NOTHING)


@contextmanager
def redacting(redactor: Redactor) -> Iterator[None]:
    """Make it the redactor of this block and of every task that is started in it."""
    token = _CURRENT.set(redactor)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def redactor() -> Redactor:
    """The one of this run."""
    return _CURRENT.get()
