"""What no host shows alone, through the whole pipeline and over saved captures."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.catalogue import EVERYTHING
from scanner.demo import CAPTURES
from scanner.exit_status import ExitStatus, exit_status
from scanner.fleet.judge import FleetResult
from scanner.ignore import IgnoreList
from scanner.inventory.selection import limit
from scanner.probe.capture import SUFFIX, load, save
from scanner.probe.captured import captured_request
from scanner.report import HostCounts, Report, Summary
from scanner.request import Cluster, Host, Ignore, Login, NodeRole, Request
from scanner.resolve import size_of
from scanner.runs.spool import Spool
from scanner.scan_options import ScanOptions
from scanner.selection import Selection
from scanner.transport.replay import ReplayTransport
from scanner.verdict import Verdict
from tests.command import Kscan
from tests.scans import scanned

TODAY = datetime.date(2026, 6, 15)


@pytest.fixture
def spool() -> Iterator[Spool]:
    with_file = Spool()
    yield with_file
    with_file.close()


@pytest.fixture
def captures(tmp_path: Path) -> Path:
    """The demo's hosts that answered."""
    for path in CAPTURES.glob(f"*{SUFFIX}"):
        capture = load(path.read_bytes())
        if not capture.unreachable:
            save(tmp_path, capture)
    return tmp_path


def spoil(folder: Path, name: str, pattern: bytes, new: bytes) -> None:
    """Put something of the same length into a saved answer."""
    capture = load((folder / f"{name}{SUFFIX}").read_bytes())
    old = re.search(pattern, capture.stdout)
    assert old is not None
    assert len(old[0]) == len(new)
    save(folder, replace(capture, stdout=capture.stdout.replace(old[0], new)))


def by_check(report: Report) -> dict[str, FleetResult]:
    return {result.check: result for result in report.fleet}


async def over(spool: Spool, captures: Path, options: ScanOptions | None = None) -> Report:
    asked = captured_request(captures, None).request
    return await scanned(spool, asked, ReplayTransport(captures), options)


async def test_a_cloned_machine_id_and_a_twin_hostname(spool: Spool, captures: Path) -> None:
    with closing(Spool()) as before:
        good = by_check(await over(before, captures))
    assert (good["KS701"].verdict, good["KS702"].verdict) == (Verdict.PASS, Verdict.PASS)
    spoil(captures, "node9", rb"machine_id=\w+", b"machine_id=%032x" % 4)
    spoil(captures, "node8", rb"hostname=node8", b"hostname=NODE6")
    report = await over(spool, captures)
    found = by_check(report)
    assert (found["KS701"].verdict, found["KS701"].hosts) == (Verdict.FAIL, ("node6", "node8"))
    assert (found["KS702"].verdict, found["KS702"].hosts) == (Verdict.WARN, ("node4", "node9"))
    summary = report.header.summary
    assert summary.fleet[Verdict.FAIL] >= 1
    assert sum(summary.fleet.values()) == len(report.fleet)
    assert report.header.titles["KS701"] == "node names"


async def test_the_answers_of_real_hosts_are_enough(spool: Spool, captures: Path) -> None:
    found = by_check(await over(spool, captures))
    passed = {check for check, result in found.items() if result.verdict is Verdict.PASS}
    assert passed >= {
        *("KS701", "KS702", "KS703", "KS704", "KS705", "KS706", "KS711", "KS721", "KS722"),
        *("KS724", "KS731"),
    }


def test_hosts_that_are_replayed_over_ssh_keep_the_time(kscan: Kscan) -> None:
    document = json.loads(kscan("demo", "--format", "json").out)
    (clocks,) = [result for result in document["fleet"] if result["check"] == "KS711"]
    assert (clocks["verdict"], clocks["measured"]) == ("unknown", 9), clocks
    assert "not reached" in clocks["message"]


async def test_who_was_not_reached_is_not_known(spool: Spool) -> None:
    found = by_check(await over(spool, CAPTURES))
    result = found["KS702"]
    assert (result.verdict, result.hosts) == (Verdict.UNKNOWN, ("node10",))
    assert (result.measured, result.total) == (9, 10)


async def test_only_and_skip(spool: Spool, captures: Path) -> None:
    only = ScanOptions(Selection.of(EVERYTHING, ("KS70[12]",), ("ks702",)))
    report = await over(spool, captures, only)
    assert [result.check for result in report.fleet] == ["KS701"]
    assert not any(host.results for host in report.hosts())


def twin(**more: object) -> FleetResult:
    result = FleetResult("KS701", "", Verdict.FAIL, "twins", ("a", "b"), 3, 3, blocking=True)
    return replace(result, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("entry", "verdict"),
    [
        (Ignore("KS701", reason="known"), Verdict.WARN),
        (Ignore("all"), Verdict.WARN),
        (Ignore("ks701", hosts=frozenset({"a", "b", "c"})), Verdict.WARN),
        (Ignore("KS701", hosts=frozenset({"a"})), Verdict.FAIL),
        (Ignore("KS702"), Verdict.FAIL),
        (Ignore("KS701", until=TODAY - datetime.timedelta(days=1)), Verdict.FAIL),
    ],
)
def test_ignoring(entry: Ignore, verdict: Verdict) -> None:
    entries = IgnoreList([entry], TODAY)
    (result,) = entries.apply_fleet([twin()])
    assert result.verdict is verdict
    assert result.blocking is (verdict is Verdict.FAIL)
    assert (result.ignored is not None) is (verdict is Verdict.WARN)
    said = "".join(entries.warnings())
    assert "is no check's name" not in said


def test_a_failure_between_hosts_is_one() -> None:
    nothing = dict.fromkeys(Verdict, 0)
    ready = HostCounts(2, 2)
    failed = Summary(ready, nothing, fleet={Verdict.FAIL: 1})
    assert exit_status(failed, strict=False, complete=True) is ExitStatus.CHECK_FAILED
    fine = Summary(ready, nothing, fleet={Verdict.PASS: 1})
    assert exit_status(fine, strict=True, complete=True) is ExitStatus.READY


def test_the_command_judges_saved_captures_together(kscan: Kscan, captures: Path) -> None:
    spoil(captures, "node9", rb"boot_id=\S+", b"boot_id=00000000-0000-4000-8000-000000000004")
    spoil(captures, "node9", rb"machine_id=\w+", b"machine_id=%032x" % 4)
    words = ("evaluate", captures, "--only", "KS706", "--format", "json")
    ended = kscan(*words)
    (result,) = json.loads(ended.out)["fleet"]
    assert ended.status == 3
    assert (result["verdict"], result["hosts"]) == ("fail", ["node4", "node9"])
    assert result["findings"][0]["message"] == "these are one machine"
    ended = kscan(*words, "--ignore-preflight-errors", "KS706")
    (result,) = json.loads(ended.out)["fleet"]
    assert (ended.status, result["verdict"]) == (0, "warn")
    assert kscan("evaluate", captures, "--only", "KS706", "--limit", "node[1-5]").status == 0


def test_the_size_of_a_cluster_is_that_of_its_whole_inventory() -> None:
    hosts = tuple(
        Host(f"n{n}", Login("x"), frozenset({NodeRole.CONTROL_PLANE if n < 3 else NodeRole.WORKER}))
        for n in range(9)
    )
    request = Request(hosts, Cluster())
    assert (size_of(request).nodes, size_of(request).control_planes) == (9, 3)
    part = limit(request, "n[0-1]")
    assert (len(part.hosts), size_of(part)) == (2, size_of(request))
