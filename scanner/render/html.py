"""A report as one HTML page that needs nothing else: no other file, no network.

The verdict and the problems are markup. The matrix and the hosts are drawn by the page's own script
from one block of data (`page_data`). The page's policy allows this script and this style by their
digests and nothing else, so that whatever a host has said stays text.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib.resources import files
from typing import Any, TextIO
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from scanner.disagreements import disagreements
from scanner.edges.report import EdgesReport
from scanner.matrix import Matrix, build
from scanner.render import beyond, own_kubeadm
from scanner.render.between import TITLE, Between, between, counts, name, sentences
from scanner.render.causes import Cause, causes, headline, plural, version_line
from scanner.render.edge_table import edge_table
from scanner.render.edges import summary_line
from scanner.render.fold import fold
from scanner.render.harmless import harmless
from scanner.render.page_data import LONGEST, PageData
from scanner.render.remedy import commands, pieces
from scanner.render.round_trips import shown_ms
from scanner.render.style import STATUS_WORDS
from scanner.report import HostCounts, HostStatus, Report
from scanner.verdict import Verdict

SCRIPTS = ("data.js", "filter.js", "grid.js", "host.js", "main.js")
"""In this order they are one program."""
_SYMBOLS = {
    Verdict.PASS: "✔",
    Verdict.WARN: "▲",
    Verdict.FAIL: "✘",
    Verdict.SKIP: "-",
    Verdict.UNKNOWN: "?",
}
_WORDS = {verdict: "ok" if verdict is Verdict.PASS else verdict.value for verdict in Verdict}
_DRAWN = ("matrix", "hosts")
"""Sections that are hidden until the script has drawn them, and so are the ways to them."""
_LINKS = 24
"""Hosts of a problem up to which each has a link of its own."""


def write(report: Report, out: TextIO) -> None:
    """Stream the page; each host is decoded once, and what hosts have in common is in memory.

    A stream that is not UTF-8 gets ASCII with character references.
    """
    header = report.header
    style, script = _resource("page.css"), "".join(map(_resource, SCRIPTS))
    with closing(PageData(header.summary.hosts.total)) as data:
        matrix = build(data.watch(report.hosts()), header.titles)
        found = causes(matrix)
        problems = [cause for cause in found if cause.blocking]
        warnings = [cause for cause in found if not cause.blocking]
        unreachable = [g for g in matrix.groups if g.status is HostStatus.UNREACHABLE]
        between_hosts = between(report.fleet, header.titles, matrix.unreachable)
        beside = disagreements(report.hosts() if data.asked_kubeadm else ())
        page = (
            _environment()
            .from_string(_resource("page.html.j2"))
            .generate(
                header=header,
                headline=headline(
                    header,
                    found,
                    (*counts(header.summary, report.fleet), *beyond.counts(report)),
                ),
                statuses=tuple(_statuses(header.summary.hosts)),
                sections=tuple(_sections(problems, unreachable, between_hosts, report, warnings)),
                between=between_hosts,
                between_title=TITLE,
                fleet_name=functools.partial(name, titles=header.titles),
                fleet_sentences=sentences,
                beyond=beyond,
                verify=report.verify,
                undone=beyond.undone(report.phases),
                edges=_edges(report.edges),
                version_line=version_line(header.cluster),
                style=Markup(style),  # noqa: S704 - our own file, and the policy names its digest
                script=Markup(script),  # noqa: S704 - as the style
                digests={"style": _digest(style), "script": _digest(script)},
                problems=problems,
                warnings=warnings,
                links=_LINKS,
                beside=beside,
                own_kubeadm=own_kubeadm,
                unreachable=unreachable,
                unreachable_hosts=len(matrix.unreachable),
                unknown=Verdict.UNKNOWN,
                by_status=tuple(_by_status(matrix)),
                drawn=_DRAWN,
                data=map(Markup, data.pieces(matrix.rows, _SYMBOLS)),
            )
        )
        ascii_only = (out.encoding or "utf-8").lower().replace("-", "") != "utf8"
        for piece in page:
            safe = piece.encode("ascii", "xmlcharrefreplace").decode() if ascii_only else piece
            out.write(safe)


def _statuses(hosts: HostCounts) -> Iterator[tuple[HostStatus, int, int]]:
    """Status, its hosts, and how many hosts stand before them in the bar."""
    before = 0
    for status, count in (
        (HostStatus.NOT_READY, hosts.not_ready),
        (HostStatus.UNREACHABLE, hosts.unreachable),
        (HostStatus.HALF_DONE, hosts.half_done),
        (HostStatus.MEMBER, hosts.member),
        (HostStatus.READY, hosts.ready),
    ):
        if count:
            yield status, count, before
            before += count


def _by_status(matrix: Matrix) -> Iterator[tuple[HostStatus, list[str]]]:
    """The hosts of each status, for a reader without the matrix."""
    for status in HostStatus:
        named = [group.hosts for group in matrix.groups if group.status is status]
        if named:
            yield status, [host for hosts in named for host in hosts]


def _sections(
    problems: Sequence[Cause],
    unreachable: Sequence[object],
    between_hosts: Between,
    report: Report,
    warnings: Sequence[Cause],
) -> Iterator[tuple[str, str]]:
    """Anchors and titles of the sections that the page has."""
    if problems:
        yield "problems", "Problems"
    if unreachable:
        yield "unreachable", "Unreachable"
    if between_hosts.is_worth_a_word:
        yield "between", TITLE
    if report.verify:
        yield "cluster", beyond.CLUSTER
    if beyond.undone(report.phases):
        yield "phases", beyond.PHASES
    if report.edges is not None:
        yield "edges", "Edges"
    if warnings:
        yield "warnings", "Warnings"
    yield "matrix", "Checks and hosts"
    yield "hosts", "Hosts"


def _edges(edges: EdgesReport | None) -> Markup:
    """A section of its own; most of the page's readers have no edges, and need not compile it."""
    if edges is None:
        return Markup()
    section = _environment().from_string(_resource("edges.html.j2"))
    text = section.render(edges=edges, summary=summary_line(edges), table=edge_table(edges))
    return Markup(text)  # noqa: S704 - a template of ours, which has escaped all that is in it


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
    environment.filters["ms"] = shown_ms
    environment.filters["symbol"] = _SYMBOLS.__getitem__
    environment.filters["word"] = _WORDS.__getitem__
    environment.filters["status"] = STATUS_WORDS.__getitem__
    environment.filters["commands"] = commands
    environment.filters["pieces"] = pieces
    environment.filters["fragment"] = _fragment
    return environment


def _folded(names: Sequence[str]) -> Markup:
    """All names, however many: each part is harmless by itself, and lines break between parts."""
    parts = ", ".join(fold(names)).split(",")
    return Markup(",<wbr>").join(harmless(part) for part in parts)


def _fragment(text: str) -> str:
    """A value of the page's fragment: of the text as it is shown, which is what the script has."""
    return quote(_shown(text), safe="")


def _shown(value: Any) -> Any:
    """Every value of the page goes through here, before it is escaped."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return harmless(value, limit=LONGEST)
    return value


@functools.cache
def _resource(name: str) -> str:
    return files("scanner.render").joinpath("page", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
