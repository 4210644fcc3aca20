"""`kscan.diff/v1`: what has changed between two reports, with a host on each line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, TextIO

from pydantic import TypeAdapter

from scanner.diff.between import EdgeChange
from scanner.diff.cluster import PhaseChange
from scanner.diff.hosts import HostDiff
from scanner.diff.rows import RowChange
from scanner.diff.summary import DiffSummary
from scanner.json_names import JSON_NAMES
from scanner.render.json import visible
from scanner.report import ClusterReport, Header, Run, Tool
from scanner.runs.two_reports import Comparison

SCHEMA = "kscan.diff/v1"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two reports."""

    tool: Tool
    run: Run
    cluster: ClusterReport
    ready: bool


@dataclass(frozen=True, slots=True)
class DiffDocument:
    """What has changed between two reports of kscan."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    schema: Literal["kscan.diff/v1"]
    old: Side
    new: Side
    worse: bool
    """True if anything got worse: exit status 3."""
    summary: DiffSummary
    notes: tuple[str, ...]
    """Why the two are not quite comparable."""
    hosts: tuple[HostDiff, ...]
    """Only those of which something has changed."""
    fleet: tuple[RowChange, ...]
    edges: tuple[EdgeChange, ...]
    verify: tuple[RowChange, ...]
    """Of the results about the running cluster."""
    phases: tuple[PhaseChange, ...]


_SIDE = TypeAdapter(Side)
_SUMMARY = TypeAdapter(DiffSummary)
_HOST = TypeAdapter(HostDiff)
_ROWS = TypeAdapter(tuple[RowChange, ...])
_EDGES = TypeAdapter(tuple[EdgeChange, ...])
_PHASES = TypeAdapter(tuple[PhaseChange, ...])
_VALUE = TypeAdapter[Any](Any)


def write(comparison: Comparison, summary: DiffSummary, out: TextIO) -> None:
    """Stream the document; one pair of hosts at a time is in memory."""
    head = {
        "old": _SIDE.dump_json(_side(comparison.old), by_alias=True),
        "new": _SIDE.dump_json(_side(comparison.new), by_alias=True),
        "worse": _VALUE.dump_json(summary.worse),
        "summary": _SUMMARY.dump_json(summary, by_alias=True),
        "notes": _VALUE.dump_json(comparison.notes()),
    }
    out.write(f'{{"schema":"{SCHEMA}",\n')
    out.writelines(f'"{name}":{visible(value, out)},\n' for name, value in head.items())
    out.write('"hosts":[\n')
    separator = ""
    for host in comparison.hosts():
        out.write(f"{separator}{visible(_HOST.dump_json(host, by_alias=True), out)}")
        separator = ",\n"
    out.write("\n" if separator else "")
    tail = {
        "fleet": _ROWS.dump_json(comparison.fleet, by_alias=True),
        "edges": _EDGES.dump_json(comparison.edges, by_alias=True),
        "verify": _ROWS.dump_json(comparison.verify, by_alias=True),
        "phases": _PHASES.dump_json(comparison.phases, by_alias=True),
    }
    out.write("]")
    out.writelines(f',\n"{name}":{visible(value, out)}' for name, value in tail.items())
    out.write("\n}\n")


def _side(header: Header) -> Side:
    return Side(header.tool, header.run, header.cluster, header.ready)
