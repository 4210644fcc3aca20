"""The pipeline over replayed hosts: every host gets its row, whatever becomes of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.demo import CAPTURES
from scanner.errors import HostUnreachable
from scanner.probe.capture import SUFFIX, load, save
from scanner.probe.captured import captured_request
from scanner.report import HostReport, HostStatus
from scanner.request import Host, Ignore, Request
from scanner.runs.spool import Spool
from scanner.scan_options import ScanOptions
from scanner.transport.base import Session
from scanner.transport.replay import ReplayTransport
from scanner.verdict import Verdict
from scanner.versions import parse_version
from tests.demo.record import counted
from tests.scans import scanned


@pytest.fixture
def spool() -> Iterator[Spool]:
    with_file = Spool()
    yield with_file
    with_file.close()


def request() -> Request:
    return captured_request(CAPTURES, None).request


async def test_every_host_has_its_row_in_the_order_of_the_inventory(spool: Spool) -> None:
    asked = request()
    seen: list[str] = []
    report = await scanned(spool, asked, observe=lambda host: seen.append(host.name))
    assert [host.name for host in report.hosts()] == [host.name for host in asked.hosts]
    assert sorted(seen) == sorted(host.name for host in asked.hosts)
    assert report.header.summary.hosts.total == len(asked.hosts)
    assert sum(report.header.summary.verdicts.values()) == sum(
        len(host.results) for host in report.hosts()
    )
    assert report.header.ready is False


async def test_an_unreachable_host_says_why(spool: Spool) -> None:
    hosts = {host.name: host for host in (await scanned(spool, request())).hosts()}
    assert hosts["node10"].status is HostStatus.UNREACHABLE
    assert "refuses connections" in hosts["node10"].reason
    assert hosts["node10"].results == ()


async def test_the_version_waits_for_the_first_control_plane(spool: Spool) -> None:
    """Its answer comes last here; nobody is judged before it, and everybody after it."""
    late = Delayed({"node1": 0.05})
    order: list[str] = []
    report = await scanned(spool, request(), late, observe=lambda host: order.append(host.name))
    assert report.header.cluster.kubernetes_version_from == "that of kubeadm on node1"
    assert order.index("node1") > 0
    assert {host.role for host in report.hosts()} >= {"init", "join-worker"}


async def test_without_the_first_control_plane_the_commonest_kubeadm_decides(spool: Spool) -> None:
    report = await scanned(spool, request(), Delayed({"node1": 0.0}, broken={"node1"}))
    assert report.header.cluster.kubernetes_version == "v1.20.2"
    assert report.header.cluster.kubernetes_version_from == "that of kubeadm on 8 hosts"


async def test_who_may_be_a_member_waits_for_the_first_control_planes_ca(
    spool: Spool, tmp_path: Path
) -> None:
    """Two hosts have a kubelet.conf here; the others do not wait, and nobody waits for ever."""
    for path in CAPTURES.glob(f"*{SUFFIX}"):
        capture = load(path.read_bytes())
        if capture.host in {"node5", "node9"}:
            conf = b"=/etc/kubernetes/kubelet.conf"
            stdout = capture.stdout.replace(b"absent" + conf, b"file" + conf)
            capture = replace(capture, stdout=counted(stdout, capture.boundary.encode()))
        save(tmp_path, capture)
    asked = captured_request(CAPTURES, parse_version("v1.20.2")).request
    order: list[str] = []
    late = Delayed({"node1": 0.05}, captures=tmp_path)
    report = await scanned(spool, asked, late, observe=lambda host: order.append(host.name))
    assert set(order[-3:]) == {"node1", "node5", "node9"}
    statuses = {host.name: host.status for host in report.hosts()}
    assert statuses["node5"] is HostStatus.NOT_READY, "node1 has no CA: another cluster's"
    order.clear()
    second = Spool()
    broken = Delayed({"node1": 0.05}, broken={"node1"}, captures=tmp_path)
    await scanned(second, asked, broken, observe=lambda host: order.append(host.name))
    second.close()
    assert len(order) == len(asked.hosts)


async def test_a_version_that_was_asked_for(spool: Spool) -> None:
    asked = captured_request(CAPTURES, parse_version("v1.19.3")).request
    report = await scanned(spool, asked)
    assert report.header.cluster.kubernetes_version == "v1.19.3"
    assert report.header.cluster.kubernetes_version_from == "as asked for"


async def test_an_answer_that_was_cut_costs_its_own_host_only(spool: Spool, tmp_path: Path) -> None:
    for path in CAPTURES.glob(f"*{SUFFIX}"):
        capture = load(path.read_bytes())
        if capture.host == "node9":
            capture = replace(capture, stdout=capture.stdout[:-30], ended="connection lost")
        save(tmp_path, capture)
    hosts = {
        host.name: host
        for host in (await scanned(spool, request(), ReplayTransport(tmp_path))).hosts()
    }
    assert hosts["node9"].status is HostStatus.UNREACHABLE
    assert "stops" in hosts["node9"].reason
    assert "connection lost" in hosts["node9"].reason
    assert hosts["node1"].status is HostStatus.READY


async def test_an_interrupted_run_keeps_what_is_finished(spool: Spool) -> None:
    interrupt = asyncio.Event()

    def one_is_done(_host: HostReport) -> None:
        interrupt.set()

    slow = Delayed({"node8": 3600, "node9": 3600})
    report = await scanned(spool, request(), slow, observe=one_is_done, interrupt=interrupt)
    assert report.header.run.complete is False
    assert report.header.ready is False
    hosts = {host.name: host for host in report.hosts()}
    assert len(hosts) == len(request().hosts)
    assert hosts["node1"].status is HostStatus.READY
    assert "interrupted" in hosts["node9"].reason


async def test_a_bug_is_loud(spool: Spool) -> None:
    class Buggy:
        def connect(self, host: Host) -> AbstractAsyncContextManager[Session]:
            raise TypeError(host.name)

    with pytest.raises(ExceptionGroup) as raised:
        await scanned(spool, request(), Buggy())
    assert raised.value.subgroup(TypeError) is not None


async def test_captures_are_saved_as_they_came(spool: Spool, tmp_path: Path) -> None:
    await scanned(spool, request(), options=ScanOptions(save_captures=tmp_path / "new"))
    for path in CAPTURES.glob(f"*{SUFFIX}"):
        old, new = load(path.read_bytes()), load((tmp_path / "new" / path.name).read_bytes())
        assert (new.id, new.unreachable, new.stderr) == (old.id, old.unreachable, old.stderr)


async def test_an_ignored_error_is_a_visible_warning(spool: Spool) -> None:
    asked = replace(request(), ignore=(Ignore("swap", reason="NodeSwap is on"),))
    hosts = {host.name: host for host in (await scanned(spool, asked)).hosts()}
    (swap,) = [result for result in hosts["node5"].results if result.kubeadm == "Swap"]
    assert (swap.verdict, swap.blocking) == (Verdict.WARN, False)
    assert swap.ignored is not None
    assert hosts["node5"].status is HostStatus.READY


class Delayed:
    """Replays, but some hosts take their time or cannot be reached."""

    def __init__(
        self,
        seconds: dict[str, float],
        broken: frozenset[str] | set[str] = frozenset(),
        captures: Path = CAPTURES,
    ):
        self._seconds = seconds
        self._broken = broken
        self._replay = ReplayTransport(captures)

    @asynccontextmanager
    async def connect(self, host: Host) -> AsyncIterator[Session]:
        await asyncio.sleep(self._seconds.get(host.name, 0))
        if host.name in self._broken:
            raise HostUnreachable("broken for this test")
        async with self._replay.connect(host) as session:
            yield session
