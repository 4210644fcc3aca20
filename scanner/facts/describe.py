"""Facts as plain JSON values for the report's `facts{}`."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import fields, is_dataclass
from enum import Enum

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
    plain: object
    match value:
        case Enum():
            plain = value.value
        case None | bool() | int() | float() | str():
            plain = value
        case Mapping():
            plain = {str(key): _plain(item) for key, item in sorted(value.items())}
        case AbstractSet():
            plain = sorted((_plain(item) for item in value), key=str)
        case tuple() | list():
            plain = [_plain(item) for item in value]
        case _ if is_dataclass(value):
            plain = {
                camel(field.name): _plain(getattr(value, field.name)) for field in fields(value)
            }
        case _:
            plain = str(value)  # versions
    return plain
