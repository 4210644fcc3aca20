"""Edges beside saved captures: what was red when it was dialled is red when it is judged again."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.catalogue import EVERYTHING
from scanner.edges.checks import EDGE_CHECKS
from scanner.edges.mode import Network
from scanner.errors import CaptureError
from scanner.report import Report
from scanner.request import Host, Login, Request
from scanner.runs import saved_edges
from scanner.runs.spool import Spool
from scanner.scan import Scan
from scanner.scan_options import EdgesThere, ScanOptions
from scanner.selection import Selection
from scanner.transport.base import Transport
from scanner.transport.replay import ReplayTransport
from scanner.verdict import Verdict
from tests.command import Kscan
from tests.edges.scans import NOW, Hosts, request

Row = tuple[str, Verdict, bool]


async def run(asked: Request, hosts: Transport, options: ScanOptions) -> Report:
    with closing(Spool()) as spool:
        scan = Scan(asked, options, spool, lambda _: None, NOW)
        report = await scan.run(hosts, asyncio.Event())
        assert not [line for line in scan.warnings() if "not saved" in line]
        return report


async def taken(there: Path, letters: str, mode: Network = Network.DIAL) -> Report:
    return await run(request(), Hosts(letters), ScanOptions(network=mode, save_captures=there))


async def again(there: Path, *only: str, asked: Request | None = None) -> Report:
    options = ScanOptions(
        Selection.of(EVERYTHING, only, ()), edges_then=EdgesThere(saved_edges.read(there))
    )
    return await run(asked or request(), ReplayTransport(there), options)


def found(report: Report) -> list[Row]:
    ids = {check.id for check in EDGE_CHECKS}
    return [(r.check, r.verdict, r.blocking) for r in report.fleet if r.check in ids]


@pytest.mark.parametrize("letters", ["r", "d", "u", "x"])
async def test_the_same_is_said_again(tmp_path: Path, letters: str) -> None:
    then = await taken(tmp_path, letters)
    now = await again(tmp_path)
    assert now.edges == then.edges is not None
    assert [r for r in now.fleet if r.check.startswith("KS79")] == [
        r for r in then.fleet if r.check.startswith("KS79")
    ]
    assert now.header.ready is then.header.ready
    assert found(await again(tmp_path, "KS79*", "Swap")) == found(then)
    assert (tmp_path / saved_edges.FILE).stat().st_mode & 0o777 == 0o600


async def test_round_trips_are_told_again(tmp_path: Path) -> None:
    lines = {"cp": "path 1 600 1400 - - - -", "w": "path 0 412 1500 - - - -"}
    options = ScanOptions(network=Network.DIAL, save_captures=tmp_path)
    then = await run(request(), Hosts(more=lines), options)
    now = await again(tmp_path)
    assert then.edges is not None
    assert then.edges.paths is not None
    assert [(pair.from_, pair.ms, pair.mtu) for pair in then.edges.paths.pairs()] == [
        ("cp", 0.6, 1400),
        ("w", 0.412, 1500),
    ]
    assert now.edges == then.edges


async def test_a_file_of_a_kscan_that_kept_no_paths_is_taken(tmp_path: Path) -> None:
    await taken(tmp_path, "r")
    path = tmp_path / saved_edges.FILE
    document = json.loads(path.read_text())
    assert document["report"].pop("paths")
    path.write_text(json.dumps(document))
    report = await again(tmp_path)
    assert report.edges is not None
    assert report.edges.paths is None


async def test_without_edges_they_are_unknown_and_block_where_they_are_asked_for(
    tmp_path: Path,
) -> None:
    await taken(tmp_path, "r", Network.OFF)
    assert found(await again(tmp_path)) == [("KS790", Verdict.UNKNOWN, False)]
    named = await again(tmp_path, "KS79*", "Swap")
    assert found(named) == [
        ("KS790", Verdict.UNKNOWN, True),
        ("KS791", Verdict.UNKNOWN, False),
        ("KS792", Verdict.UNKNOWN, False),
    ]
    assert not named.header.ready
    assert found(await again(tmp_path, "Swap")) == []


async def test_the_edges_of_an_earlier_run_are_forgotten(tmp_path: Path) -> None:
    await taken(tmp_path, "r")
    await taken(tmp_path, "r", Network.OFF)
    assert saved_edges.read(tmp_path) is None


async def test_of_other_hosts_only_what_is_about_them(tmp_path: Path) -> None:
    await taken(tmp_path, "d")
    asked = request()
    new = Host("new", Login("10.0.0.3"))
    (tmp_path / "new.capture").write_bytes((tmp_path / "w.capture").read_bytes())
    found_of_two = await again(tmp_path, asked=replace(asked, hosts=(asked.hosts[1], new)))
    assert found_of_two.edges is None
    rows = [r for r in found_of_two.fleet if r.check == "KS790"]
    assert {name for row in rows for finding in row.findings for name in finding.hosts} == {"w"}
    assert [(r.verdict, r.hosts) for r in rows] == [
        (Verdict.FAIL, ("w",)),
        (Verdict.FAIL, ("w",)),
        (Verdict.UNKNOWN, ("new",)),
    ]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-9],
        lambda text: text.replace("kscan.edges/v1", "kscan.edges/v9"),
        lambda text: text.replace('"matrix":["', '"matrix":["...","'),
        lambda text: re.sub(r'"matrix":\[[^]]*\]', '"matrix":[]', text),
        lambda text: text.replace('"matrix":["-', '"matrix":["x'),
        lambda text: text.replace('"to":[1]', '"to":[0]'),
        lambda text: text.replace('"ms":[null]', '"ms":[]'),
        lambda text: text.replace('"ms":[null]', '"ms":[NaN]'),
        lambda text: re.sub(r'"paths":{"hosts":\["cp"', '"paths":{"hosts":["elsewhere"', text),
        lambda _: "[]",
    ],
)
async def test_a_file_that_is_none_is_said_to_be_none(
    tmp_path: Path, spoil: Callable[[str], str]
) -> None:
    await taken(tmp_path, "d")
    path = tmp_path / saved_edges.FILE
    good = path.read_text()
    path.write_text(spoil(good))
    assert path.read_text() != good
    with pytest.raises(CaptureError, match=r"edges\.json"):
        saved_edges.read(tmp_path)


async def test_only_what_is_of_edges_is_taken_from_the_file(tmp_path: Path) -> None:
    await taken(tmp_path, "d")
    path = tmp_path / saved_edges.FILE
    path.write_text(path.read_text().replace('"check":"KS790"', '"check":"KS701"'))
    report = await again(tmp_path)
    assert found(report) == []
    assert len([r for r in report.fleet if r.check == "KS701"]) == 1


def test_the_command_says_so(kscan: Kscan, tmp_path: Path) -> None:
    asyncio.run(taken(tmp_path, "d"))
    ended = kscan("evaluate", tmp_path, "--only", "KS79*,Swap", "--format", "json")
    assert ended.status == 3
    assert json.loads(ended.out)["edges"]["counts"]["dropped"] == 2
    (tmp_path / saved_edges.FILE).write_text("{")
    ended = kscan("evaluate", tmp_path)
    assert ended.status == 2
    assert "edges.json" in ended.err
    (tmp_path / saved_edges.FILE).unlink()
    ended = kscan("evaluate", tmp_path, "--only", "KS79*,Swap", "--format", "json")
    assert ended.status == 4
