"""Jump hosts: one connection for all behind it, and what its failure means for them."""

# ruff: noqa: ASYNC240 # small files of the test itself, read and written at once

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from scanner.errors import HostKeyRejected, HostUnreachable, TimedOut
from scanner.request import HostKeyPolicy, Login
from scanner.transport.fanout import Done
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine, make_key
from tests.transport.plain import PlainServer
from tests.transport.runs import all_done, connect_all, error_of


@pytest.fixture
async def jump(user_key: asyncssh.SSHKey) -> AsyncIterator[Machine]:
    async with Machine(user_key, user="jumper").running() as machine:
        yield machine


def settings(**limits: float) -> SshSettings:
    fields = {"connect_timeout": 3.0, "login_timeout": 3.0} | limits
    return replace(SshSettings(global_known_hosts=()), **fields)  # type: ignore[arg-type] # floats or ints, as their fields


async def test_one_connection_for_twenty_hosts(jump: Machine, machine: Machine) -> None:
    hosts = [machine.host(f"n{number}", jump=jump.login()) for number in range(20)]
    found = await connect_all(hosts)
    assert all_done(found)
    assert jump.connections == 1
    assert jump.forwarded == [("127.0.0.1", machine.port)] * 20
    assert jump.commands == []
    assert machine.connections == 20
    await asyncio.sleep(0.05)
    assert not jump.open
    assert not machine.open


async def test_two_spellings_are_one_jump_host(jump: Machine, machine: Machine, home: Path) -> None:
    (home / ".ssh" / "config").write_text(
        f"Host bastion\n  HostName 127.0.0.1\n  Port {jump.port}\n  User jumper\n"
        "  StrictHostKeyChecking no\n"
    )
    hosts = [machine.host("a", jump=jump.login()), machine.host("b", jump=Login("bastion"))]
    found = await connect_all(hosts)
    assert all_done(found)
    assert jump.connections == 1


async def test_what_makes_a_connection_differ_is_not_shared(
    jump: Machine, machine: Machine, tmp_path: Path
) -> None:
    """Each spelling gets the connection that it asks for, and its own failure."""
    other = tmp_path / "other"
    other.write_bytes(make_key().export_private_key())
    good, strict = jump.login(), jump.login(HostKeyPolicy.STRICT)
    hosts = [
        machine.host("good", jump=good),
        machine.host("other-key", jump=replace(good, identity_file=other)),
        machine.host("other-user", jump=replace(good, user="nobody")),
        machine.host("strict", jump=strict),
        machine.host("same", jump=replace(good)),
    ]
    found = await connect_all(hosts, settings())
    assert isinstance(found["good"], Done)
    assert isinstance(found["same"], Done)
    refused = str(error_of(found["other-key"]))
    assert str(other) in refused
    assert "authorized_keys" in refused
    assert "refuses user nobody" in str(error_of(found["other-user"]))
    assert "is unknown" in str(error_of(found["strict"])), "not what hostKeys: off let in"
    assert machine.connections == 2


async def test_two_jump_hosts(user_key: asyncssh.SSHKey, jump: Machine, machine: Machine) -> None:
    async with Machine(user_key).running() as other:
        hosts = [machine.host(f"a{n}", jump=jump.login()) for n in range(3)]
        hosts += [machine.host(f"b{n}", jump=other.login()) for n in range(3)]
        found = await connect_all(hosts)
        assert all_done(found)
        assert (jump.connections, other.connections) == (1, 1)


async def test_handshakes_behind_one_jump_host_are_limited(
    jump: Machine, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = 0
    most = 0
    real = asyncssh.connect

    async def count(*args: object, **options: object) -> asyncssh.SSHClientConnection:
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            return await real(*args, **options)
        finally:
            running -= 1

    monkeypatch.setattr(asyncssh, "connect", count)
    hosts = [machine.host(f"n{number}", jump=jump.login()) for number in range(20)]
    await connect_all(hosts, settings(handshakes_per_jump=3, handshake_seconds=60))
    assert most == 3


async def test_the_targets_key_is_checked_under_its_own_name(
    jump: Machine, machine: Machine, known_hosts: Path
) -> None:
    strict = HostKeyPolicy.STRICT
    host = machine.host("n", host_keys=strict, jump=jump.login())
    found = await connect_all([host])
    assert isinstance(error_of(found["n"]), HostKeyRejected)
    known_hosts.write_text(machine.known_hosts_line())
    found = await connect_all([host])
    assert isinstance(found["n"], Done)
    found = await connect_all([machine.host("n", host_keys=strict, jump=jump.login(strict))])
    assert f"jump host 127.0.0.1 cannot be used: the host key of {jump.address} is unknown" in str(
        error_of(found["n"])
    )


async def test_a_jump_host_that_is_down(jump: Machine, machine: Machine) -> None:
    down = replace(jump.login(), port=1)
    hosts = [machine.host(f"n{number}", jump=down) for number in range(3)]
    found = await connect_all([*hosts, machine.host("direct")])
    for number in range(3):
        message = str(error_of(found[f"n{number}"]))
        assert message.startswith("jump host 127.0.0.1 cannot be used: 127.0.0.1 port 1 refuses")
    assert isinstance(found["direct"], Done)


async def test_a_silent_jump_host_is_waited_for_once(machine: Machine) -> None:
    async with PlainServer().running() as silent:
        login = Login("127.0.0.1", silent.port)
        hosts = [machine.host(f"n{number}", jump=login) for number in range(10)]
        found = await connect_all(hosts, settings(connect_timeout=0.4, login_timeout=0.4))
        assert silent.connections == 1
    assert all("cannot be used" in str(error_of(outcome)) for outcome in found.values())


async def test_a_target_behind_it_that_is_down(jump: Machine, machine: Machine) -> None:
    host = machine.host("n", jump=jump.login())
    found = await connect_all([replace(host, login=replace(host.login, port=1))])
    message = str(error_of(found["n"]))
    assert "jump host 127.0.0.1 cannot reach 127.0.0.1 port 1" in message


async def test_a_silent_target_behind_it(jump: Machine, machine: Machine) -> None:
    async with PlainServer().running() as silent:
        host = machine.host("n", jump=jump.login())
        host = replace(host, login=replace(host.login, port=silent.port))
        found = await connect_all(
            [host, machine.host("good", jump=jump.login())],
            settings(connect_timeout=0.5, login_timeout=0.5, handshakes=1),
        )
        assert isinstance(error_of(found["n"]), TimedOut)
        assert isinstance(found["good"], Done)


async def test_forwarding_is_prohibited(jump: Machine, machine: Machine) -> None:
    jump.forwarding = False
    found = await connect_all([machine.host("n", jump=jump.login())])
    assert "AllowTcpForwarding" in str(error_of(found["n"]))


async def test_a_jump_host_that_dies(jump: Machine, machine: Machine) -> None:
    async with SshTransport(settings()) as transport:
        async with transport.connect(machine.host("n", jump=jump.login())) as session:
            task = asyncio.create_task(session.run("hang", timeout=30))
            while not machine.commands:  # noqa: ASYNC110 # the machine has no event for it
                await asyncio.sleep(0.01)
            for connection in list(jump.open):
                connection.abort()
            done = await task
            assert done.exit_status is None
            assert done.ended.startswith("the connection to jump host 127.0.0.1 was lost")
        with pytest.raises(HostUnreachable, match=r"jump host .* was lost"):
            async with transport.connect(machine.host("m", jump=jump.login())):
                pass
        assert jump.connections == 1


async def test_a_jump_host_that_dies_in_a_login(jump: Machine, machine: Machine) -> None:
    machine.stall_at = "auth"
    task = asyncio.create_task(connect_all([machine.host("n", jump=jump.login())]))
    while not machine.users:  # noqa: ASYNC110 # the machine has no event for it
        await asyncio.sleep(0.01)
    for connection in list(jump.open):
        connection.abort()
    assert "jump host 127.0.0.1 was lost" in str(error_of((await task)["n"]))


async def test_the_first_host_may_give_up_while_the_jump_host_is_opened(
    jump: Machine, machine: Machine
) -> None:
    jump.stall_at = "auth"
    async with SshTransport(settings()) as transport:

        async def connect(name: str) -> int | None:
            async with transport.connect(machine.host(name, jump=jump.login())) as session:
                return (await session.run("exit 0", timeout=5)).exit_status

        first = asyncio.create_task(connect("first"))
        second = asyncio.create_task(connect("second"))
        while not jump.users:  # noqa: ASYNC110 # the machine has no event for it
            await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.sleep(0.05)
        jump.released.set()
        assert await second == 0
        assert first.cancelled()
        assert jump.connections == 1


async def test_interrupting_while_the_jump_host_is_opened(jump: Machine, machine: Machine) -> None:
    jump.stall_at = "auth"
    task = asyncio.create_task(connect_all([machine.host("n", jump=jump.login())]))
    while not jump.users:  # noqa: ASYNC110 # the machine has no event for it
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.05)
    assert not jump.open


async def test_proxy_jump_for_every_host_spares_the_jump_host(
    jump: Machine, machine: Machine, home: Path
) -> None:
    (home / ".ssh" / "config").write_text(
        f"Host bastion\n  HostName 127.0.0.1\n  Port {jump.port}\n  User jumper\n"
        "Host *\n  ProxyJump bastion\n  StrictHostKeyChecking no\n"
    )
    found = await connect_all([machine.host("n")])
    assert isinstance(found["n"], Done)
    assert jump.connections == 1


async def test_files_are_opened_once_for_the_run(
    jump: Machine, machine: Machine, home: Path, known_hosts: Path, opened_files: list[str]
) -> None:
    strict = HostKeyPolicy.STRICT
    known_hosts.write_text(jump.known_hosts_line() + machine.known_hosts_line())
    (home / ".ssh" / "config").write_text("Include more\n")
    (home / ".ssh" / "more").write_text("HashKnownHosts yes\n")
    opened_files.clear()
    hosts = [machine.host(f"n{n}", host_keys=strict, jump=jump.login(strict)) for n in range(10)]
    found = await connect_all(hosts)
    assert all_done(found)
    mine = [Path(name).name for name in opened_files if name.startswith(str(home))]
    assert {name: mine.count(name) for name in ("config", "more", "known_hosts", "id_ed25519")} == {
        "config": 1,
        "more": 1,
        "known_hosts": 1,
        "id_ed25519": 1,
    }
