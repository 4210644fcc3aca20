"""The formats of a report, and how each is called."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TextIO, assert_never

if TYPE_CHECKING:
    # At run time this would import all checks, and `kscan --help` needs the names of the formats.
    from scanner.report import Report


class Format(StrEnum):
    """A value of `--format`."""

    TERMINAL = "terminal"
    JSON = "json"
    HTML = "html"


class Renderer(Protocol):
    """Writes one report as one document; reads `report.hosts()` as often as it needs."""

    def __call__(self, report: Report, out: TextIO, /) -> None:
        """Write it all; `out` stays open."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What the terminal's format has to know; the others do not care."""

    width: int = 80
    """Columns."""
    colour: bool = False
    only_failing: bool | None = None
    """None: above 12 hosts."""


def writer(form: Format, screen: Screen | None = None) -> Renderer:
    """The renderer of a format; only the libraries that it needs are imported."""
    match form:
        case Format.TERMINAL:
            from scanner.render import terminal  # noqa: PLC0415 - tabulate only if shown

            screen = screen or Screen()
            return functools.partial(
                terminal.write,
                width=screen.width,
                colour=screen.colour,
                only_failing=screen.only_failing,
            )
        case Format.JSON:
            from scanner.render import json  # noqa: PLC0415 - pydantic only if written

            return json.write
        case Format.HTML:
            from scanner.render import html  # noqa: PLC0415 - jinja2 only if written

            return html.write
    assert_never(form)
