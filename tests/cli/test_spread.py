"""Groups of options: typer sees their fields, and the command gets the group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer
from typer.testing import CliRunner

from scanner.cli.spread import spread


@dataclass(frozen=True)
class Pair:
    left: Annotated[int, typer.Option(min=1, help="The first.")] = 1
    right: Annotated[list[str] | None, typer.Option("-r", "--right")] = None


calls: list[tuple[str, bool, Pair, int]] = []


def command(
    name: Annotated[str, typer.Argument()],
    *,
    before: Annotated[bool, typer.Option("--before")] = False,
    pair: Pair,
    after: Annotated[int, typer.Option("--after")] = 0,
) -> None:
    """Do what is said here."""
    calls.append((name, before, pair, after))


def run(*words: str) -> tuple[int, str]:
    calls.clear()
    app = typer.Typer(rich_markup_mode=None)
    app.command()(spread(command))
    ended = CliRunner().invoke(app, words)
    return ended.exit_code, ended.output


def test_the_command_gets_its_group() -> None:
    assert run("n", "-r", "a", "--after", "2", "-r", "b")[0] == 0
    assert calls == [("n", False, Pair(1, ["a", "b"]), 2)]
    assert run("n")[0] == 0
    assert calls == [("n", False, Pair(), 0)]


def test_what_typer_refuses_reaches_no_command() -> None:
    status, said = run("n", "--left", "0")
    assert status == 2
    assert "--left" in said
    assert calls == []


def test_the_help_has_the_fields_in_the_place_of_the_group() -> None:
    _, said = run("--help")
    places = [said.index(word) for word in ("Do what", "--before", "--left", "--right", "--after")]
    assert places == sorted(places)
    assert "The first." in said
