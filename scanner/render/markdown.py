"""A report as Markdown for a ticket: the verdict first, then what is wrong and what to do about it.

Everything of a host is text (see markdown_text.py). What does not fit into a ticket is counted.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO

from scanner.cluster.result import Outcome
from scanner.evaluate import Ignored
from scanner.matrix import PROBLEMS, Group, Matrix, build
from scanner.render import beyond, markdown_text
from scanner.render.between import TITLE, between, counts, name, sentences
from scanner.render.causes import Cause, Folded, causes, headline, plural, version_line
from scanner.render.edges import summary_line
from scanner.render.fold import fold
from scanner.render.round_trips import pairs_of, paths_line
from scanner.render.style import STATUS_WORDS
from scanner.report import Header, HostStatus, Report
from scanner.verdict import Verdict

MOST = 55_000
"""Characters of problems; GitHub takes 65,536 in an issue, and the matrix is still to come."""
_COLUMNS = 8
"""Groups of hosts up to which there is a matrix; above, hosts are counted."""
_ROWS = 60
_MESSAGES = 5
_FOLDED = 12
"""Rows that one problem explains; a login without root has more."""
_NAMES = 12
"""Folded names of hosts in a list."""
_CELLS = {
    Verdict.PASS: "ok",
    Verdict.SKIP: "-",
    Verdict.UNKNOWN: "?",
    Verdict.WARN: "WARN",
    Verdict.FAIL: "**FAIL**",
    None: "",
}


@dataclass(frozen=True, slots=True)
class _Text:
    prose: Callable[[str], str]
    code: Callable[[str], str]
    hosts: Callable[[Iterable[str]], str]


def write(report: Report, out: TextIO) -> None:
    """Write it all; in memory are the matrix and the problems."""
    ascii_only = (out.encoding or "utf-8").lower().replace("-", "") != "utf8"
    text = _Text(
        functools.partial(markdown_text.prose, ascii_only=ascii_only),
        functools.partial(markdown_text.code, ascii_only=ascii_only),
        lambda hosts: markdown_text.codes(fold(hosts), _NAMES, ascii_only=ascii_only),
    )
    matrix = build(report.hosts(), report.header.titles)
    found = causes(matrix)
    out.writelines(f"{line}\n" for line in _verdict(report, found, text))
    out.writelines(_fitting(_problems(report, matrix, found, text)))
    out.writelines(f"{line}\n" for line in _hosts(matrix, text))


def _verdict(report: Report, found: tuple[Cause, ...], text: _Text) -> Iterator[str]:
    header = report.header
    said = (*counts(header.summary, report.fleet), *beyond.counts(report))
    word = "READY" if header.ready else "NOT READY"
    yield f"# {word}: {text.prose(headline(header, found, said))}"
    yield ""
    yield from _about(header, text)
    if report.edges is not None:
        yield f"Between hosts {text.prose(summary_line(report.edges))}"
        yield ""
        if line := paths_line(pairs_of(report.edges)):
            yield text.prose(line)
            yield ""


def _about(header: Header, text: _Text) -> Iterator[str]:
    cluster = f" for cluster {text.code(header.cluster.name)}" if header.cluster.name else ""
    yield f"Judged{cluster}: {text.prose(version_line(header.cluster))}"
    yield ""
    run, tool = text.code(header.run.id), header.tool
    yield (
        f"Run {run} of {text.prose(header.run.started_at)}, {text.prose(tool.name)} "
        + text.prose(tool.version)
    )
    yield ""


def _fitting(blocks: Iterator[str]) -> Iterator[str]:
    """Blocks as long as there is room; what is left out is said."""
    room = MOST
    left_out = 0
    for block in blocks:
        room -= len(block)
        if room < 0:
            left_out += 1
        else:
            yield block
    if left_out:
        yield f"{left_out:,} more, for which a ticket has no room: see the JSON or HTML report.\n\n"


def _problems(
    report: Report, matrix: Matrix, found: tuple[Cause, ...], text: _Text
) -> Iterator[str]:
    """Blocks that end with an empty line."""
    lost = [group for group in matrix.groups if group.status is HostStatus.UNREACHABLE]
    if found:
        yield "## Problems, the worst first\n\n"
        yield from ("\n".join((*_cause(cause, text), "", "")) for cause in found)
    seen = between(report.fleet, report.header.titles, matrix.unreachable)
    if seen.problems or seen.unknown:
        yield f"## {TITLE}\n\n"
    for result in seen.problems:
        title = text.prose(name(result, report.header.titles))
        lines = [f"**{result.verdict.upper()}** {title} ({text.prose(result.check)})", ""]
        lines += _told(sentences(result), text)
        if result.measured < result.total:
            known = f"{result.measured:,} of {plural(result.total, result.unit)}"
            lines.append(f"- Known of {known} only.")
        lines += _ending(result.ignored, result.remedy, text)
        yield "\n".join((*lines, "", ""))
    for unknown in seen.unknown:
        lines = [f"**UNKNOWN** {', '.join(map(text.prose, unknown.titles))}", ""]
        lines += _told(((unknown.message, unknown.hosts),), text)
        yield "\n".join((*lines, "", ""))
    yield from _beyond(report, text)
    if lost:
        yield "## Unreachable, nothing is known about them\n\n"
        yield from ("".join((*_lines(_told(((g.reason, g.hosts),), text)), "\n")) for g in lost)
    for unknown in seen.lost:
        titles = ", ".join(map(text.prose, unknown.titles))
        told = f"- Because of it also UNKNOWN {titles}: {text.prose(unknown.message)}"
        some = len(unknown.hosts) < len(matrix.unreachable)
        yield f"{told}{f' (not known of {text.hosts(unknown.hosts)})' if some else ''}\n\n"


def _beyond(report: Report, text: _Text) -> Iterator[str]:
    """Blocks about the running cluster and about what was done."""
    if report.verify:
        yield f"## {beyond.CLUSTER}\n\n{text.prose(beyond.fine(report.verify))}.\n\n"
    for result in beyond.problems(report.verify):
        title = text.prose(beyond.name(result, report.header.titles))
        lines = [f"**{result.verdict.upper()}** {title} ({text.prose(result.check)})", ""]
        lines += _told(((result.message, ()),), text)
        lines += _ending(result.ignored, result.remedy, text)
        yield "\n".join((*lines, "", ""))
    undone = beyond.undone(report.phases)
    if undone:
        yield f"## {beyond.PHASES}\n\n"
    for phase in undone:
        word = "FAIL" if phase.outcome is Outcome.FAILED else "NOT DONE"
        lines = [f"**{word}** {text.code(phase.phase)} on {text.code(phase.host)}", ""]
        lines += _told(((beyond.told(phase), ()),), text)
        lines += [f"- {text.code(line)}" for line in phase.said]
        yield "\n".join((*lines, "", ""))


def _lines(lines: Iterable[str]) -> Iterator[str]:
    return (f"{line}\n" for line in lines)


def _cause(cause: Cause, text: _Text) -> Iterator[str]:
    own = "" if cause.row.name == cause.row.check else f" ({text.prose(cause.row.check)})"
    on = plural(len(cause.hosts), "host")
    yield f"**{cause.verdict.upper()}** {text.prose(cause.row.name)}{own} on {on}"
    yield ""
    yield from _told([(problem.message, problem.hosts) for problem in cause.problems], text)
    if cause.verdict is Verdict.UNKNOWN and not cause.blocking:
        yield "- This could only have been a warning."
    if cause.origin.verdict is not cause.verdict:
        yield f"- By itself this is {cause.origin.verdict.upper()}."
    for folded in cause.folded[:_FOLDED]:
        yield from _folded(folded, cause, text)
    if rest := cause.folded[_FOLDED:]:
        names = ", ".join(text.prose(folded.row.name) for folded in rest)
        yield f"- Because of it also {plural(len(rest), 'other row')}: {names}"
    yield from _ending(cause.ignored, cause.remedy, text)


def _folded(folded: Folded, cause: Cause, text: _Text) -> Iterator[str]:
    """A row that the problem explains, with its hosts if it has not all of them."""
    row = folded.row
    own = "" if row.name == row.check else f" ({text.prose(row.check)})"
    before = f"- Because of it also {folded.verdict.upper()} {text.prose(row.name)}{own}"
    for problem in folded.problems[:_MESSAGES]:
        on = f" (on {text.hosts(problem.hosts)})" if len(problem.hosts) < len(cause.hosts) else ""
        yield f"{before}: {text.prose(cause.told(problem))}{on}"
    if rest := folded.problems[_MESSAGES:]:
        count = plural(len(rest), "other message")
        yield f"{before}: {count} on {text.hosts(h for problem in rest for h in problem.hosts)}"


def _told(
    messages: list[tuple[str, tuple[str, ...]]] | tuple[tuple[str, tuple[str, ...]], ...],
    text: _Text,
) -> Iterator[str]:
    for message, hosts in messages[:_MESSAGES]:
        on = f" (on {text.hosts(hosts)})" if hosts else ""
        yield f"- {text.prose(message)}{on}"
    if rest := [host for _, hosts in messages[_MESSAGES:] for host in hosts]:
        count = plural(len(messages) - _MESSAGES, "other message")
        yield f"- And {count} on {text.hosts(dict.fromkeys(rest))}"


def _ending(ignored: Ignored | None, remedy: str, text: _Text) -> Iterator[str]:
    if ignored is not None:
        until = f" until {text.prose(ignored.until)}" if ignored.until else ""
        yield f"- Ignored{until}: {text.prose(ignored.reason)}"
    if remedy:
        yield f"- Fix: {text.prose(remedy)}"


def _hosts(matrix: Matrix, text: _Text) -> Iterator[str]:
    """A small matrix of what is wrong, or the hosts by status where it would be large."""
    if not matrix.groups:
        return
    yield "## Hosts"
    yield ""
    bad = [n for n in range(len(matrix.rows)) if not PROBLEMS.isdisjoint(matrix.cells(n))]
    groups = [group for group in matrix.groups if group.worst is not None]
    if bad and len(groups) <= _COLUMNS and len(bad) <= _ROWS:
        yield _row(["check", *(text.hosts(group.hosts) for group in groups)])
        yield "|---" * (len(groups) + 1) + "|"
        for n in bad:
            row = matrix.rows[n]
            yield _row([text.code(row.name), *(_CELLS[group.cells[n]] for group in groups)])
        yield ""
    yield _row(["status", "hosts", ""])
    yield "|---|---|---|"
    for status in HostStatus:
        named = [group for group in matrix.groups if group.status is status]
        if hosts := _names(named):
            yield _row([STATUS_WORDS[status], f"{len(hosts):,}", text.hosts(hosts)])


def _names(groups: Iterable[Group]) -> list[str]:
    return [host for group in groups for host in group.hosts]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
