"""Every way in which an inventory can be wrong, with the line that the user reads."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import InventoryError
from scanner.inventory.load import load

Lines = Callable[..., list[str]]

CASES = re.findall(
    r"^=== (.*)\n((?:(?!===|>>> ).*\n)*)((?:>>> .*\n)+)",
    Path(__file__).with_name("errors.txt").read_text(encoding="utf-8"),
    re.MULTILINE,
)


@pytest.mark.parametrize(("name", "text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_each_error_has_its_line(lines: Lines, name: str, text: str, expected: str) -> None:
    assert lines(text) == expected.removeprefix(">>> ").rstrip("\n").split("\n>>> "), name


def test_every_case_is_read() -> None:
    text = Path(__file__).with_name("errors.txt").read_text(encoding="utf-8")
    assert len(CASES) == text.count("\n=== ") > 50


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "inventory.yaml: the file is empty; it needs hosts: at least"),
        (b"a: 1\nb: \xff\n", "inventory.yaml:2: not UTF-8: byte 0xff"),
        (b"\xff\xfea\0:\0", "inventory.yaml:1: not UTF-8: byte 0xff"),
        (b"a: 1\nb: x\x07", r"inventory.yaml:2:5: not YAML: the character '\x07' is not allowed"),
        (b"a:\0", r"inventory.yaml:1:3: not YAML: the character '\x00' is not allowed"),
    ],
)
def test_bytes_that_are_no_text(lines: Lines, data: bytes, expected: str) -> None:
    assert lines(data) == [expected]


def test_errors_of_the_parser_have_line_and_column(lines: Lines) -> None:
    (line,) = lines("cluster:\n  name: [a\nhosts: b\n")
    assert line.startswith("inventory.yaml:3:")
    assert ": not YAML: " in line
    assert "from line 2" in line


def test_all_errors_come_at_once_in_the_order_of_their_lines(lines: Lines) -> None:
    found = lines(
        "cluster:\n  kubernetesVersion: 1.30\ngroups: {w: {role: x}}\ndefaults:\n  port: 70000\n"
        "hosts: [a, {name: n, address: 1.2.3.4, group: v}]\n"
    )
    assert [line.split(":")[1] for line in found] == ["2", "3", "5", "6", "6"]


def test_a_file_that_cannot_be_read_is_named_as_the_user_named_it() -> None:
    Path("folder").mkdir()
    with Path("large.yaml").open("wb") as file:
        file.truncate((16 << 20) + 1)
    expected = {
        "gone/inventory.yaml": "gone/inventory.yaml: no such file",
        "folder": "folder: a directory; expected a YAML file",
        "large.yaml": "large.yaml: larger than 16 MiB",
        "\0\x1b": r"\x00\x1b: cannot be read: not a file name",
    }
    for name, message in expected.items():
        with pytest.raises(InventoryError) as caught:
            load(Path(name), named=True)
        assert str(caught.value) == message


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission() -> None:
    Path("i.yaml").touch(mode=0)
    with pytest.raises(InventoryError, match=r"^i\.yaml: cannot be read: Permission denied$"):
        load(Path("i.yaml"), named=True)


@pytest.mark.parametrize("levels", [9, 40])
def test_aliases_cannot_fill_the_memory(lines: Lines, levels: int) -> None:
    text = "a0: &a0 [x, x]\n" + "".join(
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, levels)
    )
    (line,) = lines(text)
    assert line.endswith("once the aliases are followed")
