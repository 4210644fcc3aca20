"""The matrix as text tables that fit the screen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scanner.evaluate import Result
from scanner.matrix import PROBLEMS, Group, Matrix, worst
from scanner.render.by_host import by_host
from scanner.render.causes import plural
from scanner.render.fold import fold
from scanner.render.style import Style, Tone
from scanner.render.table import GAP, tabulated, visible
from scanner.verdict import Verdict

_HEAD_WIDTH = 14
_HEAD_LINES = 3
_MOST_TABLES = 2
"""When the columns need more tables than this, hosts become rows."""


@dataclass(frozen=True, slots=True)
class _Column:
    head: tuple[str, ...]
    width: int
    cells: tuple[str, ...]


def grid(matrix: Matrix, style: Style, *, only_failing: bool) -> Iterator[str]:
    """Blocks of text: the tables, and what they do not show.

    Args:
        matrix: groups without any result are left out: they are listed elsewhere.
        style: the screen.
        only_failing: leave out the rows in which no host has a problem.
    """
    groups = [group for group in matrix.groups if group.worst is not None]
    bad = [n for n in range(len(matrix.rows)) if not PROBLEMS.isdisjoint(matrix.cells(n))]
    shown = bad if only_failing else list(range(len(matrix.rows)))
    if groups and shown:
        names = [style.clean(matrix.rows[number].name) for number in shown]
        width = min(max(map(len, names)), max(20, style.width * 2 // 5))
        columns = [_column(group, shown, style) for group in groups]
        parts = _split(columns, style.width - width)
        if only_failing and len(parts) > _MOST_TABLES:
            yield by_host(matrix, groups, style)
        else:
            labels = [style.shorten(name, width) for name in names]
            yield from (_table(labels, part, width, style) for part in parts)
            yield style.paint(_legend(style), Tone.QUIET)
    if hidden := [n for n in range(len(matrix.rows)) if n not in set(shown)]:
        text = _hidden([worst(matrix.cells(number)) for number in hidden])
        yield textwrap.fill(text, style.width)


def plain_list(results: Sequence[Result], names: Sequence[str], style: Style) -> str:
    """The rows of one host, one below the other, with what was said about those that did not pass.

    Args:
        results: in the order of the rows.
        names: the rows' names.
        style: the screen.
    """
    shown = [style.shorten(style.clean(name), max(20, style.width * 2 // 5)) for name in names]
    room = style.width - max(map(len, shown), default=0) - len("UNKNOWN") - 2 * GAP
    rows = [
        (
            style.paint("ok" if style.ascii_only else "✔ ok", Tone.GOOD)
            if result.verdict is Verdict.PASS
            else style.word(result.verdict),
            name,
            "".join(style.lines(style.clean(result.message), max(room, 10), 1)),
        )
        for name, result in zip(shown, results, strict=True)
    ]
    return tabulated((), rows, style)


def _column(group: Group, shown: Sequence[int], style: Style) -> _Column:
    label = style.clean(", ".join(fold(group.hosts)))
    lines = style.lines(label, _HEAD_WIDTH, _HEAD_LINES)
    if len(group.hosts) > 1:
        lines.append(f"= {plural(len(group.hosts), 'host')}")
    status = style.status(group.status, max(map(len, lines)))
    cells = tuple(style.cell(group.cells[number]) for number in shown)
    width = max(map(visible, (*lines, *status, *cells)))
    return _Column((*lines, *status), width, cells)


def _split(columns: Sequence[_Column], room: int) -> list[Sequence[_Column]]:
    """As few tables as possible, of about the same number of columns."""
    parts: list[list[_Column]] = [[]]
    used = 0
    for column in columns:
        if parts[-1] and used + GAP + column.width > room:
            parts.append([])
            used = 0
        parts[-1].append(column)
        used += GAP + column.width
    each = -(-len(columns) // len(parts))
    even = [columns[start : start + each] for start in range(0, len(columns), each)]
    fits = all(sum(GAP + c.width for c in part) <= room for part in even)
    return [*even] if fits else [*parts]


def _table(labels: Sequence[str], columns: Sequence[_Column], width: int, style: Style) -> str:
    tall = max(len(column.head) for column in columns)
    heads = ["\n" * (tall - 1) + "check".ljust(width)]
    heads += ["\n" * (tall - len(column.head)) + "\n".join(column.head) for column in columns]
    rows = [
        (label, *cells) for label, *cells in zip(labels, *(c.cells for c in columns), strict=True)
    ]
    return tabulated(heads, rows, style)


def _legend(style: Style) -> str:
    passed = "ok" if style.ascii_only else "✔"
    return f"{passed} passed, - not asked of this host, ? could not be known"


def _hidden(verdicts: Sequence[Verdict | None]) -> str:
    passed = sum(verdict is Verdict.PASS for verdict in verdicts)
    skipped = len(verdicts) - passed
    text = f"Not shown: {plural(passed, 'check')} that passed on every host that was asked"
    return text + (f"; {skipped} that no host was asked" if skipped else "")
