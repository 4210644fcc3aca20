"""The documents of a file of YAML, as far as kscan looks into one that it passes on: its top level.

It is built on the parser's events: composing would recurse as deep as the text is nested, and end
the process where that is deep enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import yaml

_DEEPEST = 100
"""More than the inventory allows, as schemas of custom resources nest; an estimate."""
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Root(StrEnum):
    """What a document is, in words."""

    MAP = "a map"
    LIST = "a list"
    WORD = "one value"


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One that holds more than comments."""

    line: int
    """Of the file, counted from 1."""
    root: Root
    fields: Mapping[str, str | None] = field(default_factory=dict)
    """The keys of a map's top level; None = the value is no word, or nothing at all."""
    open: bool = False
    """A merge key or an alias is on its top level, so that fields may not be all that is there."""


class NotReadableError(ValueError):
    """The text is no YAML, or none that Kubernetes' programs read."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.line = line

    def at(self, source: str) -> str:
        """The line for the user."""
        return f"{source}{f':{self.line}' if self.line else ''}: {self}"


def read_documents(text: str) -> tuple[YamlDocument, ...]:
    """Read all documents that are not empty.

    Raises:
        NotReadableError: at the first thing that is wrong.
    """
    found = []
    try:
        events = iter(yaml.parse(text, Loader=_LOADER))
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                document = _document(events)
                if document is not None:
                    found.append(document)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it cannot be read"
        raise NotReadableError(f"not YAML: {problem}", where and where.line + 1) from None
    return tuple(found)


def _document(events: Iterator[yaml.Event]) -> YamlDocument | None:
    first = next(events)
    line = _line(first)
    if isinstance(first, yaml.ScalarEvent):
        return None if not first.style and first.value in _NULLS else YamlDocument(line, Root.WORD)
    if not isinstance(first, yaml.MappingStartEvent):
        _skip(first, events, 0)
        return YamlDocument(line, Root.LIST)
    fields: dict[str, str | None] = {}
    is_open = False
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        name = _key(key)
        value = next(events)
        is_open = is_open or name == "<<" or isinstance(value, yaml.AliasEvent)
        fields[name] = _word(value)
        _skip(value, events, 1)
    return YamlDocument(line, Root.MAP, fields, is_open)


def _skip(first: yaml.Event, events: Iterator[yaml.Event], depth: int) -> None:
    """Go to the end of a value; what has begun in it stands on a list and not on the stack."""
    maps: list[bool] = []
    keys: list[bool] = []
    event = first
    while True:
        ends = isinstance(event, yaml.CollectionEndEvent)
        if maps and maps[-1] and not ends:
            if keys[-1]:
                _key(event)
            keys[-1] = not keys[-1]
        if isinstance(event, yaml.CollectionStartEvent):
            if depth + len(maps) >= _DEEPEST:
                message = f"nested deeper than {_DEEPEST} levels"
                raise NotReadableError(message, _line(event))
            maps.append(isinstance(event, yaml.MappingStartEvent))
            keys.append(True)
        elif ends:
            maps.pop()
            keys.pop()
        if not maps:
            return
        event = next(events)


def _key(event: yaml.Event) -> str:
    if isinstance(event, yaml.ScalarEvent):
        return str(event.value)
    raise NotReadableError(
        "a key that is no word; what a template stands for has to be filled in first, and a value "
        "with { or [ needs quotes",
        _line(event),
    )


def _word(event: yaml.Event) -> str | None:
    if not isinstance(event, yaml.ScalarEvent) or (not event.style and event.value in _NULLS):
        return None
    return str(event.value)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
