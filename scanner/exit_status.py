"""The exit status of a run, from its counts alone."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # At run time this would import all checks, also for `kscan --help`.
    from scanner.report import Summary

from scanner.verdict import Verdict


class ExitStatus(IntEnum):
    """What `kscan` says to the shell."""

    READY = 0
    INTERNAL_ERROR = 1
    USAGE = 2
    CHECK_FAILED = 3
    NOT_KNOWN = 4
    """No failure, but a host is unreachable or a blocking check could not be known."""
    WARNINGS = 5
    """Only with `--strict`; ignored warnings do not count."""
    INTERRUPTED = 130


def exit_status(summary: Summary, *, strict: bool, complete: bool) -> ExitStatus:
    """The worst that can be said of the whole fleet, and of the cluster if it was asked.

    Args:
        summary: the counts over all hosts.
        strict: warnings count too.
        complete: False if the run was interrupted; nothing else is then asked.

    Raises:
        ValueError: there are neither hosts nor results of a cluster, so nothing was measured.
    """
    hosts = summary.hosts
    if hosts.total <= 0 and not sum(summary.verify.values()):
        raise ValueError("a fleet of no hosts has no exit status")
    if not complete:
        return ExitStatus.INTERRUPTED
    counted = (summary.verdicts, summary.fleet, summary.verify)
    if any(counts.get(Verdict.FAIL, 0) for counts in counted) or hosts.half_done:
        return ExitStatus.CHECK_FAILED
    # whatever is not known to be good is not ready, also where the counts do not say why
    if summary.blocking_unknown or hosts.ready + hosts.member < hosts.total:
        return ExitStatus.NOT_KNOWN
    if strict and summary.warnings:
        return ExitStatus.WARNINGS
    return ExitStatus.READY
