"""A report on a screen: the matrix, what is wrong and what to do, and the verdict last."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import TextIO

from scanner.disagreements import Disagreements, disagreements
from scanner.evaluate import Ignored
from scanner.fleet.judge import FleetResult
from scanner.matrix import Matrix, build
from scanner.render import beyond, cluster, own_kubeadm
from scanner.render.between import TITLE, Between, Unknown, between, counts, name, sentences
from scanner.render.causes import Cause, Folded, causes, headline, plural, version_line
from scanner.render.compact import compact
from scanner.render.edge_blocks import edge_blocks
from scanner.render.fold import fold
from scanner.render.grid import grid, plain_list
from scanner.render.harmless import harmless
from scanner.render.phases import phase_lines
from scanner.render.screen import Layout
from scanner.render.style import TONES, Style, Tone
from scanner.report import HostReport, HostStatus, Report
from scanner.verdict import Verdict

SHOW_ALL = 12
"""Hosts up to which rows without a problem are shown too."""
_NARROWEST = 60
"""Columns; on a narrower screen the terminal breaks the lines."""
_ENDLESS = 1_000_000
_INDENT = " " * 9
_MESSAGES = 5
"""Different messages of one cause that are told; each may be different on each of 1,000 hosts."""
_HOST_LINES = 3
_FOLDED_LINES = 2
"""Of a message that another problem explains; the wide layout and the other formats have it all."""


def write(
    report: Report,
    out: TextIO,
    *,
    width: int,
    colour: bool,
    only_failing: bool | None,
    layout: Layout = Layout.FITTING,
) -> None:
    """Write it all.

    Args:
        report: what to show.
        out: without UTF-8 only ASCII is written.
        width: columns of the screen.
        colour: with ANSI's colours; NO_COLOR and pipes are the caller's to know.
        only_failing: leave out rows in which no host has a problem; None does so above 12 hosts.
        layout: how much is shown, see Layout.
    """
    out.writelines(f"{line}\n" for line in _phases(report, out))
    if report.verify and not report.header.summary.hosts.total:
        cluster.write(report, out, width=width, colour=colour)
        return
    encoding = (out.encoding or "utf-8").lower().replace("-", "")
    wide = layout is Layout.WIDE
    style = Style(max(width, _NARROWEST), colour, ascii_only=encoding != "utf8", whole=wide)
    matrix = build(report.hosts(), report.header.titles)
    if layout is Layout.COMPACT:
        blocks = compact(report, matrix, style)
    else:
        blocks = _blocks(report, matrix, style, only_failing)
    out.writelines(f"{block}\n\n" for block in blocks)
    out.write("\n".join(_verdict(report, matrix, style)) + "\n")


def _phases(report: Report, out: TextIO) -> Iterator[str]:
    """What was done, with an empty line below; nothing for a check."""
    ascii_only = (out.encoding or "utf-8").lower().replace("-", "") != "utf8"
    if report.phases:
        yield from (harmless(line, ascii_only=ascii_only) for line in phase_lines(report.phases))
        yield ""


def _blocks(
    report: Report, matrix: Matrix, style: Style, only_failing: bool | None
) -> Iterator[str]:
    total = report.header.summary.hosts.total
    if only_failing is None:
        only_failing = total > SHOW_ALL
    if total == 1 and not only_failing:
        yield from (_single(host, matrix, style) for host in report.hosts() if host.results)
    else:
        table = replace(style, width=_ENDLESS) if style.whole else style
        yield from grid(matrix, table, only_failing=only_failing)
    seen = between(report.fleet, report.header.titles, matrix.unreachable)
    if unreachable := "\n".join(_unreachable(matrix, seen.lost, style)):
        yield unreachable
    if (beside := disagreements(report.hosts())).asked:
        yield "\n".join(_own_kubeadm(beside, style))
    if report.edges is not None:
        yield from edge_blocks(report.edges, style)
    if found := causes(matrix):
        yield style.paint("Problems, the worst first", Tone.STRONG)
        yield from ("\n".join(_cause(cause, style)) for cause in found)
    yield from _between(seen, report, style)
    yield from cluster.blocks(report.verify, report.header.titles, style)


def _between(found: Between, report: Report, style: Style) -> Iterator[str]:
    """What no host shows alone: a block for each result that is not green."""
    if found.problems or found.unknown:
        yield style.paint(TITLE, Tone.STRONG)
    for result in found.problems:
        yield "\n".join(_fleet_result(result, name(result, report.header.titles), style))
    for unknown in found.unknown:
        yield "\n".join(_fleet_unknown(unknown, style))
    if found.fine:
        yield style.paint(found.fine, Tone.QUIET)


def _fleet_result(result: FleetResult, title: str, style: Style) -> Iterator[str]:
    word = result.verdict.upper().ljust(len(_INDENT))
    named = style.paint(style.clean(title), Tone.STRONG)
    yield f"{style.paint(word, TONES[result.verdict])}{named} ({style.clean(result.check)})"
    told = sentences(result)
    for message, hosts in told[:_MESSAGES]:
        yield from _wrapped(style.clean(message), style)
        if hosts:
            yield from _hosts(hosts, style, before="on ")
    if rest := told[_MESSAGES:]:
        names = list(dict.fromkeys(host for _, hosts in rest for host in hosts))
        yield from _hosts(names, style, before=f"and {plural(len(rest), 'other message')} on ")
    if result.measured < result.total:
        yield f"{_INDENT}Known of {result.measured:,} of {plural(result.total, result.unit)} only."
    yield from _ignored(result.ignored, style)
    if result.remedy:
        yield from _wrapped(style.clean(f"Fix: {result.remedy}"), style)


def _fleet_unknown(unknown: Unknown, style: Style) -> Iterator[str]:
    word = style.paint("UNKNOWN".ljust(len(_INDENT)), TONES[Verdict.UNKNOWN])
    first, *rest = textwrap.wrap(style.clean(", ".join(unknown.titles)), style.width - len(_INDENT))
    yield word + style.paint(first, Tone.STRONG)
    yield from (_INDENT + style.paint(line, Tone.STRONG) for line in rest)
    yield from _wrapped(style.clean(unknown.message), style)
    if unknown.hosts:
        yield from _hosts(unknown.hosts, style, before="not known of ")
    if not unknown.blocking:
        yield f"{_INDENT}This could only have been a warning."


def _single(host: HostReport, matrix: Matrix, style: Style) -> str:
    by_place = {(result.check, result.subject): result for result in host.results}
    results = [by_place[row.check, row.subject] for row in matrix.rows]
    title = host.name if host.address in (host.name, "") else f"{host.name} {host.address}"
    status = " ".join(style.status(host.status))
    judged = f", judged as {host.role}" if host.role else ""
    listed = plain_list(results, [row.name for row in matrix.rows], style)
    return f"{style.clean(title)}{style.clean(judged)}: {status}\n\n{listed}"


def _unreachable(matrix: Matrix, lost: tuple[Unknown, ...], style: Style) -> Iterator[str]:
    groups = [group for group in matrix.groups if group.status is HostStatus.UNREACHABLE]
    if groups:
        yield style.paint("Unreachable, nothing is known about them", Tone.BAD)
    for group in groups:
        yield from _hosts(group.hosts, style, indent="  ")
        yield from _wrapped(style.clean(group.reason), style, indent="      ")
    if lost:
        yield "  Because of it also:"
    for unknown in lost:
        text = f"UNKNOWN {', '.join(unknown.titles)}: {unknown.message}"
        yield from _wrapped(style.clean(text), style, indent="    ")
        if len(unknown.hosts) < len(matrix.unreachable):
            yield from _hosts(unknown.hosts, style, before="not known of ", indent="    ")


def _own_kubeadm(found: Disagreements, style: Style) -> Iterator[str]:
    yield style.paint(own_kubeadm.headline(found), Tone.STRONG)
    for difference in found.differences:
        name = style.paint(style.clean(difference.name), Tone.STRONG)
        yield f"  {name}: {own_kubeadm.sides(difference)}"
        for line in difference.lines[:_MESSAGES]:
            yield from _wrapped(style.clean(line), style)
        yield from _hosts(difference.hosts, style, before="on ")
    for text, hosts in (*own_kubeadm.not_reached(found), *found.notes[:_MESSAGES]):
        yield from _wrapped(style.clean(text), style, indent="  ")
        yield from _hosts(hosts, style, before="on ")
    if len(found.notes) > _MESSAGES:
        rest = plural(len(found.notes) - _MESSAGES, "other line")
        yield f"  and {rest} of kubeadm: see the hosts' notes in the reports"


def _cause(cause: Cause, style: Style) -> Iterator[str]:
    # the name stays in one piece however long: it is what --ignore-preflight-errors takes
    word = cause.verdict.upper().ljust(len(_INDENT))
    name = style.paint(style.clean(cause.row.name), Tone.STRONG)
    own = "" if cause.row.name == cause.row.check else f" ({style.clean(cause.row.check)})"
    yield f"{style.paint(word, TONES[cause.verdict])}{name}{own}"
    told = cause.problems[:_MESSAGES]
    for problem in told:
        yield from _wrapped(style.clean(problem.message), style)
        yield from _hosts(problem.hosts, style, before="on ")
    if rest := [host for problem in cause.problems[_MESSAGES:] for host in problem.hosts]:
        count = plural(len(cause.problems) - _MESSAGES, "other message")
        yield from _hosts(rest, style, before=f"and {count} on ")
    if cause.verdict is Verdict.UNKNOWN and not cause.blocking:
        yield f"{_INDENT}This could only have been a warning."
    yield from _ignored(cause.ignored, style)
    if cause.origin.verdict is not cause.verdict:
        yield f"{_INDENT}By itself this is {cause.origin.verdict.upper()}."
    if cause.folded:
        yield f"{_INDENT}Because of it also:"
    for folded in cause.folded:
        yield from _folded(folded, cause, style)
    if cause.remedy:
        yield from _wrapped(style.clean(f"Fix: {cause.remedy}"), style)


def _folded(folded: Folded, cause: Cause, style: Style) -> Iterator[str]:
    """A row that the problem explains: `FAIL CRI (KS211): ...`, and its hosts if it has not all."""
    word = folded.verdict.upper()
    row, indent = folded.row, _INDENT + "  "
    name = row.name if row.name == row.check else f"{row.name} ({row.check})"
    for problem in folded.problems[:_MESSAGES]:
        text = style.clean(f"{word} {name}: {cause.told(problem)}")
        first, *more = style.lines(text, style.width - len(indent) - 2, _FOLDED_LINES)
        yield indent + style.paint(word, TONES[folded.verdict]) + first.removeprefix(word)
        yield from (f"{indent}  {line}" for line in more)
        if len(problem.hosts) < len(cause.hosts):
            yield from _hosts(problem.hosts, style, before="on ", indent=indent)
    if rest := [host for problem in folded.problems[_MESSAGES:] for host in problem.hosts]:
        count = plural(len(folded.problems) - _MESSAGES, "other message")
        yield from _hosts(rest, style, before=f"and {count} on ", indent=indent)


def _ignored(ignored: Ignored | None, style: Style) -> Iterator[str]:
    if ignored is not None:
        until = f" until {ignored.until}" if ignored.until else ""
        yield from _wrapped(style.clean(f"Ignored{until}: {ignored.reason}"), style)


def _hosts(
    hosts: tuple[str, ...] | list[str], style: Style, *, before: str = "", indent: str = _INDENT
) -> Iterator[str]:
    """The names folded, in a few lines, with their number where it is not plain to see."""
    count = f"{plural(len(hosts), 'host')}: " if len(hosts) > 1 else ""
    text = style.clean(f"{before}{count}{', '.join(fold(hosts))}")
    lines = style.lines(text, style.width - len(indent), _HOST_LINES)
    yield from (indent + style.paint(line, Tone.QUIET) for line in lines)


def _wrapped(text: str, style: Style, indent: str = _INDENT) -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        style.width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def _verdict(report: Report, matrix: Matrix, style: Style) -> Iterator[str]:
    header = report.header
    said = (*counts(header.summary, report.fleet), *beyond.counts(report))
    text = style.clean(headline(header, causes(matrix), said))
    word, tone = ("READY", Tone.GOOD) if header.ready else ("NOT READY", Tone.BAD)
    first, *rest = textwrap.wrap(f"{word}: {text}", style.width, subsequent_indent="  ")
    yield style.paint(word, tone) + first.removeprefix(word)
    yield from rest
    yield from _wrapped(style.clean(version_line(header.cluster)), style, indent="")
