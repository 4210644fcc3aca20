"""From the rules between hosts to their results: the only place that makes these verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from scanner.checks.rule import Evidence, Severity
from scanner.evaluate import Ignored
from scanner.fleet.rule import Fleet, FleetCheck, FleetFinding, Gap
from scanner.json_names import JSON_NAMES
from scanner.verdict import Verdict

_TOLD = 5
"""Findings whose sentences stand in a result's message; all of them stand in its findings."""


@dataclass(frozen=True, slots=True)
class FleetResult:
    """What one rule says of all hosts together; (check, subject) is unique in a report."""

    __pydantic_config__: ClassVar = JSON_NAMES

    check: str
    subject: str
    verdict: Verdict
    message: str
    hosts: tuple[str, ...] = ()
    """Those that the findings are about; of UNKNOWN, those of which too little is known."""
    measured: int = 0
    """How many of `unit` everything was known of that the rule asks for."""
    total: int = 0
    """How many the rule is about."""
    unit: Literal["host", "edge"] = "host"
    """What is counted; an edge is a pair of hosts and a port."""
    kubeadm: str | None = None
    remedy: str = ""
    source: str = ""
    findings: tuple[FleetFinding, ...] = ()
    evidence: Evidence = Evidence.OWN
    blocking: bool = False
    """True if the run is not ready because of this result."""
    ignored: Ignored | None = None


def judge_fleet(catalogue: Iterable[FleetCheck], fleet: Fleet) -> tuple[FleetResult, ...]:
    """Ask every rule once; the order of the hosts changes nothing but the order of names."""
    return tuple(_judge(check, fleet) for check in catalogue)


def _judge(check: FleetCheck, fleet: Fleet) -> FleetResult:
    total = len(fleet.hosts)
    reason = check.skip(fleet)
    if reason is None and check.compares and total == 1:
        reason = "one host has nothing to be compared with"
    if reason is not None:
        return FleetResult(check.id, "", Verdict.SKIP, reason, total=total)
    places = {host.host: place for place, host in enumerate(fleet.hosts)}
    findings: list[FleetFinding] = []
    gaps: list[Gap] = []
    for said in check.rule(fleet):
        if isinstance(said, Gap):
            gaps.append(said)
        else:
            hosts = _in_order(places, said.hosts)
            findings.append(replace(said, severity=said.severity or check.severity, hosts=hosts))
    # Whatever order the hosts stand in, the same is said of them.
    findings.sort(key=_place)
    unknown = _in_order(places, (name for gap in gaps for name in gap.hosts))
    measured = total - len(unknown)
    among = f"known of {measured} of {total} hosts only" if unknown else ""
    failed = any(finding.severity is Severity.ERROR for finding in findings)
    could_fail = any((gap.worst or check.severity) is Severity.ERROR for gap in gaps)
    if findings:
        verdict = Verdict.FAIL if failed else Verdict.WARN
        hosts = _in_order(places, (name for finding in findings for name in finding.hosts))
        message = "; ".join(_sentences(findings, among))
    elif gaps:
        verdict, hosts = Verdict.UNKNOWN, unknown
        whys = "; ".join(sorted({gap.reason for gap in gaps})[:_TOLD])
        so_far = f"nothing is wrong among {measured} of {total} hosts, and the rest are not known"
        message = f"{so_far if measured else 'nothing is known of any host'}: {whys}"
    else:
        verdict, hosts, message = Verdict.PASS, (), check.passed
    return FleetResult(
        check.id,
        "",
        verdict,
        message,
        hosts,
        measured,
        total,
        remedy=_remedy(check, findings),
        source=next((finding.source for finding in findings if finding.source), ""),
        findings=tuple(findings),
        blocking=failed or could_fail,
    )


def _place(finding: FleetFinding) -> tuple[bool, str, str, str]:
    """Errors first, then by what is said, and of what is the same by the first name."""
    least = min(finding.hosts, default="")
    return finding.severity is not Severity.ERROR, finding.message, finding.have, least


def _in_order(places: Mapping[str, int], names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, in the order of the inventory."""
    return tuple(sorted(set(names), key=places.__getitem__))


def _sentences(findings: list[FleetFinding], among: str) -> Iterable[str]:
    said = tuple(dict.fromkeys(finding.message for finding in findings))
    yield from said[:_TOLD]
    if len(said) > _TOLD:
        yield f"and {len(said) - _TOLD} more of this kind"
    if among:
        yield among


def _remedy(check: FleetCheck, findings: list[FleetFinding]) -> str:
    """What to do about all that was found, each thing once."""
    if not findings:
        return ""
    return " ".join(dict.fromkeys(finding.remedy or check.remedy for finding in findings))
