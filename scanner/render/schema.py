"""The JSON Schema of a report: `python -m scanner.render.schema` writes it anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

from scanner.render.document import Document

PATH = Path(__file__).with_name("report.schema.json")


class _WithoutTitles(GenerateJsonSchema):
    """A key's title would only be the key again, with a capital letter."""

    def field_title_should_be_set(self, schema: CoreSchema) -> bool:  # noqa: ARG002 - pydantic's
        return False


def schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of what `scanner.render.json.write` writes: every key is required."""
    made = TypeAdapter(Document).json_schema(mode="serialization", schema_generator=_WithoutTitles)
    for kind in (made, *made["$defs"].values()):
        if "properties" in kind:  # a dataclass; a mapping has additionalProperties of its own
            kind["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def text() -> str:
    """The file's content."""
    return json.dumps(schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
