"""The only place that makes verdicts: (catalogue, facts, target) -> results."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, TypeAlias

from scanner.checks.rule import Applies, Check, Evidence, Finding, Severity, rows_of
from scanner.facts.base import FactMissing, Facts
from scanner.json_names import JSON_NAMES
from scanner.kubeadm import releases
from scanner.target import Role, Target
from scanner.verdict import Verdict
from scanner.versions import Version


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
    return tuple(_results(tuple(catalogue), facts, target))


_Rows: TypeAlias = tuple[tuple[str, Applies | None], ...]
_MOST_LAYOUTS = 64
"""Of a check: the hosts of a run differ in few things that decide its subjects."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A check in one version; its rows are worked out once for each role and set of subjects."""

    check: Check
    rows: tuple[Applies, ...]
    known: dict[tuple[Role, tuple[str, ...]], _Rows] = field(default_factory=dict)

    def of(self, target: Target) -> _Rows:
        """The subjects that are asked of a target, each with its row."""
        key = (target.role, self.check.subjects(target))
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= _MOST_LAYOUTS:
                self.known.clear()
            found = self.known[key] = tuple(rows_of(key[1], key[0], self.rows))
        return found


@functools.lru_cache(maxsize=256)
def _of_version(catalogue: tuple[Check, ...], version: Version) -> tuple[_Asked, ...]:
    """The checks that a kubeadm has, so that a host asks once, and not check by check."""
    rows = ((check, check.of_version(version)) for check in catalogue)
    if version not in releases.SUPPORTED:
        rows = ((check, tuple(map(_inferred, found))) for check, found in rows)
    return tuple(_Asked(check, found) for check, found in rows if found)


def _inferred(row: Applies) -> Applies:
    """What a release that nobody has read may have in common with its neighbour."""
    return row if row.own else replace(row, evidence=Evidence.INFERRED)


def _results(catalogue: tuple[Check, ...], facts: Facts, target: Target) -> Iterator[Result]:
    for asked in _of_version(catalogue, target.kubeadm):
        check = asked.check
        for subject, row in asked.of(target):
            if row is None:
                reason = f"kubeadm v{target.kubeadm} does not ask this of {target.role}"
                yield Result(check.id, check.name(subject), subject, Verdict.SKIP, reason)
            elif (reason_or_none := check.skip(target, subject)) is not None:
                name = None if row.own else check.name(subject)
                yield Result(check.id, name, subject, Verdict.SKIP, reason_or_none)
            else:
                yield _judge(check, row, facts, target, subject)


def _judge(check: Check, row: Applies, facts: Facts, target: Target, subject: str) -> Result:
    """Run one rule; what it found before a fact was missing still counts."""
    findings: list[Finding] = []
    missing = ""
    try:
        for finding in check.rule(facts, target, subject):
            findings.append(finding.at(row.severity))  # noqa: PERF401 - findings made before FactMissing must stay
    except FactMissing as reason:
        missing = str(reason)
    name = None if row.own else check.name(subject)
    if not findings and not missing:
        return Result(check.id, name, subject, Verdict.PASS, "", evidence=row.evidence)
    if Severity.ERROR in [finding.severity for finding in findings]:
        verdict = Verdict.FAIL
    else:
        verdict = Verdict.UNKNOWN if missing else Verdict.WARN
    sentences = [finding.message for finding in findings]
    if missing:
        sentences.append(f"could not be known: {missing}")
    worst = check.worst(target) or row.severity
    blocking = verdict is Verdict.FAIL or (verdict is Verdict.UNKNOWN and worst is Severity.ERROR)
    bad = verdict in (Verdict.FAIL, Verdict.WARN)
    return Result(
        check.id,
        name,
        subject,
        verdict,
        "; ".join(sentences),
        remedy=_remedy(check, subject, findings) if bad else "",
        source=next((finding.source for finding in findings if finding.source), ""),
        findings=tuple(findings),
        evidence=row.evidence,
        blocking=blocking,
    )


def _remedy(check: Check, subject: str, findings: list[Finding]) -> str:
    """What to do about all that was found, each thing once."""
    own = [finding.remedy for finding in findings]
    if "" in own:
        general = check.remedy.replace("{subject}", subject)
        own = [remedy or general for remedy in own]
    return own[0] if len(own) == 1 else " ".join(dict.fromkeys(own))
