"""The README says what one sees."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scanner.exit_status import ExitStatus
from tests.command import Kscan

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def shown(command: str) -> list[str]:
    """The lines of the console block of a command, without `...`."""
    (block,) = re.findall(rf"```console\n\$ {command}\n(.*?)```", README, re.DOTALL)
    return [line for line in block.splitlines() if line != "..."]


def test_the_demo_prints_what_the_readme_shows(
    kscan: Kscan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    printed = iter(kscan("demo").out.splitlines())
    for line in shown("make demo"):
        assert line in printed, f"not printed, or not in this order: {line}"


def test_every_exit_status_is_in_the_readme() -> None:
    assert {int(number) for number in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)} == set(
        ExitStatus
    )


def test_every_option_of_the_readme_exists(kscan: Kscan) -> None:
    options = set(re.findall(r"`(--[a-z-]+)", README)) - {"--strict"}
    assert options
    help_text = "".join(kscan(name, "--help").out for name in ("check", "fix", "verify"))
    assert {option for option in options if option not in help_text} == set()


def test_every_file_of_contributing_exists() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`([a-z_0-9/]+/[a-z_0-9.]*|[a-z_]+\.(?:py|sh))`", text))
    assert len(paths) > 50
    places = [ROOT, ROOT / "scanner"]
    assert {path for path in paths if not any((place / path).exists() for place in places)} == set()
