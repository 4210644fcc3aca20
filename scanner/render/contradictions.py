"""What no type says of a saved report: that its parts fit each other, so that it is as written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scanner.edges.report import EdgesReport
from scanner.errors import ReportError
from scanner.render.harmless import harmless
from scanner.report import Counter, HostReport, HostStatus, Report, Summary, is_ready
from scanner.verdict import Verdict


def refuse_contradictions(report: Report) -> None:
    """Read each host once, and count again what the header says of them.

    Raises:
        ReportError: names are not unique, parts do not fit, or the counts are not of these hosts.
    """
    names: set[str] = set()
    counter = Counter()
    for number, host in enumerate(report.hosts(), start=1):
        if host.name in names:
            raise ReportError(f"two hosts are named {harmless(host.name)!r}")
        names.add(host.name)
        _refuse_host(number, host)
        counter.add(host)
    counter.add_fleet(report.fleet)
    counter.add_verify(report.verify)
    if len({(result.check, result.subject) for result in report.fleet}) < len(report.fleet):
        raise ReportError("two results between hosts are of one check")
    if len({(result.check, result.subject) for result in report.verify}) < len(report.verify):
        raise ReportError("two results about the cluster are of one check")
    if not names.issuperset(_between(report)):
        raise ReportError("a result between hosts is about a host that is not there")
    if report.edges is not None:
        _refuse_edges(report.edges, names)
    said, counted = report.header.summary, counter.summary()
    if said.hosts.total != len(names):
        raise ReportError(f"counts {said.hosts.total} hosts but has {len(names)}: cut or edited")
    # a report of before that count has none
    retried = said.retried_hosts in (0, counted.retried_hosts)
    if not retried or _counts(said) != _counts(counted):
        raise ReportError("its summary does not count what it holds: cut or edited")
    ready = is_ready(counted, report.phases, complete=report.header.run.complete)
    if report.header.ready is not ready:
        said_so, is_so = ("ready", "not ready") if report.header.ready else ("not ready", "ready")
        raise ReportError(f"calls itself {said_so}, but what it holds is {is_so}: cut or edited")


def _refuse_edges(edges: EdgesReport, names: set[str]) -> None:
    if not edges.is_square:
        raise ReportError("the matrix of edges does not fit its hosts")
    if edges.paths is not None and not (edges.paths.fits and names.issuperset(edges.paths.hosts)):
        raise ReportError("the paths of edges do not fit its hosts")


def _refuse_host(number: int, host: HostReport) -> None:
    rows = {(result.check, result.subject) for result in host.results}
    if len(rows) < len(host.results):
        raise ReportError(f"host {number} has two results for one check")
    if host.status is HostStatus.READY and any(result.blocking for result in host.results):
        raise ReportError(f"host {number} is ready, but a result blocks it: cut or edited")


def _counts(summary: Summary) -> tuple[object, ...]:
    """All of it; a verdict without a count has none."""
    return (
        summary.hosts,
        _filled(summary.verdicts),
        summary.blocking_unknown,
        summary.warnings,
        summary.retries,
        dict(summary.retried_for),
        _filled(summary.fleet),
        _filled(summary.verify),
    )


def _filled(counts: Mapping[Verdict, int]) -> tuple[int, ...]:
    return tuple(counts.get(verdict, 0) for verdict in Verdict)


def _between(report: Report) -> Iterator[str]:
    for result in report.fleet:
        yield from result.hosts
        for finding in result.findings:
            yield from finding.hosts
