r"""A report as a table of results for spreadsheets and scripts: one line for each result.

RFC 4180: CRLF, quotes where they are needed. Every cell is harmless text, so that a record is one
line whatever a host says. A cell that a spreadsheet could take for a formula gets an apostrophe in
front, and so does one that begins with an apostrophe: whoever takes one leading apostrophe away has
the text as it was. A `;` before what could be a formula is shown as `\x3b`, because
spreadsheets of some languages begin a cell there.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import TextIO

from scanner.cluster.result import NOT_DONE, Outcome, PhaseResult
from scanner.evaluate import Ignored, Result
from scanner.fleet.judge import FleetResult
from scanner.render.harmless import harmless
from scanner.report import HostStatus, Report
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult

COLUMNS = (
    *("host", "address", "role", "status"),
    *("check", "kubeadm", "subject", "verdict", "blocking"),
    *("message", "remedy", "source", "evidence"),
    *("ignored", "ignoredUntil", "kubeadmSays", "hosts"),
)
"""New ones are added at the end. `host` is empty, and `hosts` filled, for a result between hosts;
`check` is empty for a host that was not reached. `host` and `hosts`
are empty for a result about the running cluster. A phase of init, join or reset has `phase` in the
place of a check, and its name as `subject`. Lists are joined by blanks, lines by `; `."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001 - spreadsheets take these too
"""What begins a formula somewhere; OWASP, CSV Injection."""
_SPLIT = re.compile(f""";(?=[ "]*[{re.escape("".join(FORMULAS))}])""")
LONGEST = 2_000
"""Characters of one cell; spreadsheets take 32,767."""

_OUTCOMES = {
    Outcome.DONE: Verdict.PASS,
    Outcome.ALREADY: Verdict.PASS,
    Outcome.FAILED: Verdict.FAIL,
    Outcome.SKIPPED: Verdict.UNKNOWN,
}
_NOT_DONE = "not done, because of what went wrong before"


def write(report: Report, out: TextIO) -> None:
    """Stream the table; one host at a time is in memory."""
    ascii_only = (out.encoding or "utf-8").lower().replace("-", "") != "utf8"
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for row in _rows(report):
        cells = (harmless(cell, limit=LONGEST, ascii_only=ascii_only) for cell in row)
        rows.writerow(guarded(unsplit(cell)) for cell in cells)


def unsplit(cell: str) -> str:
    r"""The cell with `\x3b` for each `;` after which a formula could begin."""
    return _SPLIT.sub(r"\\x3b", cell)


def guarded(cell: str) -> str:
    """The cell with an apostrophe in front where it is needed."""
    begin = cell.lstrip(" ")
    return f"'{cell}" if begin.startswith(FORMULAS) or cell.startswith("'") else cell


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    for host in report.hosts():
        about = (host.name, host.address, host.role, host.status.value)
        if host.status is HostStatus.UNREACHABLE:
            unknown = ("", "", "", Verdict.UNKNOWN.value, "true", host.reason)
            yield (*about, *unknown, *[""] * (len(COLUMNS) - len(about) - len(unknown)))
        yield from (
            (*about, *_judged(result), "; ".join(result.kubeadm_says or ()), "")
            for result in host.results
        )
    for fleet in report.fleet:
        yield ("", "", "", "", *_judged(fleet), "", " ".join(fleet.hosts))
    for seen in report.verify:
        yield ("", "", "", "", *_judged(seen), "", "")
    yield from map(_phase, report.phases)


def _phase(result: PhaseResult) -> tuple[str, ...]:
    verdict = _OUTCOMES[result.outcome]
    message = result.message or _NOT_DONE if result.outcome in NOT_DONE else result.message
    blocking = "true" if result.outcome in NOT_DONE else "false"
    about = (result.host, "", "", "", "phase", "", result.phase, verdict.value, blocking, message)
    says = "; ".join(result.said)
    return (*about, *[""] * (len(COLUMNS) - len(about) - 2), says, "")


def _judged(result: Result | FleetResult | VerifyResult) -> tuple[str, ...]:
    ignored = result.ignored or Ignored("", "")
    return (
        result.check,
        result.kubeadm or "",
        result.subject,
        result.verdict.value,
        "true" if result.blocking else "false",
        result.message,
        result.remedy,
        result.source,
        result.evidence.value,
        ignored.reason,
        ignored.until,
    )
