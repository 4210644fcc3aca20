"""pydantic's errors in the user's words; nothing here shows a value, only the converters do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from scanner.inventory.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    from scanner.inventory.nodes import Document

_LISTS = frozenset({"tuple_type", "list_type"})
_MAPS = frozenset({"dict_type", "model_type", "model_attributes_type"})


def problems(
    error: ValidationError, document: Document, root: type[BaseModel]
) -> Iterator[Problem]:
    """Give one problem for each of the error's details.

    Args:
        error: what validation raised.
        document: the inventory, for the lines.
        root: the model that was validated, for the known keys.
    """
    schema = root.model_json_schema()
    for details in error.errors(include_url=False, include_input=True):
        loc = tuple(part for part in details["loc"] if part != "[key]")
        yield document.problem(loc, _message(details, loc, schema))


def _message(details: ErrorDetails, loc: Loc, schema: Mapping[str, Any]) -> str:
    kind = details["type"]
    if kind == "value_error":
        return str(details["ctx"]["error"])
    if kind == "extra_forbidden":
        known = _properties(schema, loc[:-1])
        return f"unknown key, {did_you_mean(str(loc[-1]), known)}"
    if loc == ("hosts",) and kind in ("missing", "too_short"):
        return "no hosts at all; expected a list such as [{name: node1, address: 192.0.2.11}]"
    if kind == "missing":
        return "missing"
    if kind == "too_short":
        return "the list is empty; expected at least one"
    value = details["input"]
    have = "a map" if isinstance(value, dict) else "a list" if isinstance(value, list) else "text"
    if kind in _LISTS:
        return f"expected a list, such as [...], not {have}"
    if kind in _MAPS:
        return f"expected a map of keys, not {have}"
    return details["msg"]


def _properties(schema: Mapping[str, Any], loc: Loc) -> tuple[str, ...]:
    """The keys that the schema has at a place."""
    here = _resolved(schema, schema)
    for part in loc:
        if isinstance(part, int):
            here = here.get("items", {})
        else:
            here = here.get("properties", {}).get(part) or here.get("additionalProperties", {})
        here = _resolved(here, schema)
    return tuple(here.get("properties", ()))


def _resolved(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    for option in part.get("anyOf", ()):
        if "$ref" in option:
            part = option
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rsplit("/", 1)[1]]
    return part
