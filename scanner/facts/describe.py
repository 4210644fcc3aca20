"""Facts as plain JSON values for the report's `facts{}`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from scanner.facts import PARSERS
from scanner.facts.base import Facts
from scanner.json_names import camel


def describe(facts: Facts) -> dict[str, object]:
    """Section name -> its fact, or `{"missing": reason}`; sets are sorted, names are camelCase."""
    described: dict[str, object] = {}
    for name, kind, _parse in PARSERS:
        if kind in facts.groups:
            described[name] = _plain(facts.groups[kind])
        else:
            described[name] = {"missing": facts.missing.get(kind, "not collected")}
    return described


def _plain(value: object) -> object:
    plain = _PLAIN.get(type(value))
    if plain is None:
        plain = _PLAIN[type(value)] = _way_of(value)
    return plain(value)


def _way_of(value: object) -> Callable[[Any], object]:
    """How all values of this one's type are made plain; asked once for each type."""
    way: Callable[[Any], object]
    match value:
        case Enum():
            way = _enum
        case None | bool() | int() | float() | str():
            way = _itself
        case Mapping():
            way = _mapping
        case AbstractSet():
            way = _set
        case tuple() | list():
            way = _sequence
        case _ if is_dataclass(value):
            way = _names_of(tuple(field.name for field in fields(value)))
        case _:
            way = str  # versions
    return way


def _itself(value: object) -> object:
    return value


def _enum(value: Enum) -> object:
    return value.value


def _mapping(value: Mapping[Any, object]) -> object:
    return {str(key): _plain(item) for key, item in sorted(value.items())}


def _set(value: AbstractSet[object]) -> object:
    return sorted((_plain(item) for item in value), key=str)


def _sequence(value: Iterable[object]) -> object:
    return [_plain(item) for item in value]


def _names_of(names: tuple[str, ...]) -> Callable[[object], object]:
    written = tuple((name, camel(name)) for name in names)

    def describe_fields(value: object) -> object:
        return {camel_name: _plain(getattr(value, name)) for name, camel_name in written}

    return describe_fields


_PLAIN: dict[type, Callable[[Any], object]] = {}
