"""Keys of a real ssh-agent, one connection to it for the run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket as socketlib
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncssh
import pytest

from scanner.transport import keys
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine, make_key
from tests.transport.user_keys import lock, log_in, refusal, write_key


@pytest.fixture
def other_key(home: Path) -> Path:
    return write_key(home / "other", make_key())


class Agent:
    def __init__(self, socket: Path):
        self.socket = socket

    def add(self, path: Path) -> None:
        subprocess.run(
            ["ssh-add", "-q", path],
            env={**os.environ, "SSH_AUTH_SOCK": str(self.socket)},
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
        )


@pytest.fixture
def agent(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Agent]:
    """A real ssh-agent, which ends with the test."""
    program = shutil.which("ssh-agent")
    if program is None or shutil.which("ssh-add") is None:
        pytest.skip("ssh-agent is missing: install openssh-client")
    socket = home / "a"
    with subprocess.Popen(
        [program, "-D", "-a", socket], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while not socket.exists():
            assert process.poll() is None
        monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
        yield Agent(socket)
        process.terminate()


async def test_the_agents_key(machine: Machine, home: Path, agent: Agent) -> None:
    default = home / ".ssh" / "id_ed25519"
    agent.add(default)
    default.unlink()
    await log_in(machine.host())
    await log_in(machine.host(), SshSettings(agent=str(agent.socket)))
    assert "no key to offer" in await refusal(machine.host(), SshSettings(agent=None))


async def test_the_agent_has_the_locked_key(home: Path, agent: Agent) -> None:
    key = make_key()
    path = write_key(home / "locked", key)
    agent.add(path)
    lock(path)
    async with Machine(key).running() as machine:
        await log_in(machine.host(identity=path))


async def test_identities_only_leaves_the_agents_other_keys(
    machine: Machine, home: Path, agent: Agent, other_key: Path
) -> None:
    default = home / ".ssh" / "id_ed25519"
    agent.add(default)
    await log_in(machine.host(identity=other_key))
    (home / ".ssh" / "config").write_text("IdentitiesOnly yes\n")
    message = await refusal(machine.host(identity=other_key))
    assert message.count("tried") == 1
    assert f"tried {other_key}:" in message


async def test_a_public_key_chooses_the_agents_key(
    machine: Machine, home: Path, agent: Agent, user_key: asyncssh.SSHKey
) -> None:
    default = home / ".ssh" / "id_ed25519"
    agent.add(default)
    default.unlink()
    public = home / "chosen.pub"
    public.write_bytes(user_key.export_public_key())
    (home / ".ssh" / "config").write_text("IdentitiesOnly yes\nIdentityFile ~/chosen.pub\n")
    await log_in(machine.host())


async def test_identity_agent(machine: Machine, home: Path, agent: Agent) -> None:
    default = home / ".ssh" / "id_ed25519"
    agent.add(default)
    default.unlink()
    config = home / ".ssh" / "config"
    config.write_text("IdentityAgent none\n")
    assert "no key to offer" in await refusal(machine.host())
    config.write_text(f"IdentityAgent {agent.socket}\n")
    await log_in(machine.host(), SshSettings(agent=None))


async def test_an_agent_that_is_gone_is_named(machine: Machine, home: Path) -> None:
    (home / ".ssh" / "id_ed25519").unlink()
    settings = SshSettings(agent=str(home / "gone"))
    assert "the agent (" in await refusal(machine.host(), settings)


async def test_the_agent_is_asked_once_and_shared(
    machine: Machine, home: Path, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    default = home / ".ssh" / "id_ed25519"
    agent.add(default)
    default.unlink()
    opened = 0
    real = asyncssh.SSHAgentClient.connect

    async def connect(self: asyncssh.SSHAgentClient) -> None:
        nonlocal opened
        opened += 1
        await real(self)

    monkeypatch.setattr(asyncssh.SSHAgentClient, "connect", connect)
    async with SshTransport(SshSettings(global_known_hosts=())) as transport:
        for number in range(5):
            async with transport.connect(machine.host(f"n{number}")) as session:
                await session.run("exit 0", timeout=5)
    assert opened == 1


@asynccontextmanager
async def slow_agent(agent: Agent, socket: Path, seconds: float) -> AsyncIterator[None]:
    """An agent that thinks before each answer but the first, which is its list of keys."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        real_reader, real_writer = await asyncio.open_unix_connection(str(agent.socket))
        writers.extend((writer, real_writer))
        wait = 0.0
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                for source, target in ((reader, real_writer), (real_reader, writer)):
                    size = await source.readexactly(4)
                    data = await source.readexactly(int.from_bytes(size, "big"))
                    if target is writer:
                        await asyncio.sleep(wait)
                        wait = seconds
                    target.write(size + data)

    server = await asyncio.start_unix_server(serve, str(socket))
    try:
        yield
    finally:
        server.close()
        for writer in writers:
            writer.close()
            await writer.wait_closed()
        await server.wait_closed()
        await asyncio.sleep(0.05)


async def test_a_cancelled_login_does_not_confuse_the_shared_agent(
    machine: Machine, home: Path, agent: Agent
) -> None:
    default = home / ".ssh" / "id_ed25519"
    agent.add(default)
    default.unlink()
    slow = home / "slow"
    async with slow_agent(agent, slow, 0.3):
        settings = SshSettings(global_known_hosts=(), agent=str(slow))
        async with SshTransport(settings) as transport:

            async def connect(name: str) -> int | None:
                async with transport.connect(machine.host(name)) as session:
                    return (await session.run("exit 0", timeout=5)).exit_status

            first = asyncio.create_task(connect("first"))
            while len(machine.users) < 1:  # noqa: ASYNC110 # the machine has no event for it
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            first.cancel()
            assert await connect("second") == 0
            assert first.cancelled()


async def test_an_agent_that_hangs_is_named(
    machine: Machine, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "AGENT_TIMEOUT", 0.2)
    (home / ".ssh" / "id_ed25519").unlink()
    with socketlib.socket(socketlib.AF_UNIX) as listener:
        listener.bind(str(home / "hung"))
        listener.listen()
        settings = SshSettings(agent=str(home / "hung"))
        message = await refusal(machine.host(), settings)
    assert "the agent (no answer within 0.2 s)" in message
