"""Hosts that do not answer hold up nobody, and few descriptors make a run slower, not wrong."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from importlib.resources import files
from pathlib import Path

import asyncssh
import pytest

from scanner.probe.capture import answer, load
from scanner.request import Host, HostKeyPolicy, Login
from scanner.transport.clock import host_clock
from scanner.transport.descriptors import connections_at_once
from scanner.transport.fanout import Done, fan_out
from scanner.transport.settings import SshSettings
from tests.transport.machine import Machine
from tests.transport.plain import PlainServer
from tests.transport.runs import all_done, connect_all

pytestmark = pytest.mark.e2e  # seconds are asserted, which wants a machine without other work

ROOT = Path(__file__).parents[2]
SILENCE = 20.0
"""Seconds until a host that does not answer is given up; the good ones must be done by then on a
machine that has other work."""


def at(port: int, name: str) -> Host:
    return Host(name, Login("127.0.0.1", port, "ops", host_keys=HostKeyPolicy.OFF))


def settings(timeout: float, handshakes: int = 32) -> SshSettings:
    return SshSettings(
        global_known_hosts=(), connect_timeout=timeout, login_timeout=timeout, handshakes=handshakes
    )


@pytest.mark.parametrize("says", [b"", b"SSH-2.0-x\r\n"], ids=["silent", "stalled"])
async def test_the_first_thirty_of_three_hundred_never_answer(
    machine: Machine, says: bytes
) -> None:
    good = [machine.host(f"n{number}") for number in range(270)]
    start = time.monotonic()
    assert all_done(await connect_all(good, settings(SILENCE)))
    alone = time.monotonic() - start
    async with PlainServer(says).running() as dead:
        bad = [at(dead.port, f"dead{number}") for number in range(30)]
        start = time.monotonic()
        found = await connect_all([*bad, *good], settings(SILENCE))
        together = time.monotonic() - start
    assert all(isinstance(found[host.name], Done) for host in good)
    assert together < max(alone, SILENCE) + 3


@pytest.mark.parametrize("says", [b"", b"SSH-2.0-x\r\n"], ids=["silent", "stalled"])
async def test_more_dead_hosts_than_places_and_handshakes(machine: Machine, says: bytes) -> None:
    """In turns of eight they would take 25 times 10 s."""
    async with PlainServer(says).running() as dead:
        hosts = [at(dead.port, f"dead{number}") for number in range(200)]
        hosts += [machine.host(f"n{number}") for number in range(5)]
        start = time.monotonic()
        found = await connect_all(hosts, settings(20, handshakes=16), at_once=64, deadline=20)
        took = time.monotonic() - start
    assert set(list(found)[:5]) == {f"n{number}" for number in range(5)}
    assert max(found[f"n{number}"].seconds for number in range(5)) < 10
    assert took < 30


async def test_no_more_than_may_be_open() -> None:
    started = 0
    most = 0

    async def work(_: int) -> None:
        nonlocal started, most
        started += 1
        most = max(most, started)
        async with host_clock().lending(0.01):
            await asyncio.sleep(0.1)
        started -= 1

    await fan_out(range(30), work, lambda *_: None, at_once=2, most=6)
    assert most == 6


def test_the_soft_limit_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    assert 3000 < connections_at_once() < 4096
    assert asked == [(4096, 4096)]


async def test_a_hard_limit_of_64_descriptors(home: Path, user_key: asyncssh.SSHKey) -> None:
    capture = files("scanner.demo").joinpath("captures", "node1.capture").read_bytes()
    machine = Machine(
        user_key, bind="0.0.0.0", answers=lambda script: answer(load(capture), script)
    )
    number = 150
    hosts = [{"name": f"n{n}", "address": f"127.0.2.{1 + n}"} for n in range(number)]
    async with machine.running():
        defaults = {"user": "ops", "hostKeys": "off", "sudo": "off", "port": machine.port}
        inventory = home / "inventory.yaml"
        inventory.write_text(json.dumps({"defaults": defaults, "hosts": hosts}))
        command = [sys.executable, "-m", "scanner", "check", str(inventory), "--format", "json"]
        command += ["--network", "off"]
        process = await asyncio.create_subprocess_exec(
            "prlimit",
            "--nofile=64:64",
            *command,
            cwd=ROOT,
            env=os.environ | {"HOME": str(home)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
    assert err == b""
    report = json.loads(out)
    assert {host["reason"] for host in report["hosts"]} == {""}
    assert len(report["hosts"]) == number
    assert machine.most_open < 64
