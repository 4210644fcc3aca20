"""JSON that means one thing to every reader: RFC 8259 lets the others pass as "interoperable"."""

from __future__ import annotations

import json
import math
from typing import Any


def refuse_ambiguous(document: bytes) -> None:
    """Refuse keys that are there twice, and numbers that JSON does not have.

    Args:
        document: which pydantic has taken already, so that its nesting is bounded.

    Raises:
        ValueError: the message says what is there.
    """
    json.loads(document, object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_finite)


def _unique(pairs: list[tuple[str, Any]]) -> None:
    """Nothing is kept: the values are pydantic's to read."""
    if len({key for key, _ in pairs}) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} is there twice")


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def _finite(digits: str) -> None:
    if not math.isfinite(float(digits)):
        raise ValueError("a number is too large")
