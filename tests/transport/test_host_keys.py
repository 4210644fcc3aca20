# ruff: noqa: ASYNC240 # small files of the test itself, read and written at once
"""Whom a connection trusts."""

from __future__ import annotations

import asyncio
import base64
import secrets
import stat
from pathlib import Path

import asyncssh
import pytest

from scanner.errors import HostKeyRejected, HostUnreachable
from scanner.request import HostKeyPolicy, HostKeys
from scanner.transport import known_hosts as known_hosts_module
from scanner.transport.known_hosts import fingerprint
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine, make_key, public_line

STRICT = HostKeyPolicy.STRICT
ACCEPT_NEW = HostKeyPolicy.ACCEPT_NEW


def settings() -> SshSettings:
    return SshSettings(global_known_hosts=(), connect_timeout=5.0, login_timeout=5.0)


async def log_in(machine: Machine, host_keys: HostKeys | None = None) -> None:
    """One run of its own."""
    async with SshTransport(settings()) as transport:
        await log_in_with(transport, machine, host_keys)


async def log_in_with(
    transport: SshTransport, machine: Machine, host_keys: HostKeys | None = None
) -> None:
    async with transport.connect(machine.host(host_keys=host_keys)) as session:
        assert (await session.run("exit 0", timeout=5)).exit_status == 0


def fingerprint_of(key: object) -> str:
    assert isinstance(key, asyncssh.SSHKey)
    return fingerprint(key.public_data)


async def test_unknown(machine: Machine, known_hosts: Path) -> None:
    with pytest.raises(HostKeyRejected) as raised:
        await log_in(machine)
    message = str(raised.value)
    assert fingerprint_of(machine.host_keys[0]) in message
    assert "is unknown" in message
    assert "ssh-keygen -lf" in message
    assert machine.users == []  # the server has not even heard the user's name
    assert not known_hosts.exists()


async def test_known(machine: Machine, known_hosts: Path) -> None:
    known_hosts.write_text(machine.known_hosts_line())
    await log_in(machine)


async def test_known_by_the_name_without_port(machine: Machine, known_hosts: Path) -> None:
    known_hosts.write_text(machine.known_hosts_line().replace(machine.address, "127.0.0.1"))
    await log_in(machine)


@pytest.mark.parametrize("policy", [STRICT, ACCEPT_NEW])
async def test_changed(machine: Machine, known_hosts: Path, policy: HostKeys) -> None:
    known_hosts.write_text(f"# mine\n{machine.address} {public_line(make_key())}\n")
    with pytest.raises(HostKeyRejected, match="CHANGED") as raised:
        await log_in(machine, policy)
    assert f"{known_hosts}:2" in str(raised.value)
    assert machine.users == []
    assert len(known_hosts.read_text().splitlines()) == 2


async def test_off_takes_every_key(machine: Machine, known_hosts: Path) -> None:
    known_hosts.write_text(f"{machine.address} {public_line(make_key())}\n")
    await log_in(machine, HostKeyPolicy.OFF)
    assert len(known_hosts.read_text().splitlines()) == 1


async def test_revoked(machine: Machine, known_hosts: Path) -> None:
    line = machine.known_hosts_line()
    known_hosts.write_text(line + "@revoked " + line)
    with pytest.raises(HostKeyRejected, match=f"revoked by {known_hosts}:2"):
        await log_in(machine)
    assert machine.users == []


async def test_pinned(machine: Machine, known_hosts: Path) -> None:
    await log_in(machine, (fingerprint_of(machine.host_keys[0]),))
    assert not known_hosts.exists()


async def test_not_the_pinned_key(machine: Machine, known_hosts: Path) -> None:
    known_hosts.write_text(machine.known_hosts_line())
    with pytest.raises(HostKeyRejected, match="none of which is pinned") as raised:
        await log_in(machine, (fingerprint_of(make_key()),))
    assert fingerprint_of(machine.host_keys[0]) in str(raised.value)
    assert machine.users == []


async def test_a_pin_of_any_type_is_found(user_key: asyncssh.SSHKey) -> None:
    keys = (make_key("ssh-ed25519"), make_key("ecdsa-sha2-nistp256"), make_key("ssh-rsa"))
    async with Machine(user_key, host_keys=keys).running() as machine:
        for key in keys:
            await log_in(machine, (fingerprint_of(key),))
        with pytest.raises(HostKeyRejected, match="none of which") as raised:
            await log_in(machine, (fingerprint_of(make_key()),))
        assert all(fingerprint_of(key) in str(raised.value) for key in keys)


async def test_accept_new(machine: Machine, known_hosts: Path) -> None:
    await log_in(machine, ACCEPT_NEW)
    assert known_hosts.read_text() == machine.known_hosts_line()
    assert stat.S_IMODE(known_hosts.stat().st_mode) == 0o600
    assert machine.connections == 1
    await log_in(machine)
    assert len(known_hosts.read_text().splitlines()) == 1


async def test_accept_new_hashed(machine: Machine, known_hosts: Path, home: Path) -> None:
    (home / ".ssh" / "config").write_text("HashKnownHosts yes\n")
    await log_in(machine, ACCEPT_NEW)
    assert known_hosts.read_text().startswith("|1|")
    await log_in(machine)


async def test_accept_new_by_many_at_once_writes_each_once(
    transport: SshTransport, user_key: asyncssh.SSHKey, known_hosts: Path
) -> None:
    machines = [Machine(user_key, host_keys=(make_key(),)) for _ in range(5)]
    async with asyncio.TaskGroup() as group:
        stop = asyncio.Event()

        async def run(machine: Machine, ready: asyncio.Event) -> None:
            async with machine.running():
                ready.set()
                await stop.wait()

        for machine in machines:
            ready = asyncio.Event()
            group.create_task(run(machine, ready))
            await ready.wait()
        await asyncio.gather(
            *(log_in_with(transport, m, ACCEPT_NEW) for m in machines for _ in range(4))
        )
        stop.set()
    lines = known_hosts.read_text().splitlines(keepends=True)
    assert sorted(lines) == sorted(machine.known_hosts_line() for machine in machines)


async def test_accept_new_goes_on_when_the_file_cannot_be_written(
    machine: Machine, known_hosts: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known_hosts.symlink_to("/proc/nowhere/known_hosts")
    await log_in(machine, ACCEPT_NEW)
    assert "is not saved" in caplog.text


async def test_a_file_that_cannot_be_read(machine: Machine, known_hosts: Path) -> None:
    known_hosts.mkdir()
    with pytest.raises(HostUnreachable, match="known_hosts cannot be read: Is a directory"):
        await log_in(machine)
    assert machine.connections == 0


async def test_a_key_of_another_type_is_known(user_key: asyncssh.SSHKey, known_hosts: Path) -> None:
    keys = (make_key("ssh-ed25519"), make_key("ssh-rsa"))
    async with Machine(user_key, host_keys=keys).running() as machine:
        known_hosts.write_text(machine.known_hosts_line(1))
        await log_in(machine)
        assert machine.connections == 2
        assert machine.users == ["ops"]


@pytest.mark.parametrize("policy", [STRICT, ACCEPT_NEW])
async def test_a_host_that_has_lost_its_known_type_has_changed(
    machine: Machine, known_hosts: Path, policy: HostKeys
) -> None:
    known_hosts.write_text(f"{machine.address} {public_line(make_key('ssh-rsa'))}\n")
    with pytest.raises(HostKeyRejected, match="CHANGED"):
        await log_in(machine, policy)
    assert machine.users == []


async def test_a_hashed_entry_that_was_recognised_is_not_hashed_again(
    machine: Machine, known_hosts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashes = 0
    real = known_hosts_module._hmac

    def count(salt: bytes, name: str) -> bytes:
        nonlocal hashes
        hashes += 1
        return real(salt, name)

    key = public_line(make_key()).split()[1]
    other = bytearray(base64.b64decode(key))

    def entry(name: str, public: str) -> str:
        salt = secrets.token_bytes(20)
        hashed = base64.b64encode(real(salt, name)).decode()
        return f"|1|{base64.b64encode(salt).decode()}|{hashed} {public}\n"

    lines = []
    for number in range(5000):
        other[-8:] = number.to_bytes(8, "big")
        lines.append(entry(f"10.0.{number}", f"ssh-ed25519 {base64.b64encode(other).decode()}"))
    host_key = machine.host_keys[0]
    assert isinstance(host_key, asyncssh.SSHKey)
    lines.insert(2500, entry(machine.address, public_line(host_key)))
    known_hosts.write_text("".join(lines))
    monkeypatch.setattr(known_hosts_module, "_hmac", count)
    async with SshTransport(settings()) as transport:
        for _ in range(10):
            await log_in_with(transport, machine)
        assert hashes == 1
        hashes = 0
        # what is unknown has to be compared with all
        async with Machine(machine.key).running() as stranger:
            with pytest.raises(HostKeyRejected, match="is unknown"):
                await log_in_with(transport, stranger)
        assert hashes == 5000  # all but the one that was recognised


async def test_a_stolen_public_key_is_no_proof(
    machine: Machine, known_hosts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that shows a known key, but cannot sign with it."""
    known_hosts.write_text(machine.known_hosts_line())
    key = machine.host_keys[0]
    assert isinstance(key, asyncssh.SSHKey)
    monkeypatch.setattr(type(key), "verify", lambda *_: False)
    with pytest.raises(HostUnreachable, match="key exchange"):
        await log_in(machine)
    assert machine.users == []


async def test_config_may_choose_the_policy_and_the_file(
    machine: Machine, home: Path, known_hosts: Path
) -> None:
    config = home / ".ssh" / "config"
    config.write_text("StrictHostKeyChecking accept-new\nUserKnownHostsFile ~/elsewhere\n")
    await log_in(machine)
    assert (home / "elsewhere").read_text() == machine.known_hosts_line()
    assert not known_hosts.exists()
    config.write_text("StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n")
    await log_in(machine)
    config.write_text("StrictHostKeyChecking yes\nUserKnownHostsFile none\n")
    with pytest.raises(HostKeyRejected, match="is unknown"):
        await log_in(machine)


async def test_alias(machine: Machine, home: Path, known_hosts: Path) -> None:
    (home / ".ssh" / "config").write_text("HostKeyAlias the-node\n")
    await log_in(machine, ACCEPT_NEW)
    assert known_hosts.read_text().startswith("the-node ssh-ed25519 ")
    await log_in(machine)


async def test_global_file(machine: Machine, home: Path) -> None:
    (home / "global").write_text(machine.known_hosts_line())
    only = SshSettings(global_known_hosts=(home / "global",))
    async with SshTransport(only) as transport:
        await log_in_with(transport, machine)
