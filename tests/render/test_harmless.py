from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.render.harmless import LONGEST, harmless


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("swap is on: /dev/dm-1", "swap is on: /dev/dm-1"),
        ("Müller ✔ 日本", "Müller ✔ 日本"),
        ("\x1b[31mred\x1b]0;t\x07", "\\x1b[31mred\\x1b]0;t\\x07"),
        ("a\r\nb\tc\0", "a\\r\\nb\\tc\\x00"),
        ("\x9b2J\x7f\x85", "\\x9b2J\\x7f\\x85"),
        ("\u202egnp.exe\u2066\u200f\u061c", "\\u202egnp.exe\\u2066\\u200f\\u061c"),
        ("a\u200bb\ufeffc\u00a0d\u00ade", "a\\u200bb\\ufeffc\\xa0d\\xade"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("e\u0301", "e\u0301"),
        ("e" + "\u0301" * 5, "e" + "\u0301" * 3 + "\\u0301" * 2),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_long_values_are_cut_and_say_so() -> None:
    assert harmless("x" * LONGEST) == "x" * LONGEST
    assert harmless("x" * (LONGEST + 7)) == "x" * LONGEST + "... (+7)"
    assert harmless("\x1b\x1b\x1b", limit=2) == "\\x1b\\x1b... (+1)"


@given(st.text(st.characters(codec=None)))
def test_nothing_hidden_is_left(text: str) -> None:
    for char in harmless(text):
        category = unicodedata.category(char)
        assert char == " " or category[0] not in "CZ", hex(ord(char))
    assert harmless(text, ascii_only=True).isascii()
