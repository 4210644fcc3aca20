"""The only place that makes verdicts: (catalogue, facts, target) -> results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from scanner.checks.rule import Applies, Check, Evidence, Finding, Severity
from scanner.facts.base import FactMissing, Facts
from scanner.json_names import JSON_NAMES
from scanner.target import Target
from scanner.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Ignored:
    """Why a FAIL or a blocking UNKNOWN was taken down to WARN."""

    reason: str
    until: str
    """ISO date, or empty."""


@dataclass(frozen=True, slots=True)
class Result:
    """One row of one host; (check, subject) is unique in the host."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    check: str
    kubeadm: str | None
    subject: str
    verdict: Verdict
    message: str
    remedy: str = ""
    source: str = ""
    findings: tuple[Finding, ...] = ()
    evidence: Evidence = Evidence.SOURCE
    blocking: bool = False
    """True if the host is not ready because of this row."""
    ignored: Ignored | None = None
    kubeadm_says: tuple[str, ...] | None = None
    """The host's own kubeadm's lines for this name; None if it was not asked."""


def evaluate(catalogue: Iterable[Check], facts: Facts, target: Target) -> tuple[Result, ...]:
    """Judge one host: a result for every check and subject, none is lost."""
    return tuple(_results(catalogue, facts, target))


def _results(catalogue: Iterable[Check], facts: Facts, target: Target) -> Iterator[Result]:
    for check in catalogue:
        for subject in check.asked(target):
            row = check.row(target.role, target.kubeadm, subject)
            if row is None:
                reason = f"kubeadm v{target.kubeadm} does not ask this of {target.role}"
                yield Result(check.id, check.name(subject), subject, Verdict.SKIP, reason)
                continue
            name = None if row.own else check.name(subject)
            if (reason_or_none := check.skip(target, subject)) is not None:
                yield Result(check.id, name, subject, Verdict.SKIP, reason_or_none)
                continue
            yield replace(
                _judge(check, row, facts, target, subject), kubeadm=name, evidence=row.evidence
            )


def _judge(check: Check, row: Applies, facts: Facts, target: Target, subject: str) -> Result:
    """Run one rule; what it found before a fact was missing still counts."""
    findings: list[Finding] = []
    missing = ""
    try:
        for finding in check.rule(facts, target, subject):
            findings.append(replace(finding, severity=finding.severity or row.severity))  # noqa: PERF401 - findings made before FactMissing must stay
    except FactMissing as reason:
        missing = str(reason)
    worst = max((f.severity for f in findings), key=_rank, default=None)
    if worst is Severity.ERROR:
        verdict = Verdict.FAIL
    elif missing:
        verdict = Verdict.UNKNOWN
    else:
        verdict = Verdict.PASS if worst is None else Verdict.WARN
    sentences = [finding.message for finding in findings]
    if missing:
        sentences.append(f"could not be known: {missing}")
    blocking = verdict is Verdict.FAIL or (
        verdict is Verdict.UNKNOWN and row.severity is Severity.ERROR
    )
    bad = verdict in (Verdict.FAIL, Verdict.WARN)
    return Result(
        check.id,
        None,
        subject,
        verdict,
        "; ".join(sentences),
        remedy=_remedy(check, subject, findings) if bad else "",
        source=next((finding.source for finding in findings if finding.source), ""),
        findings=tuple(findings),
        blocking=blocking,
    )


def _remedy(check: Check, subject: str, findings: list[Finding]) -> str:
    """What to do about all that was found, each thing once."""
    general = check.remedy.replace("{subject}", subject)
    return " ".join(dict.fromkeys(finding.remedy or general for finding in findings))


def _rank(severity: Severity | None) -> int:
    return 0 if severity is None else 1 + (severity is Severity.ERROR)
