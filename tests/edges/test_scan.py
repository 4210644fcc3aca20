"""A whole run: first every host by itself, then the hosts of each other, then one report."""

from __future__ import annotations

import asyncio
import datetime
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.catalogue import EVERYTHING
from scanner.cli.asked import asked_network
from scanner.edges.checks import EDGE_CHECKS
from scanner.edges.mode import Network
from scanner.exit_status import ExitStatus, exit_status
from scanner.ignore import IgnoreList
from scanner.render.json import write
from scanner.render.saved import read as read_report
from scanner.report import HostReport, Report
from scanner.request import Ignore, Request
from scanner.runs.spool import Spool
from scanner.scan import Scan
from scanner.scan_options import ScanOptions
from scanner.secrets.redact import Redactor, redacting
from scanner.secrets.secret import Kind, Secret, Source
from scanner.selection import Selection, UnknownCheck
from scanner.verdict import Verdict
from tests.edges.scans import NOW, Hosts, request


async def scanned(
    hosts: Hosts,
    mode: Network = Network.DIAL,
    *ignore: Ignore,
    selection: Selection | None = None,
    interrupt: bool = False,
) -> Report:
    asked = request(*ignore)
    interrupted = asyncio.Event()
    seen: list[HostReport] = []

    def observe(host: HostReport) -> None:
        seen.append(host)
        if interrupt and len(seen) == len(asked.hosts):
            asyncio.get_running_loop().call_later(0.1, interrupted.set)

    with closing(Spool()) as spool:
        options = ScanOptions(selection or Selection(), network=mode)
        scan = Scan(asked, options, spool, observe, NOW)
        report = await scan.run(hosts, interrupted)
        assert len(list(report.hosts())) == len(seen) == 2
        assert "is no check's name" not in " ".join(scan.warnings())
    return report


def found(report: Report) -> list[tuple[str, Verdict, bool]]:
    assert report.edges is not None
    ids = {check.id for check in EDGE_CHECKS}
    return [(r.check, r.verdict, r.blocking) for r in report.fleet if r.check in ids]


async def test_a_report_in_which_a_secret_is_cut_out_of_names_can_be_read(tmp_path: Path) -> None:
    """Where the password is vagrant, hosts may well be called so."""
    asked = request()
    hosts = tuple(replace(host, name=f"vagrant-{host.name}") for host in asked.hosts)
    secret = Secret(Source(Kind.ENV, "PASSWORD"), "vagrant")
    path = tmp_path / "report.json"
    with closing(Spool()) as spool, redacting(Redactor([secret])):
        options = ScanOptions(network=Network.DIAL)
        scan = Scan(replace(asked, hosts=hosts), options, spool, lambda _: None, NOW)
        report = await scan.run(Hosts("d"), asyncio.Event())
        with path.open("w", encoding="utf-8") as file:
            write(report, file)
    assert "vagrant" not in path.read_text(encoding="utf-8")
    edges = read_report(path).edges
    assert edges is not None
    assert edges.paths is not None
    assert edges.hosts == edges.paths.hosts == ("***-cp", "***-w")


async def test_every_host_has_its_row_before_the_first_dials() -> None:
    hosts = Hosts()
    report = await scanned(hosts)
    assert hosts.opened[:2] == ["cp", "w"]
    assert sorted(hosts.opened[2:]) == ["cp", "w"]
    assert found(report) == [("KS790", Verdict.PASS, False)]
    assert report.header.titles["KS790"]


async def test_off_dials_nothing() -> None:
    hosts = Hosts()
    report = await scanned(hosts, Network.OFF)
    assert hosts.opened == ["cp", "w"]
    assert report.edges is None


async def test_a_closed_edge_fails_the_run() -> None:
    good, bad = await scanned(Hosts()), await scanned(Hosts("d"))
    assert found(bad) == [("KS790", Verdict.FAIL, True)] * 2
    before, after = good.header.summary, bad.header.summary
    assert after.fleet[Verdict.FAIL] == before.fleet[Verdict.FAIL] + 2
    assert not bad.header.ready
    assert exit_status(after, strict=False, complete=True) is ExitStatus.CHECK_FAILED


async def test_an_accepted_edge_does_not() -> None:
    report = await scanned(Hosts("d"), Network.DIAL, Ignore("ks790", reason="a lab"))
    assert found(report) == [("KS790", Verdict.WARN, False)] * 2
    one = Ignore("KS790", frozenset({"cp"}))
    assert (
        found(await scanned(Hosts("d"), Network.DIAL, one)) == [("KS790", Verdict.FAIL, True)] * 2
    )
    both = Ignore("KS790", frozenset({"cp", "w"}))
    assert (
        found(await scanned(Hosts("d"), Network.DIAL, both)) == [("KS790", Verdict.WARN, False)] * 2
    )


async def test_only_what_is_asked_for_is_said() -> None:
    report = await scanned(Hosts("d"), selection=Selection(skip=("ks790",)))
    assert found(report) == []


async def test_an_interrupt_between_the_hosts_keeps_their_rows() -> None:
    report = await scanned(Hosts(stalls=True), interrupt=True)
    assert not report.header.run.complete
    assert not report.header.summary.hosts.unreachable
    assert [verdict for _, verdict, _ in found(report)] == [Verdict.UNKNOWN]


def test_an_expired_entry_counts_no_more() -> None:
    yesterday = NOW.date() - datetime.timedelta(days=1)
    entries = IgnoreList([Ignore("KS790", until=yesterday)], NOW.date())
    assert entries.apply_fleet(()) == ()
    assert entries.warnings() == (f"ignore: KS790 has expired on {yesterday}: it counts",)


@pytest.mark.parametrize(
    ("hosts", "network", "only", "asked"),
    [
        (2, None, (), Network.DIAL),
        (1, None, (), Network.OFF),
        (1, Network.FULL, (), Network.OFF),
        (2, Network.FULL, (), Network.FULL),
        (2, Network.OFF, (), Network.OFF),
        (2, None, ("swap",), Network.OFF),
        (2, None, ("ks79*",), Network.DIAL),
    ],
)
def test_when_hosts_dial(
    hosts: int, network: Network | None, only: tuple[str, ...], asked: Network
) -> None:
    some = Request(request().hosts[:hosts])
    assert asked_network(network, some, Selection(only)) is asked


def test_their_ids_are_names_of_checks() -> None:
    assert Selection.of(EVERYTHING, ["KS790"], []).only == ("ks790",)
    with pytest.raises(UnknownCheck):
        Selection.of(EVERYTHING, ["KS799"], [])
