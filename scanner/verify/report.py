"""A report of verify alone: results about the cluster, and no hosts."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import replace

from scanner.header import header_of
from scanner.report import Counter, HostReport, Report, Run
from scanner.request import Request
from scanner.resolve import KubernetesVersion, late_version
from scanner.runs.run_id import new_run_id
from scanner.verify.catalogue import VERIFY_CATALOGUE
from scanner.verify.result import VerifyResult
from scanner.verify.smoke.steps import SMOKE_TITLES
from scanner.versions import Version

TITLES = {step.id: step.title for step in VERIFY_CATALOGUE} | SMOKE_TITLES


def report_of(
    request: Request,
    version: Version | None,
    results: Iterable[VerifyResult],
    *,
    started: datetime.datetime,
    seconds: float,
    complete: bool = True,
) -> Report:
    """Put it together.

    Args:
        request: the cluster.
        version: the API server's; None if it was not reached.
        results: all of them.
        started: the run's beginning.
        seconds: how long it took.
        complete: False if it was interrupted.
    """
    found = tuple(results)
    counter = Counter()
    counter.add_verify(found)
    run = Run(
        id=new_run_id(started),
        started_at=started.isoformat(timespec="seconds"),
        seconds=round(seconds, 3),
        complete=complete,
    )
    asked = version or request.cluster.kubernetes_version
    source = "that of the API server" if version else "as asked for; the API server was not reached"
    known = late_version({}) if asked is None else KubernetesVersion(asked, source)
    header = header_of(request, known, run, counter.summary(), TITLES)
    if asked is None:
        unknown = replace(
            header.cluster,
            kubernetes_version="",
            kubernetes_version_from="not known: the API server was not reached",
        )
        header = replace(header, cluster=unknown)
    return Report(header, _no_hosts, _no_lines, verify=found)


def _no_hosts() -> Iterator[HostReport]:
    return iter(())


def _no_lines() -> Iterator[bytes]:
    return iter(())
