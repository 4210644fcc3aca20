from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine, make_key


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, so that no test sees the real ~/.ssh or agent."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USER", "me")
    monkeypatch.setenv("LOGNAME", "me")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return home


@pytest.fixture(autouse=True)
async def nothing_left(caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """No task may outlive a test, and asyncio may have nothing to complain about."""
    before = asyncio.all_tasks()
    with caplog.at_level(logging.WARNING, logger="asyncio"):
        yield
        mine = {asyncio.current_task()}
        for _ in range(20):
            if not asyncio.all_tasks() - before - mine:
                break
            await asyncio.sleep(0.05)
        gc.collect()
        await asyncio.sleep(0)
    assert asyncio.all_tasks() - before - mine == set()
    assert [record for record in caplog.records if record.name == "asyncio"] == []


_opened: list[str] = []


def _note_open(event: str, args: tuple[object, ...]) -> None:
    if event == "open":
        _opened.append(str(args[0]))


@pytest.fixture
def opened_files() -> list[str]:
    """Every file that Python opens from now on; an audit hook stays for the process."""
    if not _opened:
        sys.addaudithook(_note_open)
    _opened.clear()
    return _opened


@pytest.fixture
def user_key(home: Path) -> asyncssh.SSHKey:
    """The user's default identity."""
    key = make_key()
    path = home / ".ssh" / "id_ed25519"
    path.write_bytes(key.export_private_key())
    path.chmod(0o600)
    return key


@pytest.fixture
async def machine(user_key: asyncssh.SSHKey) -> AsyncIterator[Machine]:
    async with Machine(user_key).running() as running:
        yield running


@pytest.fixture
def known_hosts(home: Path) -> Path:
    return home / ".ssh" / "known_hosts"


@pytest.fixture
async def transport() -> AsyncIterator[SshTransport]:
    async with SshTransport(settings()) as transport:
        yield transport


def settings() -> SshSettings:
    """The defaults below the test's home, without the machine's own files."""
    return SshSettings(global_known_hosts=(), connect_timeout=5.0, login_timeout=5.0)
