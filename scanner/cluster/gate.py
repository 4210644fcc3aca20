"""May something be changed? Decided by the results of a probe of this moment alone."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.report import HostReport, HostStatus, Report
from scanner.verdict import Verdict

GOOD = (HostStatus.READY, HostStatus.MEMBER)
"""Hosts on which nothing is in the way, and nothing half done."""


def blocked_by(report: Report) -> Iterator[str]:
    """What forbids it, one line each; nothing if all who take part are ready or members.

    Args:
        report: of those who take part, and only of them.
    """
    if not report.header.run.complete:
        yield "the check was interrupted"
    for host in report.hosts():
        yield from _host(host)
    for result in report.fleet:
        if result.blocking or (result.verdict is Verdict.FAIL and result.ignored is None):
            what = " ".join(filter(None, (result.check, result.subject)))
            yield f"between hosts: {what}: {result.message}"


def _host(host: HostReport) -> Iterator[str]:
    if host.status is HostStatus.UNREACHABLE:
        yield f"{host.name}: unreachable: {host.reason}"
        return
    blocking = [result for result in host.results if result.blocking]
    for result in blocking:
        name = result.kubeadm or result.check
        kind = "" if result.verdict is Verdict.FAIL else "not known: "
        yield f"{host.name}: {name}: {kind}{result.message}"
    if not blocking and host.status not in GOOD:
        yield f"{host.name}: {host.status}"
