"""From what was read of a cluster to results: the only place that makes these verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanner.checks.rule import Finding, Severity
from scanner.facts.base import FactMissing
from scanner.kubeadm.evidence import Evidence
from scanner.verdict import Verdict
from scanner.verify.expected import Expected
from scanner.verify.observed import Observed
from scanner.verify.result import VerifyResult
from scanner.verify.step import Seen, Step


def judge(
    catalogue: Iterable[Step], observed: Observed, expected: Expected
) -> tuple[VerifyResult, ...]:
    """Ask every step once for each of its subjects; none is lost."""
    seen = Seen(observed, expected)
    return tuple(result for step in catalogue for result in _results(step, seen))


def nothing_read(catalogue: Iterable[Step], reason: str) -> tuple[VerifyResult, ...]:
    """All results of a cluster whose API gave no answer: none is known, and all block."""
    return tuple(
        VerifyResult(
            step.id,
            "",
            Verdict.UNKNOWN,
            f"could not be known: {reason}",
            step.step,
            step.depends,
            blocking=True,
        )
        for step in catalogue
    )


def _results(step: Step, seen: Seen) -> Iterator[VerifyResult]:
    try:
        subjects = step.subjects(seen)
    except FactMissing as missing:
        yield _unknown(step, "", str(missing))
        return
    for subject in subjects:
        yield _judged(step, seen, subject)


def _judged(step: Step, seen: Seen, subject: str) -> VerifyResult:
    findings: list[Finding] = []
    missing = ""
    try:
        reason = step.skip(seen, subject)
        if reason is not None:
            return VerifyResult(step.id, subject, Verdict.SKIP, reason, step.step, step.depends)
        for finding in step.rule(seen, subject):
            findings.append(finding.at(step.severity))  # noqa: PERF401 - what was found before FactMissing must stay
    except FactMissing as reason_missing:
        missing = str(reason_missing)
    if missing and not findings:
        return _unknown(step, subject, missing)
    evidence = _evidence(step, seen)
    if not findings:
        return VerifyResult(
            step.id, subject, Verdict.PASS, "", step.step, step.depends, evidence=evidence
        )
    failed = any(finding.severity is Severity.ERROR for finding in findings)
    sentences = [finding.message for finding in findings]
    if missing:
        sentences.append(f"could not be known: {missing}")
    verdict = Verdict.FAIL if failed else Verdict.UNKNOWN if missing else Verdict.WARN
    general = step.remedy.replace("{subject}", subject)
    remedies = dict.fromkeys(finding.remedy or general for finding in findings)
    return VerifyResult(
        step.id,
        subject,
        verdict,
        "; ".join(sentences),
        step.step,
        step.depends,
        remedy=" ".join(remedies),
        source=next((finding.source for finding in findings if finding.source), ""),
        findings=tuple(findings),
        evidence=evidence,
        blocking=failed or bool(missing),
    )


def _unknown(step: Step, subject: str, reason: str) -> VerifyResult:
    return VerifyResult(
        step.id,
        subject,
        Verdict.UNKNOWN,
        f"could not be known: {reason}",
        step.step,
        step.depends,
        blocking=step.severity is Severity.ERROR,
    )


def _evidence(step: Step, seen: Seen) -> Evidence:
    return Evidence.OWN if step.step is None else seen.left.evidence
