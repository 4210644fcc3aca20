"""`--only` and `--skip`."""

from __future__ import annotations

import pytest

from scanner.checks import CATALOGUE
from scanner.evaluate import Result
from scanner.selection import Selection, UnknownCheck
from scanner.verdict import Verdict

PORT = Result("KS303", "Port-10250", "10250", Verdict.PASS, "")
SWAP = Result("KS104", "Swap", "", Verdict.PASS, "")
OWN = Result("KS204", None, "containerd", Verdict.PASS, "")


@pytest.mark.parametrize(
    ("only", "skip", "kept"),
    [
        ((), (), [PORT, SWAP, OWN]),
        (("swap",), (), [SWAP]),
        (("KS104",), (), [SWAP]),
        (("Port-*",), (), [PORT]),
        (("port-10250,ks204",), (), [PORT, OWN]),
        ((), ("Swap",), [PORT, OWN]),
        (("ks*",), ("port-10250",), [SWAP, OWN]),
    ],
)
def test_names_ids_and_patterns(
    only: tuple[str, ...], skip: tuple[str, ...], kept: list[Result]
) -> None:
    selection = Selection.of(CATALOGUE, only, skip)
    assert [result for result in (PORT, SWAP, OWN) if selection.keeps(result)] == kept


@pytest.mark.parametrize("name", ["Swop", "KS999", "Port", "FileExisting"])
def test_a_name_that_no_check_can_have_is_an_error(name: str) -> None:
    with pytest.raises(UnknownCheck):
        Selection.of(CATALOGUE, (name,), ())
