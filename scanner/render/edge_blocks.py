"""What the hosts dialled of each other on a screen: a matrix where it shows something, a line."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from scanner.edges.report import EdgesReport
from scanner.render.edges import WORDS, is_worth_a_matrix, summary_line
from scanner.render.round_trips import pairs_of, paths_line
from scanner.render.style import Style, Tone
from scanner.render.table import tabulated

_TONES = {".": Tone.GOOD, "r": Tone.BAD, "d": Tone.BAD, "u": Tone.BAD, "?": Tone.OPEN}


def edge_blocks(edges: EdgesReport, style: Style) -> Iterator[str]:
    """Blocks of text; what is wrong is told with the other results between hosts."""
    if is_worth_a_matrix(edges):
        yield "\n\n".join((style.paint("From (left) to (top)", Tone.STRONG), _matrix(edges, style)))
    lines = (summary_line(edges), style.clean(paths_line(pairs_of(edges))))
    yield "\n".join(part for line in lines for part in _wrapped(line, style))


def _wrapped(line: str, style: Style) -> list[str]:
    return textwrap.wrap(line, style.width, subsequent_indent="  ", break_on_hyphens=False)


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
