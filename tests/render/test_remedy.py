from __future__ import annotations

import pytest

from scanner.render.remedy import Piece, commands, pieces


@pytest.mark.parametrize(
    ("remedy", "found"),
    [
        ("", ()),
        ("Add memory.", ()),
        ("Run `swapoff -a` and mask it.", ("swapoff -a",)),
        ("`a b`, then `c d`, then `a b`", ("a b", "c d")),
        ("Set `failSwapOn` and ` `.", ()),
        ("one ` alone", ()),
    ],
)
def test_commands_are_what_has_more_than_a_word(remedy: str, found: tuple[str, ...]) -> None:
    assert commands(remedy) == found


def test_the_pieces_are_the_sentence() -> None:
    assert pieces("Run `swapoff -a`.") == (
        Piece("Run ", is_code=False),
        Piece("swapoff -a", is_code=True),
        Piece(".", is_code=False),
    )
    assert pieces("") == ()
