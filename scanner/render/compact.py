"""A report on few lines of a screen: no matrix, two or three lines for each problem."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from scanner.disagreements import disagreements
from scanner.matrix import Matrix
from scanner.render import beyond, own_kubeadm
from scanner.render.between import Between, between, name, sentences
from scanner.render.causes import causes, plural
from scanner.render.edges import summary_line
from scanner.render.fold import fold
from scanner.render.style import TONES, Style, Tone
from scanner.report import HostStatus, Report
from scanner.verdict import Verdict

_INDENT = " " * 9


def compact(report: Report, matrix: Matrix, style: Style) -> Iterator[str]:
    """Blocks of text; the fixes are left to the other layouts and to `kscan explain`."""
    seen = between(report.fleet, report.header.titles, matrix.unreachable)
    for told in (_lost(matrix, seen), _causes(matrix), _between(seen, report), _cluster(report)):
        if block := "\n".join(line for entry in told for line in _lines(entry, style)):
            yield block
    if (beside := disagreements(report.hosts())).asked:
        yield style.clean(own_kubeadm.headline(beside))
    if report.edges is not None:
        yield style.clean(summary_line(report.edges))


@dataclass(frozen=True, slots=True)
class _Entry:
    word: str
    tone: Tone
    title: str
    hosts: tuple[str, ...]
    message: str
    rows: int = 1
    """Lines that the message may take."""
    also: str = ""
    """What went wrong because of it."""


def _lost(matrix: Matrix, seen: Between) -> Iterator[_Entry]:
    lost = [group for group in matrix.groups if group.status is HostStatus.UNREACHABLE]
    names = [title for unknown in seen.lost for title in unknown.titles]
    for group in lost:
        also = _also(names) if group is lost[-1] else ""
        yield _Entry("LOST", Tone.BAD, "unreachable", group.hosts, group.reason, also=also)


def _causes(matrix: Matrix) -> Iterator[_Entry]:
    for cause in causes(matrix):
        message = _first([problem.message for problem in cause.problems])
        entry = _entry(cause.verdict, cause.row.name, cause.hosts, message)
        yield replace(entry, also=_also([folded.row.name for folded in cause.folded]))


def _cluster(report: Report) -> Iterator[_Entry]:
    for result in beyond.problems(report.verify):
        title = beyond.name(result, report.header.titles)
        yield _entry(result.verdict, title, (), result.message)


def _between(seen: Between, report: Report) -> Iterator[_Entry]:
    for result in seen.problems:
        message = _first([message for message, _ in sentences(result)] or [result.message])
        title = name(result, report.header.titles)
        # what is to be done about an edge stands at its sentence's end
        yield replace(_entry(result.verdict, title, result.hosts, message), rows=3)
    for unknown in seen.unknown:
        titles = ", ".join(unknown.titles)
        yield _entry(Verdict.UNKNOWN, titles, unknown.hosts, unknown.message)


def _entry(verdict: Verdict, title: str, hosts: tuple[str, ...], message: str) -> _Entry:
    return _Entry(verdict.upper(), TONES[verdict], title, hosts, message)


def _lines(entry: _Entry, style: Style) -> Iterator[str]:
    """`FAIL     Swap: swap is on`, and below the hosts; all is cut to the screen's width."""
    room = style.width - len(_INDENT)
    head = "".join(style.lines(style.clean(entry.title), room, 1))
    message = style.clean(f": {entry.message}")
    word = style.paint(entry.word.ljust(len(_INDENT)), entry.tone)
    first, *more = style.lines(f"{'x' * len(head)}{message}", room, entry.rows)
    yield word + style.paint(head, Tone.STRONG) + first[len(head) :]
    for line in more:
        yield _INDENT + line
    if entry.hosts:
        count = f"{plural(len(entry.hosts), 'host')}: " if len(entry.hosts) > 1 else ""
        on = style.clean(f"on {count}{', '.join(fold(entry.hosts))}")
        yield _INDENT + style.paint("".join(style.lines(on, room, 1)), Tone.QUIET)
    if entry.also:
        yield from (_INDENT + line for line in style.lines(style.clean(entry.also), room, 2))


def _also(names: list[str]) -> str:
    count = plural(len(names), "row")
    return f"because of it also {count}: {', '.join(names)}" if names else ""


def _first(messages: list[str]) -> str:
    """The most common message, and how many others there are."""
    more = f" (and {plural(len(messages) - 1, 'other message')})" if len(messages) > 1 else ""
    return f"{messages[0]}{more}"
