"""A comparison on a screen: what is new, worse, gone, and the verdict last."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TextIO

from scanner.diff.cluster import PhaseChange
from scanner.diff.rows import Kind
from scanner.diff.summary import DiffSummary
from scanner.render.causes import plural
from scanner.render.diff_groups import MESSAGES, Groups, RowGroup, RowKey
from scanner.render.fold import fold
from scanner.render.style import STATUS_WORDS, TONES, Style, Tone
from scanner.report import HostStatus
from scanner.runs.two_reports import Comparison
from scanner.verdict import Verdict

_NARROWEST = 60
_INDENT = " " * 9
_HOST_LINES = 3
_FACTS = 50
_EDGES = 20
_VALUE = 120
"""Characters of one value of a fact."""
_WORDS = {Verdict.PASS: "ok", Verdict.SKIP: "not asked", None: "not judged"}


def write(
    comparison: Comparison, summary: DiffSummary, out: TextIO, *, width: int, colour: bool
) -> None:
    """Write it all; memory grows with what has changed."""
    ascii_only = (out.encoding or "utf-8").lower().replace("-", "") != "utf8"
    style = Style(max(width, _NARROWEST), colour, ascii_only)
    groups = Groups({**comparison.old.titles, **comparison.new.titles})
    for host in comparison.hosts():
        groups.add_host(host)
    groups.add_between(comparison.fleet, comparison.edges)
    groups.add_cluster(comparison.verify)
    out.writelines(f"{block}\n\n" for block in _blocks(groups, style))
    if lines := list(_phases(comparison.phases, style)):
        out.write("\n".join((style.paint("Phases", Tone.STRONG), *lines)) + "\n\n")
    out.writelines(f"{line}\n" for line in _ending(comparison, summary, style))


def _blocks(groups: Groups, style: Style) -> Iterator[str]:
    for title, kind, worse in (
        ("New problems", Kind.NEW, True),
        ("Problems that are worse", Kind.CHANGED, True),
        ("Problems first judged now", Kind.FIRST, False),
        ("Problems that are less than they were", Kind.CHANGED, False),
        ("Gone problems", Kind.GONE, False),
        ("Problems of which the new report says nothing", Kind.UNJUDGED, False),
    ):
        found = [
            (key, group, where)
            for where, rows in (
                ("", groups.rows),
                ("between hosts: ", groups.between),
                ("the cluster: ", groups.cluster),
            )
            for key, group in rows.items()
            if key.kind is kind and key.worse is worse
        ]
        if found:
            yield style.paint(title, Tone.STRONG)
        yield from ("\n".join(_row(key, group, where, style)) for key, group, where in found)
    if lines := list(_status(groups, style)):
        yield "\n".join((style.paint("Hosts", Tone.STRONG), *lines))
    if lines := list(_edges(groups, style)):
        yield "\n".join((style.paint("Edges", Tone.STRONG), *lines))
    if lines := list(_facts(groups.facts, style)):
        yield "\n".join((style.paint("Facts that changed", Tone.STRONG), *lines))


def _row(key: RowKey, group: RowGroup, where: str, style: Style) -> Iterator[str]:
    told = key.after if key.kind in {Kind.NEW, Kind.FIRST, Kind.CHANGED} else key.before
    word = (told or Verdict.UNKNOWN).upper() if key.kind is not Kind.GONE else "gone"
    tone = Tone.GOOD if key.kind is Kind.GONE else TONES[told or Verdict.UNKNOWN]
    own = "" if key.title == key.check else f" ({key.check})"
    name = style.paint(style.clean(f"{where}{key.title}"), Tone.STRONG)
    change = f"{_word(key.before)} -> {_word(key.after)}"
    yield f"{style.paint(word.ljust(len(_INDENT)), tone)}{name}{style.clean(own)}: {change}"
    for message in list(group.messages)[:MESSAGES]:
        yield from _wrapped(style.clean(message), style)
    if len(group.messages) > MESSAGES:
        yield f"{_INDENT}and other messages: see --format json"
    if group.hosts:
        yield from _hosts(group.hosts, style)
    if key.remedy:
        yield from _wrapped(style.clean(f"Fix: {key.remedy}"), style)


def _word(verdict: Verdict | None) -> str:
    return _WORDS.get(verdict) or (verdict or Verdict.UNKNOWN).upper()


def _status(groups: Groups, style: Style) -> Iterator[str]:
    for (before, after, reason), hosts in groups.status.items():
        if before is None:
            yield f"  added, {_status_word(after)}"
        elif after is None:
            yield f"  lost, was {_status_word(before)}"
        else:
            yield f"  {_status_word(before)} -> {_status_word(after)}"
        yield from _hosts(hosts, style)
        if reason:
            yield from _wrapped(style.clean(reason), style)


def _status_word(status: HostStatus | None) -> str:
    return "" if status is None else STATUS_WORDS[status]


def _edges(groups: Groups, style: Style) -> Iterator[str]:
    for (what, before, after, worse), pairs in groups.edges.items():
        change = f"{before or 'ok'} -> {after or 'ok'}"
        tone = Tone.BAD if worse else Tone.GOOD if after is None else Tone.STRONG
        yield f"  {style.paint(change, tone)} {style.clean(what)}, {plural(len(pairs), 'edge')}"
        shown = ", ".join(pairs[:_EDGES])
        yield from _wrapped(style.clean(shown), style)
        if len(pairs) > _EDGES:
            yield f"{_INDENT}and {len(pairs) - _EDGES:,} more"


def _facts(facts: Mapping[tuple[str, str, str], list[str]], style: Style) -> Iterator[str]:
    most_hosts_first = sorted(facts.items(), key=lambda item: (-len(item[1]), item[0]))
    for (fact, before, after), hosts in most_hosts_first[:_FACTS]:
        was, now = (style.clean(_cut(value)) for value in (before, after))
        yield from _wrapped(f"{style.clean(fact)}: {was} -> {now}", style, "  ")
        yield from _hosts(hosts, style)
    if len(facts) > _FACTS:
        yield f"  and {len(facts) - _FACTS:,} more: see --format json"


def _phases(phases: Iterable[PhaseChange], style: Style) -> Iterator[str]:
    for phase in phases:
        change = f"{phase.before or 'not there'} -> {phase.after}"
        tone = Tone.BAD if phase.worse else Tone.GOOD
        yield f"  {style.paint(change, tone)} {style.clean(f'{phase.phase} on {phase.host}')}"
        if phase.message:
            yield from _wrapped(style.clean(phase.message), style)


def _cut(value: str) -> str:
    return value if len(value) <= _VALUE else f"{value[:_VALUE]}... (+{len(value) - _VALUE})"


def _hosts(hosts: Iterable[str], style: Style) -> Iterator[str]:
    names = tuple(hosts)
    count = f"{plural(len(names), 'host')}: " if len(names) > 1 else ""
    text = style.clean(f"on {count}{', '.join(fold(names))}")
    for line in style.lines(text, style.width - len(_INDENT), _HOST_LINES):
        yield _INDENT + style.paint(line, Tone.QUIET)


def _wrapped(text: str, style: Style, indent: str = _INDENT) -> Iterator[str]:
    yield from textwrap.wrap(
        text,
        style.width,
        initial_indent=indent,
        subsequent_indent=indent if indent == _INDENT else indent * 2,
        break_on_hyphens=False,
    )


def _ending(comparison: Comparison, summary: DiffSummary, style: Style) -> Iterator[str]:
    for note in comparison.notes():
        yield from _wrapped(style.clean(f"Note: {note}"), style, "")
    for word, header in (("Old", comparison.old), ("New", comparison.new)):
        ready = "ready" if header.ready else "not ready"
        run = f"{word}: run {header.run.id} of {header.run.started_at}, {ready}"
        yield style.clean(run)
    word, tone = ("WORSE", Tone.BAD) if summary.worse else ("NOT WORSE", Tone.GOOD)
    first, *rest = textwrap.wrap(
        f"{word}: {'; '.join(_counts(summary))}", style.width, subsequent_indent="  "
    )
    yield style.paint(word, tone) + first.removeprefix(word)
    yield from rest


def _counts(summary: DiffSummary) -> Iterator[str]:
    if summary.is_empty:
        yield "nothing has changed"
        return
    yield f"{plural(summary.new, 'new problem')}, {summary.gone:,} gone"
    if summary.first_judged:
        yield f"{summary.first_judged:,} first judged now"
    if summary.changed:
        yield f"{summary.changed:,} changed"
    if summary.unjudged:
        yield f"{summary.unjudged:,} no longer judged"
    yield from _other_counts(summary)
    if summary.no_longer_ready:
        yield "no longer ready"


def _other_counts(summary: DiffSummary) -> Iterator[str]:
    if summary.status:
        yield f"another status on {plural(summary.status, 'host')}"
    if summary.added or summary.lost:
        yield f"{plural(summary.added, 'host')} added, {summary.lost:,} lost"
    if summary.edges:
        yield f"{plural(summary.edges, 'edge')} changed"
    if summary.phases:
        yield f"{plural(summary.phases, 'phase')} changed"
    if summary.facts:
        yield f"{plural(summary.facts, 'fact')} changed"
