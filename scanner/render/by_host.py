"""The matrix turned: a row for each group of hosts, for fleets with more groups than columns."""

from __future__ import annotations

from collections.abc import Sequence

from scanner.matrix import Group, Matrix
from scanner.render.fold import fold
from scanner.render.style import STATUS_WORDS, Style
from scanner.render.table import GAP, tabulated
from scanner.verdict import Verdict

_FAILED = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN)


def by_host(matrix: Matrix, groups: Sequence[Group], style: Style) -> str:
    """A row for each group, and the names of what is wrong there; rows always fit the width."""
    kinds = [kind for kind in _FAILED if any(kind in group.cells for group in groups)]
    first = max(12, style.width // 5)
    named = [
        (
            "".join(style.lines(style.clean(", ".join(fold(group.hosts))), first, 1)),
            str(len(group.hosts)),
            STATUS_WORDS[group.status],
        )
        for group in groups
    ]
    wrong = [[_names(matrix, group, kind, style) for kind in kinds] for group in groups]
    passed = [str(sum(cell is Verdict.PASS for cell in group.cells)) for group in groups]
    number, status = (max(map(len, column)) for column in [*zip(*named, strict=True)][1:])
    used = first + number + status + max(map(len, ["ok", *passed])) + GAP * (len(kinds) + 3)
    needs = [
        max(len(", ".join(names)) + 1 for names in column) for column in zip(*wrong, strict=True)
    ]
    widths = _shares(needs, style.width - used)
    rows = [
        (*name, *(_packed(*cell, style) for cell in zip(cells, widths, strict=True)), count)
        for name, cells, count in zip(named, wrong, passed, strict=True)
    ]
    heads = ["hosts", "", "", *map(style.word, kinds), "ok"]
    return tabulated(heads, rows, style)


def _names(matrix: Matrix, group: Group, kind: Verdict, style: Style) -> list[str]:
    pairs = zip(matrix.rows, group.cells, strict=True)
    longest = max(20, style.width // 5)
    return [style.shorten(style.clean(row.name), longest) for row, cell in pairs if cell is kind]


def _packed(names: Sequence[str], width: int, style: Style) -> str:
    """As many names on a line as fit, none of them broken."""
    lines = [""]
    for number, name in enumerate(names, start=1):
        word = style.shorten(name, width - 1) + ("," if number < len(names) else "")
        if lines[-1] and len(f"{lines[-1]} {word}") > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".lstrip()
    return "\n".join(lines)


def _shares(needs: Sequence[int], room: int) -> list[int]:
    """Columns that need less than their share leave the rest to the others."""
    shares = [0] * len(needs)
    left = sorted(range(len(needs)), key=needs.__getitem__)
    while left:
        first = left[0]
        shares[first] = max(len("UNKNOWN"), min(needs[first], room // len(left)))
        room -= shares[first]
        left = left[1:]
    return shares
