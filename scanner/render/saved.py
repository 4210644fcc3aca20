"""A report's file -> the report again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from scanner.errors import ReportError
from scanner.render.contradictions import refuse_contradictions
from scanner.render.document import Document
from scanner.render.harmless import harmless
from scanner.render.json import HOSTS
from scanner.render.strict_json import refuse_ambiguous
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
        _refuse_size(path)
        report = _by_lines(path)
        if report is None:
            report = _at_once(path)
        refuse_contradictions(report)
    except OSError as error:
        raise ReportError(f"{where}: {error.strerror or error}") from error
    except ReportError as error:
        raise ReportError(f"{where}: {error}") from error
    return report


def _refuse_size(path: Path) -> None:
    if path.stat().st_size > MOST_BYTES:
        raise ReportError(f"larger than any report of kscan ({MOST_BYTES >> 30} GiB)")


def _at_once(path: Path) -> Report:
    data = path.read_bytes()
    with _named():
        document = _DOCUMENT.validate_json(data, strict=True)
        refuse_ambiguous(data)
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
    with _named():
        refuse_ambiguous(b"".join(around))
    lines = _Lines(path, identity, tuple(places))
    for number, line in enumerate(lines(), start=1):
        with _named(f"host {number}: "):
            refuse_ambiguous(line)
    header = _header(document)
    return Report(
        header,
        lambda: _hosts(lines),
        lines,
        document.fleet,
        document.edges,
        verify=document.verify,
        phases=document.phases,
    )


@contextmanager
def _named(place: str = "") -> Iterator[None]:
    """Say in one line what is no report."""
    try:
        yield
    except ValidationError as error:
        raise ReportError(f"not a report of kscan: {place}{_first(error)}") from error
    except (ValueError, RecursionError) as error:
        raise ReportError(f"not a report of kscan: {place}{harmless(str(error))}") from error


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


def _hosts(lines: _Lines) -> Iterator[HostReport]:
    for number, line in enumerate(lines(), start=1):
        with _named(f"host {number}: "):
            host = _HOST.validate_json(line, strict=True)
        yield host


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


def _first(error: ValidationError) -> str:
    """The first of pydantic's complaints, in one line: where, and what was expected."""
    complaint = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in complaint["loc"])
    return harmless(f"{where}: {complaint['msg']}" if where else complaint["msg"], limit=300)
