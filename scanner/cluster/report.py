"""The report of a command that changes hosts: its check, and what was done after it."""

from __future__ import annotations

from dataclasses import replace

from scanner.cluster.result import Outcome, PhaseResult
from scanner.report import Counter, Report
from scanner.verify.report import TITLES
from scanner.verify.result import VerifyResult


def with_work(
    report: Report,
    phases: tuple[PhaseResult, ...],
    verify: tuple[VerifyResult, ...] = (),
    *,
    complete: bool = True,
) -> Report:
    """Add the phases and the proof.

    Args:
        report: of the check before.
        phases: what was done.
        verify: what the cluster was seen to be after that.
        complete: False if it was interrupted.
    """
    counter = Counter()
    counter.add_verify(verify)
    more, summary = counter.summary(), report.header.summary
    good = not any(result.outcome in (Outcome.FAILED, Outcome.SKIPPED) for result in phases)
    proven = not any(result.blocking for result in verify)
    header = replace(
        report.header,
        run=replace(report.header.run, complete=complete),
        ready=report.header.ready and good and proven and complete,
        summary=replace(
            summary,
            verify=more.verify,
            blocking_unknown=summary.blocking_unknown + more.blocking_unknown,
            warnings=summary.warnings + more.warnings,
        ),
        titles={**report.header.titles, **TITLES} if verify else report.header.titles,
    )
    return replace(report, header=header, phases=phases, verify=verify)
