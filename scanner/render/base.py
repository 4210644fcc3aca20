"""The formats of a report, and how each is called."""

from __future__ import annotations

import functools
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TextIO, assert_never

from scanner.render.screen import Screen

if TYPE_CHECKING:
    # At run time this would import all checks, and `kscan --help` needs the names of the formats.
    from scanner.report import Report


class Format(StrEnum):
    """A value of `--format`, of every command that writes a report."""

    TERMINAL = "terminal"
    JSON = "json"
    HTML = "html"
    JUNIT = "junit"
    MARKDOWN = "markdown"
    CSV = "csv"

    @property
    def file_name(self) -> str:
        """What a file of this format is called where kscan names it."""
        return _FILE_NAMES[self]


_FILE_NAMES = {
    Format.TERMINAL: "report.txt",
    Format.JSON: "report.json",
    Format.HTML: "report.html",
    Format.JUNIT: "junit.xml",
    Format.MARKDOWN: "report.md",
    Format.CSV: "report.csv",
}


class Renderer(Protocol):
    """Writes one report as one document; reads `report.hosts()` as often as it needs."""

    def __call__(self, report: Report, out: TextIO, /) -> None:
        """Write it all; `out` stays open."""


def writer(form: Format, screen: Screen | None = None) -> Renderer:
    """The renderer of a format; only the libraries that it needs are imported."""
    # ruff: noqa: PLC0415 - tabulate, pydantic and jinja2 only where they are used
    match form:
        case Format.TERMINAL:
            from scanner.render import terminal

            screen = screen or Screen()
            return functools.partial(
                terminal.write,
                width=screen.width,
                colour=screen.colour,
                only_failing=screen.only_failing,
                layout=screen.layout,
            )
        case Format.JSON:
            from scanner.render import json

            return json.write
        case Format.HTML:
            from scanner.render import html

            return html.write
        case Format.JUNIT:
            from scanner.render import junit

            return junit.write
        case Format.MARKDOWN:
            from scanner.render import markdown

            return markdown.write
        case Format.CSV:
            from scanner.render import csv

            return csv.write
    assert_never(form)
