"""Everything of a report but its hosts, once all of them are judged."""

from __future__ import annotations

from collections.abc import Mapping

from scanner import __version__
from scanner.catalogue import EVERYTHING
from scanner.report import ClusterReport, Header, Run, Summary, Tool
from scanner.request import Request
from scanner.resolve import KubernetesVersion
from scanner.rules.check import checks_of
from scanner.verdict import Verdict


def header_of(
    request: Request,
    version: KubernetesVersion,
    run: Run,
    summary: Summary,
    titles: Mapping[str, str] | None = None,
) -> Header:
    """Put it together; `ready` is decided here.

    Args:
        request: the cluster.
        version: what the hosts were judged for.
        run: this one.
        summary: its counts.
        titles: check id -> title; None = those of the checks of hosts and between them.
    """
    return Header(
        tool=Tool("kscan", __version__),
        run=run,
        cluster=_cluster(request, version),
        ready=run.complete and _is_ready(summary),
        summary=summary,
        titles=titles or {c.id: c.title for c in (*EVERYTHING, *checks_of(request.rules))},
    )


def _is_ready(summary: Summary) -> bool:
    counts = summary.hosts
    if counts.ready + counts.member != counts.total or summary.blocking_unknown:
        return False
    counted = (summary.verdicts, summary.fleet, summary.verify)
    return not any(counts.get(Verdict.FAIL, 0) for counts in counted)


def _cluster(request: Request, version: KubernetesVersion) -> ClusterReport:
    cluster = request.cluster
    return ClusterReport(
        name=cluster.name,
        kubernetes_version=f"v{version.version}",
        kubernetes_version_from=version.source,
        control_plane_endpoint=cluster.control_plane_endpoint,
        bind_port=cluster.bind_port,
        pod_subnets=cluster.pod_subnets,
        service_subnets=cluster.service_subnets,
    )
