"""The same over a real OpenSSH sshd on loopback; its own log is the witness."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from scanner.errors import HostKeyRejected, HostUnreachable, LoginRefused
from scanner.request import Host, HostKeyPolicy
from scanner.transport.fanout import Done
from scanner.transport.settings import SshSettings, UnknownKey
from scanner.transport.ssh import SshTransport
from tests.transport.machine import make_key
from tests.transport.openssh import SSHD, Sshd, sshd
from tests.transport.runs import all_done, connect_all, error_of

pytestmark = [
    pytest.mark.skipif(not SSHD.exists(), reason=f"{SSHD} is missing: install openssh-server"),
    pytest.mark.skipif(os.geteuid() != 0, reason="sshd needs root to let a user in"),
]


def patient() -> SshSettings:
    """For 200 hosts that are one slow machine, this one."""
    return SshSettings(global_known_hosts=(), connect_timeout=60, login_timeout=60)


def output_of(command: Sequence[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def server(tmp_path: Path, user_key: asyncssh.SSHKey) -> Iterator[Sshd]:
    with sshd(tmp_path / "server", user_key) as running:
        yield running


async def test_one_connection_and_one_command_for_each_host(server: Sshd) -> None:
    found = await connect_all(
        [Host(f"n{number}", server.login()) for number in range(20)], command="exit 3"
    )
    assert [o.value for o in found.values() if isinstance(o, Done)] == [3] * 20
    await asyncio.sleep(0.2)
    assert server.count("Connection from") == 20
    assert server.count("Accepted publickey") == 20
    assert server.count("Starting session: command") == 20
    assert server.count("Starting session") == 20
    assert server.count("Failed publickey") == 0
    assert server.count("11: disconnected by") + server.count("11: Disconnected by") == 20


async def test_one_connection_to_the_jump_host(
    server: Sshd, tmp_path: Path, user_key: asyncssh.SSHKey
) -> None:
    with sshd(tmp_path / "bastion", user_key) as bastion:
        jump = bastion.login()
        found = await connect_all(
            [Host(f"n{number}", server.login(jump=jump)) for number in range(20)]
        )
        assert all_done(found)
        await asyncio.sleep(0.2)
        assert bastion.count("Connection from") == 1
        assert bastion.count("Accepted publickey") == 1
        assert bastion.count("Starting session") == 0
        assert server.count("Connection from") == 20


async def test_a_jump_host_that_forbids_forwarding(
    server: Sshd, tmp_path: Path, user_key: asyncssh.SSHKey
) -> None:
    with sshd(tmp_path / "bastion", user_key, "AllowTcpForwarding no") as bastion:
        found = await connect_all([Host("n", server.login(jump=bastion.login()))])
    assert "AllowTcpForwarding" in str(error_of(found["n"]))


async def test_host_keys(server: Sshd, known_hosts: Path) -> None:
    host = Host("n", server.login(HostKeyPolicy.STRICT))
    assert isinstance(error_of((await connect_all([host]))["n"]), HostKeyRejected)
    found = await connect_all([Host("n", server.login(HostKeyPolicy.ACCEPT_NEW))])
    assert isinstance(found["n"], Done)
    listed = output_of(["ssh-keygen", "-F", server.name, "-f", str(known_hosts)])
    assert server.host_key.split()[1] in listed
    assert isinstance((await connect_all([host]))["n"], Done)


async def test_what_kscan_accepts_ssh_accepts_too(server: Sshd, known_hosts: Path) -> None:
    if shutil.which("ssh") is None:
        pytest.skip("ssh is missing: install openssh-client")
    await connect_all([Host("n", server.login(HostKeyPolicy.ACCEPT_NEW))])
    identity = known_hosts.parent / "id_ed25519"
    options = ["-F", "none", "-i", str(identity), "-p", str(server.port)]
    options += ["-o", f"UserKnownHostsFile={known_hosts}", "-o", "StrictHostKeyChecking=yes"]
    assert output_of(["ssh", *options, "root@127.0.0.1", "echo in"]) == "in\n"


async def test_the_user_reads_longer_than_sshd_waits(
    tmp_path: Path, user_key: asyncssh.SSHKey
) -> None:
    async def ask(keys: Sequence[UnknownKey]) -> frozenset[UnknownKey]:
        await asyncio.sleep(2.5)
        return frozenset(keys)

    settings = SshSettings(global_known_hosts=(), ask=ask)
    with sshd(tmp_path / "server", user_key, "LoginGraceTime 1") as server:
        host = Host("n", server.login(HostKeyPolicy.STRICT))
        found = await connect_all([host], settings=settings)
        assert isinstance(found["n"], Done)
        assert server.count("Connection from") == 2


async def test_login_refused(server: Sshd, home: Path) -> None:
    (home / ".ssh" / "id_ed25519").write_bytes(make_key().export_private_key())
    found = await connect_all([Host("n", server.login())])
    assert isinstance(error_of(found["n"]), LoginRefused)
    assert "id_ed25519" in str(error_of(found["n"]))


async def test_too_many_keys(tmp_path: Path, user_key: asyncssh.SSHKey, home: Path) -> None:
    names = [home / f"key{number}" for number in range(4)]
    for name in names:
        name.write_bytes(make_key().export_private_key())
    settings = SshSettings(global_known_hosts=(), identity_files=tuple(names))
    with sshd(tmp_path / "server", user_key, "MaxAuthTries 2") as server:
        found = await connect_all([Host("n", server.login())], settings=settings)
    assert isinstance(error_of(found["n"]), LoginRefused)
    assert "too many keys were tried" in str(error_of(found["n"]))


async def test_no_public_keys(tmp_path: Path, user_key: asyncssh.SSHKey) -> None:
    with sshd(tmp_path / "server", user_key, "PubkeyAuthentication no") as server:
        found = await connect_all([Host("n", server.login())])
    assert isinstance(error_of(found["n"]), LoginRefused)
    assert "takes no public keys" in str(error_of(found["n"]))


async def test_no_sessions(tmp_path: Path, user_key: asyncssh.SSHKey) -> None:
    with sshd(tmp_path / "server", user_key, "MaxSessions 0") as server:
        found = await connect_all([Host("n", server.login())])
    assert isinstance(error_of(found["n"]), HostUnreachable)
    assert "runs no command" in str(error_of(found["n"]))


async def test_a_hung_child_that_holds_the_output(server: Sshd) -> None:
    async with (
        SshTransport(SshSettings(global_known_hosts=())) as transport,
        transport.connect(Host("n", server.login())) as session,
    ):
        start = time.monotonic()
        done = await session.run(
            "sh -s", stdin=b"sleep 4 & echo one; echo end; exit 5", timeout=20, last_line=b"end"
        )
        assert time.monotonic() - start < 2
        assert (done.stdout, done.exit_status, done.ended) == (b"one\nend\n", 5, "")


async def test_ten_megabytes_are_cut(server: Sshd) -> None:
    async with (
        SshTransport(SshSettings(global_known_hosts=())) as transport,
        transport.connect(Host("n", server.login())) as session,
    ):
        done = await session.run("head -c 10000000 /dev/zero", timeout=20)
        assert (len(done.stdout), done.exit_status) == (1 << 20, None)
        again = await session.run("cat", stdin=b"x" * 300_000, timeout=20)
        assert (len(again.stdout), again.exit_status) == (300_000, 0)


async def test_more_hosts_than_slots_through_a_jump_host(
    server: Sshd, tmp_path: Path, user_key: asyncssh.SSHKey
) -> None:
    """sshd's own limits for logins are never touched, with its defaults on the bastion."""
    settings = replace(SshSettings(global_known_hosts=()), handshakes=16)
    with sshd(tmp_path / "bastion", user_key, "MaxSessions 1") as bastion:
        jump = bastion.login()
        hosts = [Host(f"n{number}", server.login(jump=jump)) for number in range(30)]
        found = await connect_all(hosts, settings=settings)
        assert all_done(found)
        assert bastion.count("Connection from") == 1


@pytest.mark.e2e
@pytest.mark.parametrize(("startups", "number"), [("10:30:100", 200), ("2:100:2", 50)])
async def test_many_hosts_behind_a_jump_host_with_few_startups(
    server: Sshd, tmp_path: Path, user_key: asyncssh.SSHKey, startups: str, number: int
) -> None:
    with sshd(tmp_path / "bastion", user_key, startups=startups) as bastion:
        jump = bastion.login()
        hosts = [Host(f"n{n}", server.login(jump=jump)) for n in range(number)]
        found = await connect_all(hosts, patient(), deadline=120)
        assert all_done(found)
        assert bastion.count("Connection from") == 1
        assert bastion.count("MaxStartups") == 0


@pytest.mark.e2e
@pytest.mark.parametrize(("startups", "number"), [("10:30:100", 100), ("2:100:2", 30)])
async def test_sshd_that_turns_connections_away_is_asked_again(
    tmp_path: Path, user_key: asyncssh.SSHKey, startups: str, number: int
) -> None:
    """All hosts are one sshd, so that it has far more logins at once than it takes."""
    with sshd(tmp_path / "server", user_key, startups=startups) as server:
        hosts = [Host(f"n{n}", server.login()) for n in range(number)]
        found = await connect_all(hosts, patient(), deadline=120)
        dropped = server.count("drop connection")
    assert all_done(found)
    assert dropped > 0
    assert sum(sum(outcome.retried.values()) for outcome in found.values()) >= dropped


@pytest.mark.e2e
async def test_a_jump_host_that_others_keep_busy(
    server: Sshd, tmp_path: Path, user_key: asyncssh.SSHKey
) -> None:
    """Its only place is held by a connection that does not log in, for a while."""
    with sshd(tmp_path / "bastion", user_key, startups="1:100:1") as bastion:
        _, held = await asyncio.open_connection("127.0.0.1", bastion.port)
        asyncio.get_running_loop().call_later(1.5, held.close)
        hosts = [Host(f"n{number}", server.login(jump=bastion.login())) for number in range(20)]
        found = await connect_all(hosts, deadline=30)
        assert all_done(found)
        assert bastion.count("drop connection") > 0


@pytest.mark.e2e
async def test_a_jump_host_without_descriptors(
    server: Sshd, tmp_path: Path, user_key: asyncssh.SSHKey
) -> None:
    """Each channel costs its sshd one; those of hosts that are done come free."""
    with sshd(tmp_path / "bastion", user_key, descriptors=24) as bastion:
        jump = bastion.login()
        hosts = [Host(f"n{number}", server.login(jump=jump)) for number in range(24)]
        found = await connect_all(hosts, command="sleep 0.5", deadline=60)
        log = bastion.log()
    assert "Too many open files" in log
    assert all_done(found)
    assert sum(sum(outcome.retried.values()) for outcome in found.values()) > 0
