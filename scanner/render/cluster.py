"""What the running cluster was seen to be, on a screen: a line for each step, then the problems."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

from scanner.render.causes import version_line
from scanner.render.fold import fold
from scanner.render.style import TONES, Style, Tone
from scanner.report import Header, Report
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult

TITLE = "The running cluster"
_NARROWEST = 60
_INDENT = " " * 9
_ORDER = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.PASS, Verdict.SKIP)
_LINES = 2


@dataclass(frozen=True, slots=True)
class _Group:
    """All results of one check."""

    check: str
    title: str
    step: int | None
    results: tuple[VerifyResult, ...]


def write(report: Report, out: TextIO, *, width: int, colour: bool) -> None:
    """Write the results of verify, and nothing of hosts."""
    encoding = (out.encoding or "utf-8").lower().replace("-", "")
    style = Style(max(width, _NARROWEST), colour, ascii_only=encoding != "utf8")
    out.writelines(f"{block}\n\n" for block in blocks(report.verify, report.header.titles, style))
    out.write("\n".join(_verdict(report.header, report.verify, style)) + "\n")


def blocks(
    results: Iterable[VerifyResult], titles: Mapping[str, str], style: Style
) -> Iterator[str]:
    """The table, and a block for each result that is not green."""
    found = tuple(results)
    if not found:
        return
    yield style.paint(TITLE, Tone.STRONG)
    yield "\n".join(line for group in _groups(found, titles) for line in _row(group, style))
    told = {result.check for result in found if result.verdict is Verdict.FAIL}
    for result in _problems(found):
        yield "\n".join(_problem(result, titles, style, told))


def _groups(results: tuple[VerifyResult, ...], titles: Mapping[str, str]) -> Iterator[_Group]:
    by_check: dict[str, list[VerifyResult]] = {}
    for result in results:
        by_check.setdefault(result.check, []).append(result)
    for check, some in by_check.items():
        yield _Group(check, titles.get(check, check), some[0].step, tuple(some))


_TITLE_WIDTH = 36


def _row(group: _Group, style: Style) -> Iterator[str]:
    number = f"{group.step:>2}" if group.step is not None else "  "
    title = style.shorten(style.clean(group.title), _TITLE_WIDTH).ljust(_TITLE_WIDTH)
    head = f"{number} {title} "
    parts = list(_parts(group, style))
    room = style.width - len(head)
    lines = style.lines(", ".join(parts), room, _LINES) or [""]
    yield head + lines[0]
    yield from (" " * len(head) + line for line in lines[1:])


def _parts(group: _Group, style: Style) -> Iterator[str]:
    """`ok`, or each verdict with what it is about."""
    for verdict in _ORDER:
        some = [result for result in group.results if result.verdict is verdict]
        if not some:
            continue
        word = {Verdict.PASS: "ok", Verdict.SKIP: "not asked"}.get(verdict, verdict.upper())
        names = [style.clean(result.subject) for result in some if result.subject]
        said = bool(some[0].message) and not (names and len(group.results) > len(some))
        if said and verdict in (Verdict.PASS, Verdict.SKIP):
            yield f"{word}: {style.clean(some[0].message)}"
        else:
            yield _named(word, names)


def _named(word: str, names: list[str]) -> str:
    return f"{word} {' '.join(fold(names))}" if names else word


def _problems(results: tuple[VerifyResult, ...]) -> list[VerifyResult]:
    bad = [r for r in results if r.verdict in (Verdict.FAIL, Verdict.WARN, Verdict.UNKNOWN)]
    return sorted(bad, key=lambda result: (not result.blocking, _ORDER.index(result.verdict)))


def _problem(
    result: VerifyResult, titles: Mapping[str, str], style: Style, failed: set[str]
) -> Iterator[str]:
    word = result.verdict.upper().ljust(len(_INDENT))
    title = f"{titles.get(result.check, result.check)} {result.subject}".rstrip()
    named = style.paint(style.clean(title), Tone.STRONG)
    yield f"{style.paint(word, TONES[result.verdict])}{named} ({style.clean(result.check)})"
    yield from _wrapped(style.clean(result.message), style)
    causes = [check for check in result.depends if check in failed]
    if causes:
        yield from _wrapped(f"Look at {', '.join(map(style.clean, causes))} first.", style)
    if result.remedy:
        yield from _wrapped(style.clean(f"Fix: {result.remedy}"), style)


def _wrapped(text: str, style: Style) -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        style.width,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_on_hyphens=False,
    )


def _verdict(header: Header, results: tuple[VerifyResult, ...], style: Style) -> Iterator[str]:
    word, tone = ("VERIFIED", Tone.GOOD) if header.ready else ("NOT VERIFIED", Tone.BAD)
    counts = [
        f"{count:,} {name}"
        for verdict, name in (
            (Verdict.PASS, "passed"),
            (Verdict.FAIL, "failed"),
            (Verdict.WARN, "warned"),
            (Verdict.UNKNOWN, "not known"),
            (Verdict.SKIP, "not asked"),
        )
        if (count := sum(result.verdict is verdict for result in results))
    ]
    if not header.run.complete:
        counts.append("interrupted")
    yield style.paint(word, tone) + f": {', '.join(counts) or 'nothing was asked'}"
    yield style.clean(" ".join(version_line(header.cluster).split()))
