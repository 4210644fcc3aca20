"""A report's file -> the report again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from scanner.edges.report import EdgesReport
from scanner.errors import ReportError
from scanner.render.document import Document
from scanner.render.edges import WORDS
from scanner.render.harmless import harmless
from scanner.render.json import HOSTS
from scanner.report import Header, HostReport, Report

_DOCUMENT = TypeAdapter(Document)
_HOST = TypeAdapter(HostReport)
_ONE_LINE = HOSTS.encode() + b"\n"


MOST_BYTES = 1 << 30
"""Of a file; 5,000 hosts have 200 MB."""


def read(path: Path, shown: str | None = None) -> Report:
    """Load a report; every host is validated once, now.

    A file as `write` lays it out is read anew by each `hosts()`, a host at a time; one that
    another program has laid out is kept in memory.

    Args:
        path: a regular file, which must stay as it is while the report is in use.
        shown: what it is called in errors; None = its path.

    Raises:
        ReportError: the file cannot be read, is not a report, or contradicts itself; also from
            `hosts()` if the file has changed since.
    """
    where = harmless(str(path) if shown is None else shown)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ReportError(f"{where}: larger than any report of kscan ({MOST_BYTES >> 30} GiB)")
        report = _by_lines(path)
        if report is None:
            report = _at_once(path)
    except OSError as error:
        raise ReportError(f"{where}: {error.strerror or error}") from error
    except ValidationError as error:
        raise ReportError(f"{where}: not a report of kscan: {_first(error)}") from error
    _check(where, report)
    return report


def _at_once(path: Path) -> Report:
    document = _DOCUMENT.validate_json(path.read_bytes(), strict=True)
    lines = tuple(_HOST.dump_json(host, by_alias=True) for host in document.hosts)
    return Report(
        _header(document),
        lambda: iter(document.hosts),
        lambda: iter(lines),
        document.fleet,
        document.edges,
        verify=document.verify,
        phases=document.phases,
    )


def _by_lines(path: Path) -> Report | None:
    """The report if the file has our layout, else None; broken content is `_at_once`'s to name."""
    around: list[bytes] = []
    places: list[tuple[int, int]] = []
    with path.open("rb") as file:
        identity = _identity(os.fstat(file.fileno()))
        for line in file:
            around.append(line)
            if line == _ONE_LINE:
                break
        else:
            return None
        offset = file.tell()
        for line in file:
            if line.startswith(b"]"):
                around += [line, *file]
                break
            places.append((offset, len(line.rstrip(b",\n"))))
            offset += len(line)
    try:
        document = _DOCUMENT.validate_json(b"".join(around), strict=True)
    except ValidationError:
        return None
    lines = _Lines(path, identity, tuple(places))
    header = _header(document)
    return Report(
        header,
        lambda: map(_host, lines()),
        lines,
        document.fleet,
        document.edges,
        verify=document.verify,
        phases=document.phases,
    )


@dataclass(frozen=True, slots=True)
class _Lines:
    """The hosts of a file in our layout, by offset and length in bytes."""

    path: Path
    identity: tuple[int, ...]
    places: tuple[tuple[int, int], ...]

    def __call__(self) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            if _identity(os.fstat(file.fileno())) != self.identity:
                raise ReportError(f"{self.path}: the file has changed while it was being read")
            for offset, length in self.places:
                file.seek(offset)
                yield file.read(length)


def _host(line: bytes) -> HostReport:
    return _HOST.validate_json(line, strict=True)


def _identity(stat: os.stat_result) -> tuple[int, ...]:
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _header(document: Document) -> Header:
    return Header(
        document.tool,
        document.run,
        document.cluster,
        document.ready,
        document.summary,
        document.titles,
    )


def _check(where: str, report: Report) -> None:
    """What no type says: counts and uniqueness that the other readers rely on."""
    names: set[str] = set()
    number = 0
    try:
        for number, host in enumerate(report.hosts(), start=1):
            if host.name in names:
                raise ReportError(f"{where}: two hosts are named {harmless(host.name)!r}")
            names.add(host.name)
            rows = {(result.check, result.subject) for result in host.results}
            if len(rows) < len(host.results):
                raise ReportError(f"{where}: host {number} has two results for one check")
    except ValidationError as error:
        place = f"host {number + 1}: {_first(error)}"
        raise ReportError(f"{where}: not a report of kscan: {place}") from error
    if len({(result.check, result.subject) for result in report.fleet}) < len(report.fleet):
        raise ReportError(f"{where}: two results between hosts are of one check")
    if len({(result.check, result.subject) for result in report.verify}) < len(report.verify):
        raise ReportError(f"{where}: two results about the cluster are of one check")
    if not names.issuperset(_between(report)):
        raise ReportError(f"{where}: a result between hosts is about a host that is not there")
    if report.edges is not None and not _is_square(report.edges):
        raise ReportError(f"{where}: the matrix of edges does not fit its hosts")
    counted = report.header.summary.hosts.total
    if counted != len(names):
        raise ReportError(f"{where}: counts {counted} hosts but has {len(names)}: cut or edited")


def _is_square(edges: EdgesReport) -> bool:
    size = len(edges.hosts)
    rows = edges.matrix
    return len(rows) == size and all(len(row) == size and not {*row} - {*WORDS} for row in rows)


def _between(report: Report) -> Iterator[str]:
    for result in report.fleet:
        yield from result.hosts
        for finding in result.findings:
            yield from finding.hosts


def _first(error: ValidationError) -> str:
    """The first of pydantic's complaints, in one line: where, and what was expected."""
    complaint = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in complaint["loc"])
    return harmless(f"{where}: {complaint['msg']}" if where else complaint["msg"], limit=300)
