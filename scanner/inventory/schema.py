"""The inventory's JSON Schema and its reference table, both made of the model.

`python -m scanner.inventory.schema` rewrites the schema file; with `--markdown docs/inventory.md`
it rewrites the tables of that page, with `--markdown` alone it prints them. With `--rules` it does
all that for the files with the user's own rules.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from pydantic import BaseModel

from scanner.inventory.model import Inventory
from scanner.inventory.rule_model import RuleFile

Schema: TypeAlias = dict[str, Any]

PATH = Path(__file__).with_name("inventory.schema.json")
RULES_PATH = PATH.with_name("rules.schema.json")
BEGIN, END = "<!-- generated: begin -->", "<!-- generated: end -->"

_NULL = {"type": "null"}
_Tables: TypeAlias = tuple[tuple[str, str, str], ...]
"""(title, what stands before each key, the definition in the schema; empty = the whole)."""
_TABLES: _Tables = (
    ("The file", "", ""),
    ("`cluster`", "cluster.", "ClusterSection"),
    ("Settings of `defaults`, `groups.NAME` and each of `hosts`", "", "Settings"),
    ("`hosts[]`, beside the settings", "", "HostEntry"),
    ("`jumpHosts[]`", "", "JumpHost"),
    ("`ignore[]`", "", "IgnoreEntry"),
)
_RULES_TABLES: _Tables = (("`checks[]`", "", "RuleEntry"), ("`expect`", "expect.", "Expect"))
_NESTED = frozenset({"cluster."})
"""Tables that show the keys of maps inside them; the others have tables of their own."""


def schema(model: type[BaseModel] = Inventory) -> Schema:
    """The JSON Schema (draft 2020-12) of a file, as an editor with YAML 1.2 reads it."""
    made = model.model_json_schema()
    for part in (made, *made["$defs"].values()):
        required = part.get("required", ())
        for key, value in part["properties"].items():
            part["properties"][key] = _property(key, value, required=key in required)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def schema_text(model: type[BaseModel] = Inventory) -> str:
    """The schema as the file holds it."""
    return json.dumps(schema(model), indent=2) + "\n"


def markdown(model: type[BaseModel] = Inventory) -> str:
    """The tables of docs/inventory.md, or of docs/rules.md."""
    whole = schema(model)
    settings = whole["$defs"].get("Settings", {}).get("properties", {})
    parts = []
    for title, prefix, name in _RULES_TABLES if model is RuleFile else _TABLES:
        properties = (whole["$defs"][name] if name else whole)["properties"]
        shown = {k: v for k, v in properties.items() if name != "HostEntry" or k not in settings}
        required = (whole["$defs"][name] if name else whole).get("required", ())
        rows = "\n".join(_rows(shown, required, prefix, whole))
        parts.append(
            f"### {title}\n\n| key | type | default | meaning |\n|---|---|---|---|\n{rows}"
        )
    return "\n\n".join(parts)


def with_tables(page: str, model: type[BaseModel] = Inventory) -> str:
    """Put fresh tables between the page's two markers."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{markdown(model)}\n\n{END}{after}"


def _property(key: str, value: Schema, *, required: bool) -> Schema:
    """Let null stand for not given, and drop pydantic's own titles and null defaults."""
    options = value.get("anyOf", ())
    inner: Schema = {name: item for name, item in value.items() if name != "title"}
    if _NULL in options and len(options) > 1:
        del inner["anyOf"]
        inner = {**options[0], **inner}
    elif "title" in value and value["title"] != key.title():
        inner["title"] = value["title"]
    if inner.get("default", "") is None:
        del inner["default"]
    if isinstance(inner.get("default"), list) and inner.get("type") != "array":
        inner["default"] = ",".join(inner["default"])
    additional = inner.get("additionalProperties")
    if isinstance(additional, dict) and "$ref" in additional:
        inner["additionalProperties"] = {"anyOf": [additional, _NULL]}
    return inner if required else _nullable(inner)


def _nullable(value: Schema) -> Schema:
    if "enum" in value:
        return {**value, "enum": [*value["enum"], None]}
    if "anyOf" in value:
        return {**value, "anyOf": [*value["anyOf"], _NULL]}
    if "$ref" in value:
        rest = {key: item for key, item in value.items() if key != "$ref"}
        return {"anyOf": [{"$ref": value["$ref"]}, _NULL], **rest}
    types = value["type"]
    return {**value, "type": [*([types] if isinstance(types, str) else types), "null"]}


def _rows(
    properties: Mapping[str, Schema], required: Sequence[str], prefix: str, whole: Schema
) -> Iterator[str]:
    for key, value in properties.items():
        inner = _section(value, whole)
        if inner is not None and prefix.partition(".")[0] + "." in _NESTED:
            deeper = f"{prefix}{key}[]." if "items" in value else f"{prefix}{key}."
            yield from _rows(inner["properties"], inner.get("required", ()), deeper, whole)
            continue
        default = "**required**" if key in required else _default(value)
        cells = (f"`{prefix}{key}`", _type(value), default, value.get("description", ""))
        yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _section(value: Schema, whole: Schema) -> Schema | None:
    for option in (value, value.get("items", {}), *value.get("anyOf", ())):
        if "$ref" in option:
            section: Schema = whole["$defs"][option["$ref"].rsplit("/", 1)[1]]
            return section
    return None


def _type(value: Schema) -> str:
    if "title" in value:
        return str(value["title"])
    if "items" in value:
        return f"list of {_type(value['items'])}"
    if "additionalProperties" in value:
        return "map of name to value"
    return "map"


def _default(value: Schema) -> str:
    default = value.get("default")
    if default in (None, "", []):
        return ""
    return f"`{json.dumps(default) if isinstance(default, bool) else default}`"


def main(arguments: Sequence[str] | None = None) -> None:
    """Rewrite the schema file, or write the tables."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--markdown", nargs="?", const="-", metavar="PAGE")
    parser.add_argument("--rules", action="store_true")
    options = parser.parse_args(arguments)
    page, model = options.markdown, RuleFile if options.rules else Inventory
    if page is None:
        path = RULES_PATH if options.rules else PATH
        path.write_text(schema_text(model), encoding="utf-8")
    elif page == "-":
        sys.stdout.write(markdown(model) + "\n")
    else:
        text = with_tables(Path(page).read_text(encoding="utf-8"), model)
        Path(page).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
