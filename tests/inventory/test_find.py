from __future__ import annotations

from pathlib import Path

from scanner.inventory.find import Found, find

VARIABLE = {"KSCAN_INVENTORY": "other.yaml"}


def test_the_argument_comes_first(folder: Path) -> None:
    (folder / "inventory.yaml").touch()
    assert find("i.yaml", VARIABLE, Path()) == Found(Path("i.yaml"), named=True)
    assert find(None, VARIABLE, Path()) == Found(Path("other.yaml"), named=True)
    empty = {"KSCAN_INVENTORY": ""}
    assert find(None, empty, Path()) == Found(Path("inventory.yaml"), named=False)


def test_nothing_to_find() -> None:
    assert find(None, {}, Path()) is None


def test_what_is_named_need_not_be_there() -> None:
    assert find("gone.yaml", {}, Path()) == Found(Path("gone.yaml"), named=True)


def test_a_dangling_link_is_found_so_that_its_error_is_shown(folder: Path) -> None:
    (folder / "inventory.yaml").symlink_to("gone")
    assert find(None, {}, folder) == Found(folder / "inventory.yaml", named=False)


def test_an_absolute_name_does_not_start_at_the_working_directory(folder: Path) -> None:
    assert find("/etc/i.yaml", {}, folder) == Found(Path("/etc/i.yaml"), named=True)
