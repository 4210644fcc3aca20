"""Host certificates: sshd(8), @cert-authority."""

# ruff: noqa: ASYNC240 # small files of the test itself, read and written at once

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import asyncssh
import pytest

from scanner.errors import HostKeyRejected
from scanner.request import HostKeyPolicy
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine, make_key, public_line


async def log_in(machine: Machine) -> None:
    """One run of its own."""
    host = machine.host(host_keys=HostKeyPolicy.STRICT)
    settings = SshSettings(global_known_hosts=())
    async with SshTransport(settings) as transport, transport.connect(host) as session:
        assert (await session.run("exit 0", timeout=5)).exit_status == 0


def certificate(
    key: asyncssh.SSHKey, authority: asyncssh.SSHKey, principals: Sequence[str], until: str = "+1h"
) -> tuple[asyncssh.SSHKey, asyncssh.SSHCertificate]:
    return key, authority.generate_host_certificate(
        key, "host", principals=principals, valid_before=until
    )


async def test_a_certificate_of_a_known_authority(
    user_key: asyncssh.SSHKey, known_hosts: Path
) -> None:
    authority = make_key()
    pair = certificate(make_key(), authority, ["127.0.0.1"])
    async with Machine(user_key, host_keys=(pair,)).running() as machine:
        known_hosts.write_text(f"@cert-authority [127.0.0.*]:* {public_line(authority)}\n")
        await log_in(machine)
        assert machine.connections == 1
        known_hosts.write_text(f"@cert-authority 192.0.2.* {public_line(authority)}\n")
        with pytest.raises(HostKeyRejected, match="is unknown"):
            await log_in(machine)


async def test_a_certificate_that_does_not_hold(
    user_key: asyncssh.SSHKey, known_hosts: Path
) -> None:
    authority = make_key()
    known_hosts.write_text(f"@cert-authority * {public_line(authority)}\n")
    for pair in (
        certificate(make_key(), authority, ["other.example.com"]),
        certificate(make_key(), authority, ["127.0.0.1"], "20200101"),
    ):
        async with Machine(user_key, host_keys=(pair,)).running() as machine:
            with pytest.raises(HostKeyRejected, match="not valid"):
                await log_in(machine)
            assert machine.users == []


async def test_a_certificate_of_another_authority_leaves_the_plain_key(
    user_key: asyncssh.SSHKey, known_hosts: Path
) -> None:
    key = make_key()
    pair = certificate(key, make_key(), ["127.0.0.1"])
    async with Machine(user_key, host_keys=(pair,)).running() as machine:
        known_hosts.write_text(f"@cert-authority * {public_line(make_key())}\n")
        with pytest.raises(HostKeyRejected, match="is unknown"):
            await log_in(machine)
        with known_hosts.open("a") as file:
            file.write(f"{machine.address} {public_line(key)}\n")
        await log_in(machine)


async def test_a_revoked_key_inside_a_certificate(
    user_key: asyncssh.SSHKey, known_hosts: Path
) -> None:
    authority, key = make_key(), make_key()
    pair = certificate(key, authority, ["127.0.0.1"])
    async with Machine(user_key, host_keys=(pair,)).running() as machine:
        for revoked in (key, authority):
            known_hosts.write_text(
                f"@cert-authority * {public_line(authority)}\n@revoked * {public_line(revoked)}\n"
            )
            with pytest.raises(HostKeyRejected, match="revoked"):
                await log_in(machine)
        assert machine.users == []
