"""`kscan.report/v1`: written with a host on each line, so that reading needs no more memory."""

from __future__ import annotations

import re
from typing import Any, TextIO

from pydantic import TypeAdapter

from scanner.cluster.result import PhaseResult
from scanner.edges.report import EdgesReport
from scanner.fleet.judge import FleetResult
from scanner.report import SCHEMA, Header, Report
from scanner.verify.result import VerifyResult

HOSTS = '"hosts":['
"""The line that the hosts follow, each on its own line, up to a line `]`."""

_FLEET = TypeAdapter(tuple[FleetResult, ...])
_HEADER = TypeAdapter(Header)
_EDGES = TypeAdapter(EdgesReport)
_VERIFY = TypeAdapter(tuple[VerifyResult, ...])
_PHASES = TypeAdapter(tuple[PhaseResult, ...])
_VALUE = TypeAdapter[Any](Any)
_HIDDEN = re.compile(
    "[\x7f-\xa0\xad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
"""Allowed in JSON, but they act on a terminal or turn a reader's text around."""
_BEYOND_ASCII = re.compile("[^\x00-\x7e]")


def write(report: Report, out: TextIO) -> None:
    """Stream the document; one host at a time is in memory."""
    out.write(f'{{"schema":"{SCHEMA}",\n')
    header = _HEADER.dump_python(report.header, by_alias=True, mode="json")
    out.writelines(
        f'"{name}":{visible(_VALUE.dump_json(value), out)},\n' for name, value in header.items()
    )
    out.write(f"{HOSTS}\n")
    separator = ""
    for line in report.host_lines():
        out.write(f"{separator}{visible(line, out)}")
        separator = ",\n"
    out.write("\n" if separator else "")
    fleet = _FLEET.dump_json(report.fleet, by_alias=True)
    edges = b"null" if report.edges is None else _EDGES.dump_json(report.edges, by_alias=True)
    phases = _PHASES.dump_json(report.phases, by_alias=True)
    verify = _VERIFY.dump_json(report.verify, by_alias=True)
    out.write(f'],\n"fleet":{visible(fleet, out)},\n')
    out.write(f'"edges":{visible(edges, out)},\n')
    out.write(f'"phases":{visible(phases, out)},\n')
    out.write(f'"verify":{visible(verify, out)}\n}}\n')


def visible(document: bytes, out: TextIO) -> str:
    """JSON in which nothing acts on a terminal, nor is more than the stream can take."""
    unicode = (out.encoding or "utf-8").lower().replace("-", "") == "utf8"
    return (_HIDDEN if unicode else _BEYOND_ASCII).sub(_escape, document.decode())


def _escape(match: re.Match[str]) -> str:
    r"""`\uXXXX`, as a surrogate pair beyond U+FFFF; such characters stand in strings only."""
    code = match[0].encode("utf-16-be").hex()
    return "".join(f"\\u{code[start : start + 4]}" for start in range(0, len(code), 4))
