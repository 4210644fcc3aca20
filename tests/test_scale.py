"""What a run keeps does not grow with the fleet: objects are counted, which no load disturbs."""

from __future__ import annotations

import asyncio
import datetime
import gc
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from scanner.demo import CAPTURES
from scanner.evaluate import Result
from scanner.facts.base import Facts
from scanner.probe import script as script_module
from scanner.probe.capture import Capture, answer, read
from scanner.probe.script import build
from scanner.report import HostReport
from scanner.request import Cluster, Host, Login, NodeRole, Request
from scanner.resolve import init_host
from scanner.runs.spool import Spool
from scanner.scan import Scan
from scanner.scan_options import ScanOptions
from scanner.transport.base import Completed, Session
from scanner.transport.dialogue import Dialogue
from scanner.versions import Version, parse_version
from tests.sessions import FakeSession

CAPTURE = read(CAPTURES / "node1.capture")
NOW = datetime.datetime(2026, 6, 15, 12, tzinfo=datetime.UTC)
FEW = 4
"""Hosts at once."""


class Answering:
    """Stands in for real hosts, of which a test cannot have hundreds: each gives one answer."""

    @asynccontextmanager
    async def connect(self, host: Host) -> AsyncIterator[Session]:
        del host
        yield _Session()


class _Session(FakeSession):
    async def answer(self, given: bytes, timeout: float, dialogue: Dialogue | None) -> Completed:
        del timeout, dialogue
        await asyncio.sleep(0)
        return Completed(answer(CAPTURE, given), b"", 0, 0.0)


def alive() -> Counter[str]:
    """What of the hosts is still in memory."""
    gc.collect()
    kinds = (Capture, Completed, Facts, HostReport, Result, _Session)
    return Counter(type(thing).__name__ for thing in gc.get_objects() if isinstance(thing, kinds))


async def most_alive(hosts: int, kubernetes: Version | None) -> Counter[str]:
    """Scan so many hosts, and count at each eighth of them."""
    request = Request(
        tuple(Host(f"n{n}", Login(f"192.0.2.{n % 250}")) for n in range(hosts)),
        Cluster(kubernetes_version=kubernetes),
    )
    before = alive()
    done, most = 0, Counter[str]()

    def observe(host: HostReport) -> None:
        nonlocal done, most
        del host
        done += 1
        if done % (hosts // 8) == 0:
            most |= alive()

    with closing(Spool()) as spool:
        scan = Scan(request, ScanOptions(at_once=FEW), spool, observe, NOW)
        report = await scan.run(Answering(), asyncio.Event())
        assert report.header.summary.hosts.ready == done == hosts
    return most - before


@pytest.mark.parametrize(
    "kubernetes", [parse_version("v1.31.0"), None], ids=["asked", "found late"]
)
async def test_what_is_in_memory_does_not_grow_with_the_hosts(kubernetes: Version | None) -> None:
    few = await most_alive(8 * FEW, kubernetes)
    many = await most_alive(8 * 8 * FEW, kubernetes)
    assert few["HostReport"] == 1  # the one that is being observed
    assert few["Facts"] <= FEW
    assert {kind: count for kind, count in many.items() if count > few[kind]} == {}


def test_the_text_that_is_the_same_for_all_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read_files: list[str] = []
    real = script_module._text

    def text(name: str) -> str:
        read_files.append(name)
        return real(name)

    monkeypatch.setattr(script_module, "_text", text)
    script_module._same_for_all.cache_clear()
    cluster = Cluster(name="once")
    hosts = [
        Host("a", Login("192.0.2.1"), node_name="a"),
        Host("b", Login("192.0.2.2"), frozenset({NodeRole.CONTROL_PLANE}), cri_socket="/run/x"),
    ]
    scripts = [build(cluster, host) for host in hosts]
    assert sorted(read_files) == ["driver.sh", "sections.sh"]
    assert scripts[0].boundary != scripts[1].boundary
    assert b"KSCAN_NODE_NAME=a\n" in scripts[0].text
    assert b"KSCAN_IMAGES=yes\n" in scripts[1].text


def test_hosts_with_one_version_share_its_value() -> None:
    # so that comparing it begins, and mostly ends, with `is`
    assert parse_version("v1.31.2") is parse_version("v1.31.2")


def test_the_first_control_plane_is_looked_for_once() -> None:
    looked_at: list[str] = []

    class Watched(Host):
        __slots__ = ()

        @property
        def is_control_plane(self) -> bool:
            looked_at.append(self.name)
            return NodeRole.CONTROL_PLANE in self.roles

    request = Request(tuple(Watched(f"n{n}", Login("192.0.2.1")) for n in range(100)))
    assert [init_host(request) for _ in range(100)] == [None] * 100
    assert len(looked_at) == 100


@pytest.mark.parametrize("words", ["--help", "check --help", "--version"])
def test_help_imports_nothing_heavy(words: str) -> None:
    heavy = ("asyncssh", "cryptography", "jinja2", "kubernetes", "rich", "yaml", "scanner.checks")
    program = (
        "import sys\n"
        "from scanner.cli import main\n"
        f"sys.argv = ['kscan', *{words.split()!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        f"found = [name for name in {heavy!r} if name in sys.modules]\n"
        "sys.exit(f'imported: {found}' if found else 0)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_check_imports_only_what_it_uses(tmp_path: Path) -> None:
    """The Kubernetes client alone is 13 MB; templates and tables are for other formats."""
    heavy = ("jinja2", "kubernetes", "re2", "requests", "tabulate", "scanner.cluster.run")
    report = tmp_path / "report.json"
    words = [
        "check",
        "--host",
        "ops@127.0.0.1:1",
        "--format",
        "json",
        "--output",
        str(report),
        "--quiet",
    ]
    program = (
        "import sys\n"
        "from scanner.cli import main\n"
        f"sys.argv = ['kscan', *{words!r}]\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    print(end.code)\n"
        f"print([name for name in {heavy!r} if name in sys.modules])\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (ended.stdout, ended.stderr) == ("4\n[]\n", "")
    assert report.exists()
