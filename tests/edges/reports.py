"""A report whose edges are not all open."""

from __future__ import annotations

import io
from dataclasses import replace

from scanner.catalogue import EVERYTHING
from scanner.edges import answers
from scanner.edges.results import edge_results
from scanner.edges.summary import edges_report
from scanner.edges.tally import Tally
from scanner.fleet.judge import FleetResult
from scanner.render import terminal
from scanner.report import Report
from tests.render.fleet import host, report_of

DROPPED = {("node3", "node1", "6443/tcp"): "d"}
PATHS = {
    ("node1", "node2"): answers.Path(412, 1500),
    ("node1", "node3"): answers.Path(380, 1400),
    ("node2", "node1"): answers.Path(12_100, 1500),
}
"""node3 has measured nothing."""


def report(found: Tally, *results: FleetResult) -> Report:
    hosts = [host(name, f"10.0.0.{n}") for n, name in enumerate(("node1", "node2", "node3"), 1)]
    fleet = results or edge_results(found)
    made = report_of(hosts, fleet=tuple(fleet))
    titles = {check.id: check.title for check in EVERYTHING}
    header = replace(made.header, titles=titles)
    return replace(made, header=header, edges=edges_report(found))


def shown(found: Tally, *results: FleetResult) -> str:
    out = io.StringIO()
    terminal.write(report(found, *results), out, width=100, colour=False, only_failing=None)
    return out.getvalue()
