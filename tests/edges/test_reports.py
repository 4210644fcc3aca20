"""Edges in every format: what is wrong in words, and nothing of a host's that acts."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from scanner.edges import answers
from scanner.edges.mode import Network
from scanner.edges.results import edge_results
from scanner.edges.summary import edges_report
from scanner.edges.tally import Tally
from scanner.errors import ReportError
from scanner.evaluate import Ignored
from scanner.render import html, markdown, schema
from scanner.render.json import write
from scanner.render.saved import read
from scanner.request import CniProfile
from scanner.verdict import Verdict
from tests.edges.fleet import plan
from tests.edges.reports import DROPPED, PATHS, report, shown
from tests.edges.tallies import tally
from tests.render.fleet import HOSTILE, host, report_of


def page(found: Tally) -> str:
    out = io.StringIO()
    html.write(report(found), out)
    return out.getvalue()


def test_a_good_fleet_takes_few_lines() -> None:
    text = shown(tally(plan(), paths=PATHS))
    assert "4 edges (full): 4 open\nround trip: median 0.41 ms, slowest node2 -> node1" in text
    assert (
        "slowest node2 -> node1 12.1 ms (not measured on 1 of 4 pairs); path MTU 1500 on 2, "
        "1400 on 1 of 4 pairs, not known of 1 (by the routes, not tried) "
    ) in " ".join(text.split())
    assert "From (left)" not in text


def test_a_report_without_paths_says_nothing_of_them() -> None:
    found = report(tally(plan(), DROPPED))
    assert found.edges is not None
    old = replace(found, edges=replace(found.edges, paths=None))
    for write_format in (html.write, markdown.write):
        out = io.StringIO()
        write_format(old, out)
        assert "round trip:" not in out.getvalue()
        assert ">round trip in ms<" not in out.getvalue()


def test_a_ticket_has_the_line_too() -> None:
    out = io.StringIO()
    markdown.write(report(tally(plan(), paths=PATHS)), out)
    assert "\nround trip: median 0.41 ms, slowest node2 `->` node1 12.1 ms" in out.getvalue()


def test_round_trips_on_a_page() -> None:
    """A second view of the matrix, chosen with a radio button that needs no script."""
    text = page(tally(plan(), DROPPED, paths=PATHS))
    slow = "node2 -&gt; node1: ok, round trip 12.1 ms"
    assert (
        f'<td class="v-pass slow" title="{slow}" aria-label="{slow}">'
        '<span class="state">ok</span><span class="ms">12.1</span></td>'
    ) in text
    assert 'title="node1 -&gt; node3: ok, round trip 0.38 ms, MTU 1400, mostly 1500"' in text
    assert '"v-fail untimed" title="node3 -&gt; node1: dropped, round trip not measured"' in text
    assert '<span class="state">DROPPED</span><span class="ms">?</span>' in text
    assert '<input type="radio" name="edges" value="state" checked>' in text
    assert "<tr><td>node2</td><td>node1</td><td>12.1 ms</td><td>1500</td></tr>" in text
    assert "3 round trips, the slowest first" in text


def test_where_all_is_well_a_page_begins_with_the_round_trips() -> None:
    text = page(tally(plan(), paths=PATHS))
    assert '<input type="radio" name="edges" value="ms" checked>' in text
    assert ">round trip in ms<" not in page(tally(plan()))
    assert 'class="scroll edges"' not in page(tally(plan()))


def test_of_a_large_fleet_a_page_has_the_slowest_pairs() -> None:
    made = plan(1, 39, profile=CniProfile.FLANNEL)
    names = [peer.name for peer in made.peers]
    paths = {
        (a, b): answers.Path(400 + 10 * n, 1500)
        for n, (a, b) in enumerate((a, b) for a in names for b in names if a != b)
    }
    text = page(tally(made, paths=paths))
    assert 'class="scroll edges"' not in text
    assert "The 20 slowest of 1,560 round trips" in text
    assert "<tr><td>node40</td><td>node39</td><td>16.0 ms</td><td>1500</td></tr>" in text
    assert "The 20 hosts with the longest round trips, by their medians" in text
    assert "<td>node40</td><td>15.8 ms</td><td>8.2 ms</td><td>78 pairs</td>" in text
    assert text.count(" ms</td>") == 20 + 40
    assert "p99 15.8 ms, slowest node40 -&gt; node39 16.0 ms; path MTU 1500 on all 1,560" in text


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
    assert ">DROPPED</span>" in text
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
    found = tally(plan(), DROPPED, silent={"node2": "it is gone"}, paths=PATHS)
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


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"ms":[12.1]', '"ms":[12.1,0.4]'),
        ('"ms":[12.1]', '"ms":[-12.1]'),
        ('"mtu":[1500]', '"mtu":[0]'),
        ('"to":[1,2]', '"to":[1,3]'),
        ('"paths":{"hosts":["node1"', '"paths":{"hosts":["node9"'),
    ],
)
def test_a_report_whose_paths_do_not_fit_is_refused(tmp_path: Path, old: str, new: str) -> None:
    out = io.StringIO()
    write(report(tally(plan(), paths=PATHS)), out)
    path = tmp_path / "report.json"
    assert old in out.getvalue()
    path.write_text(out.getvalue().replace(old, new), encoding="utf-8")
    with pytest.raises(ReportError, match="the paths of edges do not fit its hosts"):
        read(path)


def test_a_report_of_a_kscan_that_kept_no_paths_is_read(tmp_path: Path) -> None:
    out = io.StringIO()
    write(report(tally(plan(), paths=PATHS)), out)
    document = json.loads(out.getvalue())
    del document["edges"]["paths"]
    path = tmp_path / "report.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    edges = read(path).edges
    assert edges is not None
    assert edges.paths is None


def test_nothing_of_a_hosts_own_words_acts() -> None:
    found = tally(plan(), silent={"node2": HOSTILE})
    assert "<script>alert" not in page(found)
    for text in (shown(found), page(found)):
        assert "\x1b[31m" not in text
        assert "\u202e" not in text
