"""The JSON Schemas of reports and of diffs: `python -m scanner.render.schema` writes them anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema

from scanner.render.diff_json import DiffDocument
from scanner.render.document import Document

PATH = Path(__file__).with_name("report.schema.json")
DIFF_PATH = Path(__file__).with_name("diff.schema.json")
DOCUMENTS: Mapping[Path, type] = {PATH: Document, DIFF_PATH: DiffDocument}


class _WithoutTitles(GenerateJsonSchema):
    """A key's title would only be the key again, with a capital letter."""

    def field_title_should_be_set(self, schema: CoreSchema) -> bool:  # noqa: ARG002 - pydantic's
        return False


def schema(document: type = Document) -> dict[str, Any]:
    """JSON Schema 2020-12 of what is written: every key is required."""
    made = TypeAdapter(document).json_schema(mode="serialization", schema_generator=_WithoutTitles)
    for kind in (made, *made["$defs"].values()):
        if "properties" in kind:  # a dataclass; a mapping has additionalProperties of its own
            kind["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def text(document: type = Document) -> str:
    """The file's content."""
    return json.dumps(schema(document), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for path, kind in DOCUMENTS.items():
        path.write_text(text(kind), encoding="utf-8")
