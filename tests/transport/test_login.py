"""Which keys are offered, and what a refusal tells."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from scanner.errors import LoginRefused
from scanner.request import Host
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine, make_key


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


@pytest.fixture
def other_key(home: Path) -> Path:
    return write_key(home / "other", make_key())


async def test_the_default_key(machine: Machine) -> None:
    await log_in(machine.host())


async def test_the_inventorys_key(machine: Machine, home: Path) -> None:
    default = home / ".ssh" / "id_ed25519"
    named = default.rename(home / "named")
    write_key(default, make_key())
    await log_in(machine.host(identity=named))
    message = await refusal(machine.host(identity=default))
    assert f"tried {default}: is it in ~ops/.ssh/authorized_keys there?" in message


async def test_the_configurations_key(machine: Machine, home: Path) -> None:
    default = home / ".ssh" / "id_ed25519"
    default.rename(home / "named")
    (home / ".ssh" / "config").write_text("Host 127.0.0.*\n  IdentityFile ~/named\n")
    await log_in(machine.host())


async def test_an_rsa_key_and_a_key_in_pem(home: Path) -> None:
    for kind in ("ssh-rsa", "ecdsa-sha2-nistp256"):
        key = make_key(kind)
        path = home / kind
        path.write_bytes(key.export_private_key("pkcs1-pem"))
        async with Machine(key).running() as machine:
            await log_in(machine.host(identity=path))


async def test_a_user_certificate_beside_the_key(home: Path) -> None:
    authority, key = make_key(), make_key()
    path = write_key(home / "named", key)
    certificate = authority.generate_user_certificate(key, "me", principals=["ops"])
    beside = home / "named-cert.pub"
    beside.write_bytes(certificate.export_certificate())
    async with Machine(make_key(), authority=authority).running() as machine:
        await log_in(machine.host(identity=path))
        beside.rename(home / "elsewhere")
        await refusal(machine.host(identity=path))
        (home / ".ssh" / "config").write_text("CertificateFile ~/elsewhere\n")
        await log_in(machine.host(identity=path))


async def test_a_locked_key_is_named(machine: Machine, home: Path) -> None:
    locked = write_key(home / "locked", make_key())
    lock(locked)
    message = await refusal(machine.host(identity=locked))
    assert f"not tried: {locked} (it has a passphrase: add it with ssh-add)" in message
    assert "no key to offer" in message


async def test_a_missing_key_is_named_if_it_was_asked_for(machine: Machine, home: Path) -> None:
    message = await refusal(machine.host(identity=home / "nowhere"))
    assert f"{home}/nowhere (no such file)" in message
    (home / ".ssh" / "id_ed25519").unlink()
    message = await refusal(machine.host())
    assert "no such file" not in message
    assert "ssh-add" in message


async def test_a_file_that_is_no_key(machine: Machine, home: Path) -> None:
    (home / "odd").write_text("nothing\n")
    assert "not a private key" in await refusal(machine.host(identity=home / "odd"))


async def test_wrong_user(machine: Machine) -> None:
    host = machine.host()
    message = await refusal(replace(host, login=replace(host.login, user="root")))
    assert "refuses user root" in message


async def test_a_server_without_public_keys(machine: Machine) -> None:
    machine.public_keys = False
    assert "it takes no public keys" in await refusal(machine.host())


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


async def test_one_rsa_key_for_servers_of_different_age(home: Path) -> None:
    """Each connection has its own signature algorithm, though the key is shared."""
    key = make_key("ssh-rsa")
    path = write_key(home / "rsa", key)
    settings = SshSettings(global_known_hosts=())
    async with (
        Machine(key, signatures=("ssh-rsa",)).running() as old,
        Machine(key, signatures=("rsa-sha2-512",)).running() as new,
        SshTransport(settings) as transport,
        transport.connect(old.host(identity=path)) as first,
        transport.connect(new.host(identity=path)) as second,
    ):
        assert (await first.run("exit 0", timeout=5)).exit_status == 0
        assert (await second.run("exit 0", timeout=5)).exit_status == 0
