"""The report of a command that changes hosts: its check, and what was done after it."""

from __future__ import annotations

from dataclasses import replace

from scanner.cluster.result import PhaseResult
from scanner.report import Counter, Report, is_ready
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
    more, before = counter.summary(), report.header.summary
    summary = replace(
        before,
        verify=more.verify,
        blocking_unknown=before.blocking_unknown + more.blocking_unknown,
        warnings=before.warnings + more.warnings,
    )
    header = replace(
        report.header,
        run=replace(report.header.run, complete=complete),
        ready=is_ready(summary, phases, complete=complete),
        summary=summary,
        titles={**report.header.titles, **TITLES} if verify else report.header.titles,
    )
    return replace(report, header=header, phases=phases, verify=verify)
