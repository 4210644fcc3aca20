"""Reports of a check that decides whether anything is done."""

from __future__ import annotations

from scanner.evaluate import Result
from scanner.fleet.judge import FleetResult
from scanner.report import (
    ClusterReport,
    Header,
    HostCounts,
    HostReport,
    HostStatus,
    Report,
    Run,
    Summary,
    Tool,
)


def row(name: str, *results: Result, status: HostStatus = HostStatus.READY) -> HostReport:
    return HostReport(name, name, "", (), "join-worker", status, "why", results=results)


def report(
    *hosts: HostReport, fleet: tuple[FleetResult, ...] = (), complete: bool = True
) -> Report:
    header = Header(
        Tool("kscan", "0"),
        Run("r", "", 0.0, complete=complete),
        ClusterReport("", "", "", "", 6443, (), ()),
        ready=True,
        summary=Summary(HostCounts(len(hosts)), {}),
    )
    return Report(header, lambda: iter(hosts), lambda: iter(()), fleet)
