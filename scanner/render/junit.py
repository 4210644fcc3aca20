"""A report as JUnit's XML, for continuous integration: a suite for each host, and more beyond them.

The dialect of Jenkins (its xunit plugin's junit-10.xsd), which GitLab and others read too:

| kscan | JUnit |
|---|---|
| PASS | a test case that passed |
| FAIL | `failure` |
| UNKNOWN that blocks, a host that was not reached | `error` |
| UNKNOWN that could only have been a warning, SKIP | `skipped` |
| WARN, also of what is ignored | passed, with the warning in `system-out` |

What is wrong between hosts is the suite "between hosts", what they dialled of each other "edges".
What verify saw is "the running cluster". "phases" are what init, join or reset did: one that failed
is a `failure`, one that was not come to an `error`.
Class names are the hosts' with `_` for each dot, because Jenkins takes dots for packages.
"""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from scanner.cluster.result import Outcome, PhaseResult
from scanner.edges.checks import EDGE_CHECKS
from scanner.evaluate import Result
from scanner.fleet.judge import FleetResult
from scanner.render.fold import fold
from scanner.render.harmless import harmless
from scanner.report import Header, HostReport, HostStatus, Report
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult

LONGEST = 2_000
"""Characters of one value."""
REACHED = "reached over SSH"
"""The test case that every host has, so that one that was not reached is an error and no gap."""
_OF_EDGES = frozenset(check.id for check in EDGE_CHECKS)
_NOT_DONE = "not done, because of what went wrong before"
_Clean = Callable[[str], str]


def write(report: Report, out: TextIO) -> None:
    """Stream the document; one suite at a time is in memory."""
    ascii_only = (out.encoding or "utf-8").lower().replace("-", "") != "utf8"
    clean = functools.partial(harmless, limit=LONGEST, ascii_only=ascii_only)
    root = tostring(Element("testsuites", _totals(report, clean)), "unicode")
    out.write(f'<?xml version="1.0" encoding="{"US-ASCII" if ascii_only else "UTF-8"}"?>\n')
    out.write(f"{root.removesuffix('/>').rstrip()}>\n")
    for suite in _suites(report):
        element = _element(suite, report.header, clean)
        indent(element, level=1)
        out.write(f"  {tostring(element, 'unicode').rstrip()}\n")
    out.write("</testsuites>\n")


@dataclass(frozen=True, slots=True)
class _Case:
    """One test; `kind` is JUnit's element for what became of it, empty if it has passed."""

    name: str
    kind: str = ""
    type: str = ""
    message: str = ""
    lines: tuple[str, ...] = ()
    """The text of the element; of a test that has passed, its output."""


@dataclass(frozen=True, slots=True)
class _Suite:
    name: str
    class_name: str
    cases: tuple[_Case, ...]
    seconds: float = 0.0
    properties: tuple[tuple[str, str], ...] = ()


def _totals(report: Report, clean: _Clean) -> dict[str, str]:
    """What the suites add up to, from the summary, as they are not all in memory."""
    header, phases = report.header, [phase.outcome for phase in report.phases]
    summary = header.summary
    counted = (summary.verdicts, summary.fleet, summary.verify)
    tests = summary.hosts.total + sum(sum(counts.values()) for counts in counted)
    failures = sum(counts.get(Verdict.FAIL, 0) for counts in counted)
    errors = summary.hosts.unreachable + summary.blocking_unknown
    return {
        "name": clean(f"kscan {header.cluster.name}"),
        "tests": str(tests + len(phases)),
        "failures": str(failures + phases.count(Outcome.FAILED)),
        "errors": str(errors + phases.count(Outcome.SKIPPED)),
        "time": _seconds(header.run.seconds),
    }


def _suites(report: Report) -> Iterator[_Suite]:
    titles = report.header.titles
    for host in report.hosts():
        yield _of_host(host, titles)
    between = [result for result in report.fleet if result.check not in _OF_EDGES]
    edges = [result for result in report.fleet if result.check in _OF_EDGES]
    beyond: tuple[tuple[str, Sequence[FleetResult | VerifyResult]], ...] = (
        ("between hosts", between),
        ("edges", edges),
        ("the running cluster", report.verify),
    )
    for name, results in beyond:
        if results:
            class_name = f"kscan.{name.replace(' ', '_')}"
            yield _Suite(name, class_name, _cases(results, titles))
    if report.phases:
        cases = tuple(map(_phase, report.phases))
        yield _Suite("phases", "kscan.phases", cases, sum(p.seconds for p in report.phases))


def _phase(result: PhaseResult) -> _Case:
    name = f"{result.phase} on {result.host}"
    if result.outcome is Outcome.FAILED:
        return _Case(name, "failure", result.outcome.value, result.message, result.said)
    if result.outcome is Outcome.SKIPPED:
        return _Case(name, "error", "notDone", result.message or _NOT_DONE, result.said)
    return _Case(name)


def _of_host(host: HostReport, titles: Mapping[str, str]) -> _Suite:
    lost = host.status is HostStatus.UNREACHABLE
    reached = _Case(REACHED, "error", "unreachable", host.reason) if lost else _Case(REACHED)
    known = {
        "address": host.address,
        "nodeName": host.node_name,
        "role": host.role,
        "status": host.status.value,
        "kubeadm": host.versions.kubeadm or "",
        "kubelet": host.versions.kubelet or "",
        "captureId": host.capture_id,
    }
    return _Suite(
        host.name,
        f"kscan.{host.name.replace('.', '_')}",
        (reached, *_cases(host.results, titles)),
        (host.seconds.connect or 0.0) + (host.seconds.probe or 0.0),
        tuple((name, value) for name, value in known.items() if value),
    )


def _cases(
    results: Iterable[Result | FleetResult | VerifyResult], titles: Mapping[str, str]
) -> tuple[_Case, ...]:
    return tuple(_case(result, titles) for result in results)


def _case(result: Result | FleetResult | VerifyResult, titles: Mapping[str, str]) -> _Case:
    title = f"{titles.get(result.check, '')} {result.subject}".strip()
    # Several parts of the running cluster may have one name of kubeadm's.
    known = None if isinstance(result, VerifyResult) else result.kubeadm
    name = f"{result.check} {known or title}".rstrip()
    lines = tuple(_details(result))
    if result.verdict is Verdict.PASS:
        return _Case(name)
    if result.verdict is Verdict.WARN:
        return _Case(name, lines=(f"WARN: {result.message}", *lines))
    if result.verdict is Verdict.FAIL:
        kind = "failure"
    else:
        kind = "error" if result.blocking else "skipped"
    return _Case(name, kind, result.verdict.value, result.message, lines)


def _details(result: Result | FleetResult | VerifyResult) -> Iterator[str]:
    """What else is known of a result, a line each."""
    for finding in result.findings:
        if finding.have or finding.need:
            yield f"found {finding.have or 'nothing'}, needed {finding.need or 'another value'}"
    if result.source:
        yield f"Read from: {result.source}"
    if isinstance(result, FleetResult) and result.hosts:
        yield f"Hosts: {', '.join(fold(result.hosts))}"
    if isinstance(result, Result):
        yield from (f"kubeadm says: {line}" for line in result.kubeadm_says or ())
    if result.ignored is not None:
        until = f" until {result.ignored.until}" if result.ignored.until else ""
        yield f"Ignored{until}: {result.ignored.reason}"
    if result.remedy:
        yield f"Fix: {result.remedy}"


def _element(suite: _Suite, header: Header, clean: _Clean) -> Element:
    def count(kind: str) -> str:
        return str(sum(case.kind == kind for case in suite.cases))

    attributes = {
        "name": clean(suite.name),
        "tests": str(len(suite.cases)),
        "failures": count("failure"),
        "errors": count("error"),
        "skipped": count("skipped"),
        "time": _seconds(suite.seconds),
        "timestamp": clean(_without_zone(header.run.started_at)),
    }
    element = Element("testsuite", attributes)
    if suite.properties:
        properties = SubElement(element, "properties")
        for name, value in suite.properties:
            SubElement(properties, "property", {"name": name, "value": clean(value)})
    for case in suite.cases:
        _add(element, case, clean(suite.class_name), clean)
    return element


def _add(suite: Element, case: _Case, class_name: str, clean: _Clean) -> None:
    name = {"name": clean(case.name), "classname": class_name, "time": "0"}
    element = SubElement(suite, "testcase", name)
    text = "\n".join(map(clean, case.lines)) or None
    if case.kind:
        said = {"type": case.type, "message": clean(case.message)}
        SubElement(element, case.kind, said).text = text
    elif text:
        SubElement(element, "system-out").text = text


def _seconds(value: float) -> str:
    """Without an exponent; a file that was edited may hold any number."""
    return f"{max(value, 0.0) if math.isfinite(value) else 0.0:.3f}"


def _without_zone(started_at: str) -> str:
    """UTC as JUnit has it, without saying so; what is no time stays as it is."""
    try:
        moment = datetime.datetime.fromisoformat(started_at)
    except ValueError:
        return started_at
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")
