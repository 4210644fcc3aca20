"""Passwords and certificates for a real sshd with PAM, whose log is the witness."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.errors import LoginRefused
from scanner.request import Host, Login
from scanner.secrets.secret import Kind, Secret, Source
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.privilege.machine import PASSWORD, Machine, machine, missing
from tests.transport.machine import make_key

pytestmark = pytest.mark.e2e

ONLY_PASSWORD = "PasswordAuthentication yes\nKbdInteractiveAuthentication no\n"  # noqa: S105 - sshd's keyword
ONLY_QUESTIONS = "PasswordAuthentication no\nKbdInteractiveAuthentication yes\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return tmp_path


@contextmanager
def started(extra: str, before: str = "") -> Iterator[Machine]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with machine(extra=extra, before=before) as made:
        yield made


def with_password(where: Machine, password: str | None) -> Login:
    secret = None if password is None else Secret(Source(Kind.PROMPT, "SSH password"), password)
    return replace(where.login("pw"), identity_file=None, password=secret)


async def log_in(login: Login) -> None:
    async with (
        SshTransport(SshSettings(global_known_hosts=())) as transport,
        transport.connect(Host("n", login)) as session,
    ):
        assert (await session.run("id -un", timeout=20)).stdout == b"pw\n"


async def refusal(login: Login) -> str:
    with pytest.raises(LoginRefused) as raised:
        await log_in(login)
    assert PASSWORD not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("extra", [ONLY_PASSWORD, ONLY_QUESTIONS, ""])
async def test_a_password(extra: str) -> None:
    with started(extra) as where:
        await log_in(with_password(where, PASSWORD))
        assert where.sshd_log().count("Accepted ") == 1


@pytest.mark.parametrize("extra", [ONLY_PASSWORD, ONLY_QUESTIONS, ""])
async def test_a_wrong_password_is_sent_once(extra: str) -> None:
    """Also to a server that takes it in two ways."""
    with started(extra) as where:
        message = await refusal(with_password(where, "wrong password"))
        assert message.endswith("the password is refused, which was tried once")
        await asyncio.sleep(0.2)
        log = where.sshd_log()
        assert log.count("Failed password") + log.count("PAM: Authentication failure") == 1


async def test_the_key_goes_first(home: Path) -> None:
    del home
    with started("") as where:
        await log_in(replace(with_password(where, PASSWORD), identity_file=where.key))
        assert "Accepted publickey" in where.sshd_log()


async def test_key_and_password_together() -> None:
    with started("AuthenticationMethods publickey,password\n" + ONLY_PASSWORD) as where:
        await log_in(replace(with_password(where, PASSWORD), identity_file=where.key))
        without = replace(where.login("pw"), password=None)
        assert "none was given (password, or --ask-pass)" in await refusal(without)


async def test_what_the_server_takes_is_told() -> None:
    with started(ONLY_PASSWORD) as where:
        assert "it takes passwords too, and none was given" in await refusal(
            with_password(where, None)
        )
    with started("PasswordAuthentication no\nKbdInteractiveAuthentication no") as where:
        assert "it asked for no password" in await refusal(with_password(where, PASSWORD))


async def test_a_password_for_the_jump_host() -> None:
    with started(ONLY_PASSWORD) as where:
        jump = with_password(where, PASSWORD)
        await log_in(replace(where.login("pw"), jump=jump))
        await log_in(replace(with_password(where, PASSWORD), jump=where.login("ops")))


def sign(authority: Path, key: Path, hours: str) -> None:
    """Make a certificate for pw beside the key."""
    words = ("ssh-keygen", "-q", "-s", authority, "-I", "me", "-n", "pw", "-V", hours)
    subprocess.run([*words, f"{key}.pub"], check=True)


async def test_a_certificate_and_an_expired_one(home: Path) -> None:
    authority, key = home / "ca", home / "key"
    for path in (authority, key):
        path.write_bytes((private := make_key()).export_private_key("openssh"))
        path.chmod(0o600)
        path.with_name(f"{path.name}.pub").write_bytes(private.export_public_key())
    with started(f"TrustedUserCAKeys {authority}.pub") as where:
        sign(authority, key, "-1h:+1h")
        await log_in(replace(where.login("pw"), identity_file=key))
        assert "Accepted publickey for pw" in where.sshd_log()
        assert "ED25519-CERT" in where.sshd_log()
        sign(authority, key, "-2h:-1h")
        message = await refusal(replace(where.login("pw"), identity_file=key))
        assert "(it has expired: have the key signed anew)" in message
        assert "expired" in where.sshd_log()
