"""Edges in every format: what is wrong in words, and nothing of a host's that acts."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema

from scanner.catalogue import EVERYTHING
from scanner.edges.mode import Network
from scanner.edges.results import edge_results
from scanner.edges.summary import edges_report
from scanner.edges.tally import Tally
from scanner.evaluate import Ignored
from scanner.fleet.judge import FleetResult
from scanner.render import html, schema, terminal
from scanner.render.json import write
from scanner.render.saved import read
from scanner.report import Report
from scanner.verdict import Verdict
from tests.edges.fleet import plan
from tests.edges.test_results import tally
from tests.render.fleet import HOSTILE, host, report_of

DROPPED = {("node3", "node1", "6443/tcp"): "d"}


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


def page(found: Tally) -> str:
    out = io.StringIO()
    html.write(report(found), out)
    return out.getvalue()


def test_a_good_fleet_takes_one_line() -> None:
    text = shown(tally(plan()))
    assert "4 edges (full): 4 open\n" in text
    assert "From (left)" not in text


def test_a_closed_edge_on_the_screen() -> None:
    silent = {("node3", "node1"): "d"}
    text = shown(tally(plan(), DROPPED, control=silent))
    assert "FAIL     ports between hosts node3>node1:6443/tcp (KS790)" in text
    assert "node3 -> node1 6443/tcp: dropped, as is all else; node1 may be down" in text
    assert "node3  DROPPED" in text
    assert "1 problem between hosts" in text


def test_a_large_fleet_has_no_matrix() -> None:
    found = tally(plan(1, 39), DROPPED)
    assert (edges_report(found).hosts, edges_report(found).matrix) == ((), ())
    assert "From (left)" not in shown(found)


def test_a_page() -> None:
    text = page(tally(plan(), DROPPED))
    assert "node3 -&gt; node1 6443/tcp: dropped" in text
    assert ">DROPPED</td>" in text
    assert "Between hosts" not in page_without()


def page_without() -> str:
    out = io.StringIO()
    html.write(report_of([host("node1", "10.0.0.1")]), out)
    return out.getvalue()


def test_accepted_results_come_last_and_say_why() -> None:
    found = tally(plan(), DROPPED)
    first = edge_results(found)[0]
    accepted = replace(first, verdict=Verdict.WARN, blocking=False, ignored=Ignored("a lab", ""))
    text = shown(found, accepted)
    assert "a lab" in text
    assert "problem between hosts" not in text


def test_json_and_back(tmp_path: Path) -> None:
    found = tally(plan(), DROPPED, silent={"node2": "it is gone"})
    out = io.StringIO()
    write(report(found), out)
    document = json.loads(out.getvalue())
    jsonschema.Draft202012Validator(schema.schema()).validate(document)
    assert document["edges"]["rows"] == [
        {
            "from": "node3",
            "to": "node1",
            "port": 6443,
            "proto": "tcp",
            "by": "address",
            "state": "dropped",
            "ms": None,
            "mtu": None,
        }
    ]
    assert document["edges"]["mode"] == Network.FULL
    path = tmp_path / "report.json"
    path.write_text(out.getvalue(), encoding="utf-8")
    assert read(path).edges == edges_report(found)
    assert read(path).fleet == edge_results(found)


def test_nothing_of_a_hosts_own_words_acts() -> None:
    found = tally(plan(), silent={"node2": HOSTILE})
    assert "<script>alert" not in page(found)
    for text in (shown(found), page(found)):
        assert "\x1b[31m" not in text
        assert "\u202e" not in text
