from __future__ import annotations

import pytest

from scanner.render.remedy import Piece, commands, pieces


@pytest.mark.parametrize(
    ("remedy", "found"),
    [
        ("", ()),
        ("Add memory.", ()),
        ("Run `swapoff -a` and mask it.", ()),
        ("Allow the login `sudo -n sh`.", ()),
        ("Run `systemctl enable --now x`.", ("systemctl enable --now x",)),
        ("Run `a b`, then `c d` and `a b`; why.", ("a b", "c d")),
        ("Run `ufw allow PORT/tcp`.", ()),
        ("Run `a b` or `c d`.", ()),
        ("Set `failSwapOn` and ` `.", ()),
        ("one ` alone", ()),
    ],
)
def test_commands_are_what_mends_by_itself(remedy: str, found: tuple[str, ...]) -> None:
    assert commands(remedy) == found


def test_the_pieces_are_the_sentence() -> None:
    assert pieces("Run `swapoff -a`.") == (
        Piece("Run ", is_code=False),
        Piece("swapoff -a", is_code=True),
        Piece(".", is_code=False),
    )
    assert pieces("") == ()
