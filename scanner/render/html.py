"""A report as one HTML page that needs nothing else: no script, no font, no image."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, TextIO

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from scanner.disagreements import differs, disagreements
from scanner.edges.report import EdgesReport
from scanner.matrix import PROBLEMS, Matrix, build
from scanner.render import edges as edge_page
from scanner.render import own_kubeadm
from scanner.render.between import TITLE, between, counts, name, sentences
from scanner.render.causes import causes, headline, plural, version_line
from scanner.render.fold import fold
from scanner.render.harmless import harmless
from scanner.render.style import STATUS_WORDS
from scanner.report import HostReport, HostStatus, Report
from scanner.verdict import Verdict

_SYMBOLS = {
    Verdict.PASS: "✔",
    Verdict.WARN: "▲",
    Verdict.FAIL: "✘",
    Verdict.SKIP: "-",
    Verdict.UNKNOWN: "?",
}
_WORDS = {verdict: "ok" if verdict is Verdict.PASS else verdict.value for verdict in Verdict}
_LONGEST = 2_000
"""Characters of one value: a list of kernel options is long, and wanted."""
_LINKS = 24
"""Hosts of a problem up to which each has a link of its own."""


def write(report: Report, out: TextIO) -> None:
    """Stream the page; one host at a time is in memory, beside the matrix.

    A stream that is not UTF-8 gets ASCII with character references.
    """
    header = report.header
    matrix = build(report.hosts(), header.titles)
    found = causes(matrix)
    style = _resource("page.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    names = [host for group in matrix.groups for host in group.hosts]
    page = _environment().from_string(_resource("page.html.j2"))
    pieces = page.generate(
        header=header,
        headline=headline(header, found, counts(header.summary, report.fleet)),
        between=between(report.fleet, header.titles),
        between_title=TITLE,
        fleet_name=functools.partial(name, titles=header.titles),
        fleet_sentences=sentences,
        edges=_edges(report.edges),
        version_line=version_line(header.cluster),
        style=Markup(style),  # noqa: S704 - our own file, and the policy names its digest
        style_digest=digest,
        causes=found,
        links=_LINKS,
        beside=disagreements(report.hosts()),
        own_kubeadm=own_kubeadm,
        unreachable=[g for g in matrix.groups if g.status is HostStatus.UNREACHABLE],
        groups=[number for number, g in enumerate(matrix.groups) if g.worst is not None],
        matrix=matrix,
        anchors={name: f"host-{number}" for number, name in enumerate(names, start=1)},
        hosts=map(_host, report.hosts()),
        few=header.summary.hosts.total <= _LINKS,
    )
    ascii_only = (out.encoding or "utf-8").lower().replace("-", "") != "utf8"
    for piece in pieces:
        safe = piece.encode("ascii", "xmlcharrefreplace").decode() if ascii_only else piece
        out.write(safe)


@dataclass(frozen=True, slots=True)
class _Host:
    """A host and what the template cannot work out itself."""

    report: HostReport
    counts: tuple[tuple[Verdict, int], ...]
    """How many rows went wrong in each way, without zeros."""
    facts: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """Group, and its fields with their values as text."""


def _host(report: HostReport) -> _Host:
    verdicts = [result.verdict for result in report.results]
    shown = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN, Verdict.PASS, Verdict.SKIP)
    counts = tuple((v, verdicts.count(v)) for v in shown if v in verdicts)
    groups = (report.facts or {}).items()
    return _Host(report, counts, tuple((name, tuple(_fields(value))) for name, value in groups))


def _edges(edges: EdgesReport | None) -> Markup:
    """A section of its own; most of the page's readers have no edges, and need not compile it."""
    if edges is None:
        return Markup()
    section = _environment().from_string(_resource("edges.html.j2"))
    text = section.render(
        edges=edges,
        summary=edge_page.summary_line(edges),
        shows_matrix=edge_page.is_worth_a_matrix(edges),
        words=edge_page.WORDS,
    )
    return Markup(text)  # noqa: S704 - a template of ours, which has escaped all that is in it


def _fields(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield str(name), _text(inner)
    else:
        yield "", _text(value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _environment() -> Environment:
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["fold"] = _folded
    environment.filters["plural"] = plural
    environment.filters["symbol"] = _SYMBOLS.__getitem__
    environment.filters["word"] = _WORDS.__getitem__
    environment.filters["status"] = STATUS_WORDS.__getitem__
    environment.tests["answered_differently"] = differs
    environment.globals["problematic"] = _problematic
    return environment


def _folded(names: Sequence[str]) -> Markup:
    """All names, however many: each part is harmless by itself, and lines break between parts."""
    parts = ", ".join(fold(names)).split(",")
    return Markup(",<wbr>").join(harmless(part) for part in parts)


def _problematic(matrix: Matrix, row: int) -> bool:
    return not PROBLEMS.isdisjoint(matrix.cells(row))


def _shown(value: Any) -> Any:
    """Every value of the page goes through here, before it is escaped."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return harmless(value, limit=_LONGEST)
    return value


def _resource(name: str) -> str:
    return files("scanner.render").joinpath(name).read_text(encoding="utf-8")
