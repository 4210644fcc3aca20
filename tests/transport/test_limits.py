"""Limits of a run: handshakes, deadlines, and what is left when it is interrupted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncssh
import pytest

from scanner.request import Host, HostKeyPolicy, Login
from scanner.transport.fanout import Done, Failed
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine
from tests.transport.plain import PlainServer
from tests.transport.runs import all_done, connect_all


def at(port: int, name: str) -> Host:
    return Host(name, Login("127.0.0.1", port, "ops", host_keys=HostKeyPolicy.OFF))


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_of_fifty_hosts_one_hangs(user_key: asyncssh.SSHKey) -> None:
    async with (
        Machine(user_key).running() as machine,
        PlainServer(b"SSH-2.0-x\r\n").running() as bad,
    ):
        hosts = [machine.host(f"n{number}") for number in range(49)] + [at(bad.port, "bad")]
        settings = SshSettings(
            global_known_hosts=(), connect_timeout=2, login_timeout=2, handshakes=4
        )
        outcomes = await connect_all(hosts, settings)
    good = [outcome for name, outcome in outcomes.items() if name != "bad"]
    assert len(good) == 49
    assert all(isinstance(outcome, Done) for outcome in good)
    assert isinstance(outcomes["bad"], Failed)
    assert list(outcomes)[-1] == "bad"


async def test_silent_hosts_hold_no_handshake(user_key: asyncssh.SSHKey) -> None:
    """Ten hosts without a banner, and one place for a handshake."""
    async with Machine(user_key).running() as machine, PlainServer().running() as silent:
        hosts = [at(silent.port, f"silent{number}") for number in range(10)]
        hosts += [machine.host(f"n{number}") for number in range(5)]
        settings = SshSettings(
            global_known_hosts=(), connect_timeout=1.5, login_timeout=1.5, handshakes=1
        )
        outcomes = await connect_all(hosts, settings)
    assert silent.connections == 10
    assert [name for name, outcome in outcomes.items() if isinstance(outcome, Done)] == [
        f"n{number}" for number in range(5)
    ]
    assert list(outcomes)[:5] == [f"n{number}" for number in range(5)]


async def test_handshakes_at_once(user_key: asyncssh.SSHKey) -> None:
    async with Machine(user_key).running() as machine:
        settings = SshSettings(global_known_hosts=(), handshakes=3)
        outcomes = await connect_all([machine.host(f"n{n}") for n in range(30)], settings)
        assert all_done(outcomes)
        assert len(machine.users) == 30


async def test_the_wait_for_a_slot_is_not_charged(
    user_key: asyncssh.SSHKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asyncssh.connect

    async def slow(*args: object, **options: object) -> asyncssh.SSHClientConnection:
        await asyncio.sleep(0.2)
        return await real(*args, **options)

    monkeypatch.setattr(asyncssh, "connect", slow)
    async with Machine(user_key).running() as machine:
        settings = SshSettings(
            global_known_hosts=(), handshakes=1, connect_timeout=1, login_timeout=1
        )
        hosts = [machine.host(f"n{n}") for n in range(8)]
        outcomes = await connect_all(hosts, settings, deadline=1)
    assert all_done(outcomes)


async def test_the_hosts_deadline_ends_a_login(machine: Machine) -> None:
    machine.stall_at = "auth"
    settings = SshSettings(global_known_hosts=(), connect_timeout=30, login_timeout=30)
    outcomes = await connect_all([machine.host("n1")], settings, deadline=0.5)
    outcome = outcomes["n1"]
    assert isinstance(outcome, Failed)
    assert "within 0.5 s during the login" in str(outcome.error)
    await asyncio.sleep(0.05)
    assert not machine.open


@pytest.mark.parametrize("delay", [0, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1])
async def test_cancelling_at_any_moment_leaves_nothing_open(
    user_key: asyncssh.SSHKey, delay: float
) -> None:
    files = open_files()
    async with Machine(user_key).running() as machine:

        async def one(transport: SshTransport, number: int) -> None:
            async with transport.connect(machine.host(f"n{number}")) as session:
                await session.run("hang", timeout=30)

        async with SshTransport(SshSettings(global_known_hosts=(), handshakes=2)) as transport:
            tasks = [asyncio.create_task(one(transport, number)) for number in range(6)]
            await asyncio.sleep(delay)
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
            assert all(task.cancelled() for task in tasks)
        await asyncio.sleep(0.05)
        assert not machine.open
    assert open_files() == files
