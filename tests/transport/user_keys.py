"""The user's key files, and logins with them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import asyncssh
import pytest

from scanner.errors import LoginRefused
from scanner.request import Host
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport


def write_key(path: Path, key: asyncssh.SSHKey) -> Path:
    path.write_bytes(key.export_private_key())
    path.chmod(0o600)
    return path


def lock(path: Path) -> None:
    """Give a key a passphrase; asyncssh could do it only with bcrypt."""
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is missing: install openssh-client")
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-N", "a secret", "-f", path], check=True, capture_output=True
    )


async def log_in(host: Host, settings: SshSettings | None = None) -> None:
    settings = settings or SshSettings(global_known_hosts=())
    async with SshTransport(settings) as transport, transport.connect(host) as session:
        assert (await session.run("exit 0", timeout=5)).exit_status == 0


async def refusal(host: Host, settings: SshSettings | None = None) -> str:
    with pytest.raises(LoginRefused) as raised:
        await log_in(host, settings)
    return str(raised.value)
