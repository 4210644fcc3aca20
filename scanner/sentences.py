"""The sentences of a report, made harmless: people read them wherever a program prints them.

`jq -r .hosts[].reason` turns JSON's escapes back into what the host said, so that the escaping of
the document is not enough. Facts stay what the host said: they are for programs, and for comparing.
"""

from __future__ import annotations

from dataclasses import replace

from scanner.checks.rule import Finding
from scanner.evaluate import Result
from scanner.fleet.judge import FleetResult
from scanner.fleet.rule import FleetFinding
from scanner.render.harmless import harmless
from scanner.report import HostReport


def harmless_host(host: HostReport) -> HostReport:
    """A host's row whose texts neither act on a terminal nor mislead a reader."""
    return replace(
        host,
        node_name=_line(host.node_name),
        reason=_line(host.reason),
        notes=tuple(map(_line, host.notes)),
        results=tuple(map(_result, host.results)),
    )


def harmless_fleet(results: tuple[FleetResult, ...]) -> tuple[FleetResult, ...]:
    """The same for what is said between hosts."""
    return tuple(
        replace(
            result,
            subject=_line(result.subject),
            message=_line(result.message),
            remedy=_line(result.remedy),
            source=_line(result.source),
            findings=tuple(map(_between, result.findings)),
        )
        for result in results
    )


def _result(result: Result) -> Result:
    says = result.kubeadm_says
    texts = result.subject + result.message + result.remedy + result.source
    # most rows pass, and replace() is slow
    if not result.findings and not says and _line(texts) == texts:
        return result
    return replace(
        result,
        subject=_line(result.subject),
        message=_line(result.message),
        remedy=_line(result.remedy),
        source=_line(result.source),
        findings=tuple(map(_finding, result.findings)),
        kubeadm_says=None if says is None else tuple(map(_text, says)),
    )


def _finding(found: Finding) -> Finding:
    return Finding(
        _line(found.message),
        _line(found.have),
        _line(found.need),
        _line(found.source),
        found.severity,
        _line(found.remedy),
    )


def _between(found: FleetFinding) -> FleetFinding:
    return replace(
        found,
        message=_line(found.message),
        have=_line(found.have),
        need=_line(found.need),
        source=_line(found.source),
        remedy=_line(found.remedy),
    )


def _line(text: str) -> str:
    return harmless(text, limit=len(text))


def _text(said: str) -> str:
    """kubeadm's own messages have lines, and tabs in them."""
    return "\n".join("\t".join(map(_line, line.split("\t"))) for line in said.split("\n"))
