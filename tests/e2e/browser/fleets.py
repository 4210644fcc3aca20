"""The demo's hosts, as many times over as a page is to have hosts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from scanner.checks.rule import Evidence, Finding, Severity
from scanner.demo import CAPTURES
from scanner.evaluate import Result
from scanner.render.saved import read
from scanner.report import HostReport, HostSeconds, HostStatus, Report
from scanner.verdict import Verdict
from tests.render.fleet import report_of

CHECKS = 80


def demo(folder: Path) -> Report:
    """What kscan says of the demo's ten hosts, from the answers that it ships."""
    path = folder / "demo.json"
    words = ("evaluate", str(CAPTURES), "--format", "json", "--output", str(path))
    subprocess.run(
        [sys.executable, "-m", "scanner", *words], cwd=folder, capture_output=True, check=False
    )
    return read(path)


def many(report: Report, count: int) -> Report:
    """So many hosts of 80 results each, with the facts of real ones and names of their own."""
    hosts = [host for host in report.hosts() if host.results]
    made = report_of(_numbered(hosts, count))
    return replace(made, header=replace(made.header, titles=report.header.titles))


def _numbered(hosts: list[HostReport], count: int) -> Iterator[HostReport]:
    for number, host in enumerate(islice(cycle(hosts), count)):
        name = f"node{number + 1}"
        identity = {"hostname": name, "machineId": f"{number:032x}", "bootId": f"{number * 7:036x}"}
        facts = {
            **(host.facts or {}),
            "identity": identity,
            "memory": {"totalKib": 16_000_000 + number},
        }
        own = islice(_own_rules(number), CHECKS - len(host.results))
        yield replace(
            host,
            name=name,
            node_name=name,
            address=f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}",
            seconds=HostSeconds(0.1 + number % 37 / 100, 0.3 + number % 53 / 100),
            capture_id=f"{number * 2654435761:016x}",
            facts=facts,
            results=(*host.results, *own),
        )


def _own_rules(number: int) -> Iterator[Result]:
    """What a site asks of its hosts beside kubeadm; one in a hundred does not have it."""
    for rule in range(CHECKS):
        is_bad = (number + rule) % 100 == 0
        message = f"/dev/sd{rule} has {number % 7} sectors pending" if is_bad else ""
        finding = Finding(message, str(number % 7), "0", "smartctl -A", Severity.WARNING)
        yield Result(
            *(f"user/disk-{rule:02}", None, "", Verdict.WARN if is_bad else Verdict.PASS, message),
            remedy="Replace the disk: `mdadm --manage /dev/md0 --fail`." if is_bad else "",
            source="smartctl -A" if is_bad else "",
            findings=(finding,) if is_bad else (),
            evidence=Evidence.OWN,
        )


def only_ready(report: Report, ready: int) -> Report:
    """The same hosts, of which all but the last few say that they are ready."""
    hosts = [
        replace(host, status=HostStatus.READY if n < ready else HostStatus.NOT_READY)
        for n, host in enumerate(report.hosts())
    ]
    return report_of(hosts)
