"""Hosts that let kscan in and then answer badly: what their rows say, after a whole scan."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable
from contextlib import closing
from importlib.resources import files

import asyncssh
import pytest

from scanner.probe.capture import answer, load
from scanner.report import HostReport, HostStatus
from scanner.request import Host, Request
from scanner.runs.spool import Spool
from scanner.scan import Scan
from scanner.scan_options import ScanOptions
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine

CAPTURE = load(files("scanner.demo").joinpath("captures", "node1.capture").read_bytes())
NOW = datetime.datetime(2026, 6, 15, 12, tzinfo=datetime.UTC)
MIB = 1 << 20


def good(script: bytes) -> bytes:
    return answer(CAPTURE, script)


async def scanned(host: Host, seconds: float) -> HostReport:
    with closing(Spool()) as spool:
        options = ScanOptions(host_seconds=seconds)
        scan = Scan(Request((host,)), options, spool, lambda _: None, NOW)
        async with SshTransport(SshSettings(global_known_hosts=())) as transport:
            report = await scan.run(transport, asyncio.Event())
        (row,) = report.hosts()
    return row


def place_of(section: str) -> int:
    """In the answer, where this section has begun and nothing of it was printed."""
    begin = f"{CAPTURE.boundary} begin {section}\n".encode()
    return CAPTURE.stdout.index(begin) + len(begin)


async def test_a_probe_that_hangs_says_where(user_key: asyncssh.SSHKey) -> None:
    machine = Machine(user_key, answers=good, cut_at=place_of("services"), stall_at="output")
    async with machine.running():
        row = await scanned(machine.host(), 1.5)
    assert row.status is HostStatus.UNREACHABLE
    assert "stops in section 'services', and the host's time was up" in row.reason
    assert "--timeout" in row.reason


async def test_a_shell_that_hangs_says_so(user_key: asyncssh.SSHKey) -> None:
    """Its start-up files never end: it takes the script and does nothing."""
    async with Machine(user_key).running() as machine:
        row = await scanned(machine.host(), 1.5)
    assert "had not begun the probe when the host's time was up" in row.reason


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        (lambda script: b"x" * 3 * MIB + good(script), "was cut before the probe's answer"),
        (lambda script: good(script)[:-1] + good(script), "repeats or continues"),
        (lambda script: good(script)[:-20], "the probe's answer stops after section"),
    ],
)
async def test_an_answer_that_cannot_be_believed_says_what_to_do(
    user_key: asyncssh.SSHKey, answers: Callable[[bytes], bytes], says: str
) -> None:
    machine = Machine(user_key, answers=answers)
    async with machine.running():
        row = await scanned(machine.host(), 10)
    assert row.status is HostStatus.UNREACHABLE
    assert says in row.reason
    assert "start-up files" in row.reason or "what ends it" in row.reason
    assert len(row.reason) < 600


async def test_what_a_host_says_sets_no_title_of_a_terminal(user_key: asyncssh.SSHKey) -> None:
    acting = b"\x1b]0;owned\x07\x1b[2J\xe2\x80\xae no such account\n"
    machine = Machine(user_key, answers=lambda _: acting)
    async with machine.running():
        row = await scanned(machine.host(), 10)
    assert "it printed: \\x1b]0;owned\\x07\\x1b[2J\\u202e no such account" in row.reason
    assert row.reason.isprintable()
