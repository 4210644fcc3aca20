"""What the hosts found out about each other on a screen: the matrix, then what is wrong."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from scanner.edges.report import EdgeResult, EdgesReport
from scanner.render.causes import plural
from scanner.render.edges import WORDS, is_worth_a_matrix, problems, summary_line
from scanner.render.fold import fold
from scanner.render.style import TONES, Style, Tone
from scanner.render.table import tabulated

_TONES = {".": Tone.GOOD, "r": Tone.BAD, "d": Tone.BAD, "u": Tone.BAD, "?": Tone.OPEN}
_INDENT = " " * 9
_FEW = 3
"""Hosts that a message has named already."""


def edge_blocks(edges: EdgesReport, style: Style) -> Iterator[str]:
    """Blocks of text: the matrix where something is not as it should be, then what that is."""
    found = problems(edges)
    if not found:
        yield "\n".join(textwrap.wrap(summary_line(edges), style.width))
        return
    if is_worth_a_matrix(edges):
        yield "\n\n".join((style.paint("From (left) to (top)", Tone.STRONG), _matrix(edges, style)))
    yield style.paint("Between hosts", Tone.STRONG) + f": {summary_line(edges)}"
    for result in found:
        yield "\n".join(_result(result, style))


def _matrix(edges: EdgesReport, style: Style) -> str:
    heads = ["", *(style.clean(name) for name in edges.hosts)]
    rows = [
        [style.clean(name), *(_cell(letter, style) for letter in row)]
        for name, row in zip(edges.hosts, edges.matrix, strict=True)
    ]
    return tabulated(heads, rows, style)


def _cell(letter: str, style: Style) -> str:
    word = WORDS.get(letter, "?")
    return style.paint(word, _TONES[letter]) if letter in _TONES else word


def _result(result: EdgeResult, style: Style) -> Iterator[str]:
    word = result.verdict.upper().ljust(len(_INDENT))
    first, *rest = textwrap.wrap(
        style.clean(result.message), max(40, style.width - len(_INDENT)), break_on_hyphens=False
    ) or [""]
    yield style.paint(word, TONES[result.verdict]) + first
    yield from (_INDENT + line for line in rest)
    if len(result.hosts) > _FEW:
        hosts = style.clean(
            f"on {plural(len(result.hosts), 'host')}: {', '.join(fold(result.hosts))}"
        )
        yield from (
            _INDENT + style.paint(line, Tone.QUIET)
            for line in style.lines(hosts, style.width - len(_INDENT), _FEW)
        )
    if result.ignored is not None:
        yield from _wrapped(f"Ignored: {result.ignored.reason}", style)
    if result.remedy:
        yield from _wrapped(f"Fix: {result.remedy}", style)


def _wrapped(text: str, style: Style) -> list[str]:
    return textwrap.wrap(
        style.clean(text),
        style.width,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_on_hyphens=False,
    )
