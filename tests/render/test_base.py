from __future__ import annotations

import ast
import io
import subprocess
import sys
from pathlib import Path

import pytest

import scanner.render
from scanner.render.base import Format, writer
from scanner.render.screen import Screen
from tests.render.fleet import report_of, small_fleet


@pytest.mark.parametrize(
    ("form", "start"),
    [(Format.TERMINAL, " "), (Format.JSON, '{"schema":'), (Format.HTML, "<!DOCTYPE html>")],
)
def test_every_format_has_a_writer(form: Format, start: str) -> None:
    out = io.StringIO()
    writer(form)(report_of(small_fleet()), out)
    assert out.getvalue().startswith(start)


def test_the_screen_is_the_terminals() -> None:
    out = io.StringIO()
    writer(Format.TERMINAL, Screen(160, colour=True))(report_of(small_fleet()), out)
    assert "\x1b[" in out.getvalue()
    assert max(map(len, out.getvalue().split("\n"))) > 80


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        ("import scanner.render, scanner.render.base, scanner.matrix, scanner.exit_status",
         {"jinja2", "pydantic", "tabulate", "rich"}),
        ("import scanner.render.terminal", {"jinja2", "pydantic", "rich"}),
        ("import scanner.render.json, scanner.render.saved", {"jinja2", "tabulate"}),
        ("import scanner.render.html", {"pydantic", "tabulate", "rich"}),
    ],
)  # fmt: skip
def test_only_what_is_needed_is_imported(code: str, absent: set[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert not absent & set(done.stdout.split())


def test_nothing_here_knows_how_hosts_are_reached() -> None:
    folder = Path(scanner.render.__file__).parent
    forbidden = ("scanner.transport", "scanner.probe", "scanner.cli", "asyncio", "socket")
    for file in [*folder.glob("*.py"), folder.parent / "matrix.py"]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith(forbidden), file
            elif isinstance(node, ast.Import):
                assert not [a for a in node.names if a.name.startswith(forbidden)], file
