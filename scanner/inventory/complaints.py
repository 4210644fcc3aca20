"""pydantic's errors in the user's words; nothing here shows a value, only the converters do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from scanner.inventory.problems import Loc, Problem, did_you_mean

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

    from scanner.inventory.document import Document

_EXPECTED = {
    "tuple_type": "a list, such as [...]",
    "dict_type": "a map of keys",
    "model_type": "a map of keys",
    "model_attributes_type": "a map of keys",
}


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
    said = {(problem.place, problem.line) for problem in document.problems}
    for details in error.errors(include_url=False, include_input=True):
        loc = tuple(part for part in details["loc"] if part != "[key]")
        problem = document.problem(loc, _message(details, loc, schema))
        if (problem.place, problem.line) not in said:
            yield problem


def _message(details: ErrorDetails, loc: Loc, schema: Mapping[str, Any]) -> str:
    kind = details["type"]
    if kind == "extra_forbidden":
        return f"unknown key, {did_you_mean(str(loc[-1]), _properties(schema, loc[:-1]))}"
    value = details["input"]
    if loc == ("hosts",) and (kind == "missing" or value == []):
        return "no hosts at all; expected a list such as [{name: node1, address: 192.0.2.11}]"
    if kind == "value_error":
        return str(details["ctx"]["error"])
    if kind == "missing":
        return kind
    have = "a map" if isinstance(value, dict) else "a list" if isinstance(value, list) else "text"
    return f"expected {_EXPECTED[kind]}, not {have}" if kind in _EXPECTED else details["msg"]


def _properties(schema: Mapping[str, Any], loc: Loc) -> tuple[str, ...]:
    """The keys that the schema has at a place."""
    here = _resolved(schema, schema)
    for part in loc:
        if isinstance(part, int):
            here = here.get("items", {})
        else:
            here = here.get("properties", {}).get(part) or here.get("additionalProperties") or {}
        here = _resolved(here, schema)
    return tuple(here.get("properties", ()))


def _resolved(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    for option in part.get("anyOf", ()):
        if "$ref" in option:
            part = option
    while "$ref" in part:
        part = schema["$defs"][part["$ref"].rsplit("/", 1)[1]]
    return part
