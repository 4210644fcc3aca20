"""Everything of a report but its hosts, once all of them are judged."""

from __future__ import annotations

from collections.abc import Mapping

from scanner import __version__
from scanner.catalogue import EVERYTHING
from scanner.report import ClusterReport, Header, Run, Summary, Tool, is_ready
from scanner.request import Request
from scanner.resolve import KubernetesVersion
from scanner.rules.check import checks_of


def header_of(
    request: Request,
    version: KubernetesVersion,
    run: Run,
    summary: Summary,
    titles: Mapping[str, str] | None = None,
) -> Header:
    """Put it together.

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
        ready=is_ready(summary, complete=run.complete),
        summary=summary,
        titles=titles or {c.id: c.title for c in (*EVERYTHING, *checks_of(request.rules))},
    )


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
