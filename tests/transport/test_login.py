"""Which keys are offered, and what a refusal tells."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from scanner.request import Host
from scanner.secrets.secret import Kind, Secret, Source
from scanner.transport import keys
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine, make_key
from tests.transport.user_keys import lock, log_in, refusal, write_key


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
    assert f"not tried: {locked} (it has a passphrase: give it as passphrase" in message
    assert "no key to offer" in message


async def test_a_passphrase_opens_its_key(
    user_key: asyncssh.SSHKey, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made into a key once for the run, outside the event loop's thread."""
    locked = home / ".ssh" / "id_ed25519"
    lock(locked)
    threads: list[str] = []
    real = keys._read

    def read(*arguments: Any) -> Any:
        threads.append(threading.current_thread().name)
        return real(*arguments)

    monkeypatch.setattr(keys, "_read", read)
    async with (
        Machine(user_key).running() as machine,
        SshTransport(SshSettings(global_known_hosts=())) as transport,
    ):
        for _ in range(2):
            async with transport.connect(opened(machine.host(identity=locked), "a secret")):
                pass
        assert len(threads) == 1
        assert threads[0] != threading.main_thread().name
        jump = opened(machine.host(identity=locked), "a secret").login
        async with transport.connect(
            opened(machine.host(jump=jump, identity=locked), "a secret")
        ) as session:
            assert (await session.run("exit 0", timeout=5)).exit_status == 0
    message = await refusal_of(user_key, locked, "another")
    assert f"{locked} (its passphrase is wrong: correct passphrase)" in message


@pytest.mark.parametrize("form", ["pkcs1-pem", "pkcs8-pem"])
async def test_a_passphrase_of_an_old_pem_key(home: Path, form: str) -> None:
    key = make_key("ssh-rsa")
    path = home / "pem"
    path.write_bytes(key.export_private_key(form, "a secret"))
    async with Machine(key).running() as machine:
        await log_in(opened(machine.host(identity=path), "a secret"))
        assert "it has a passphrase: give it" in await refusal(machine.host(identity=path))
    message = await refusal_of(key, path, "another")
    assert f"{path} (its passphrase is wrong: correct passphrase)" in message


def test_a_wrong_passphrase_of_a_pem_key_is_one_whatever_it_makes_of_the_key(home: Path) -> None:
    """One in 256 leaves something that looks padded; none of them is an unreadable file."""
    path = home / "pem"
    path.write_bytes(make_key("ssh-rsa").export_private_key("pkcs1-pem", "a secret"))
    source = Source(Kind.FILE, "x")
    said = {keys._read(path, (), Secret(source, f"wrong {n}")).problem for n in range(600)}
    assert said == {"its passphrase is wrong: correct passphrase"}


def opened(host: Host, passphrase: str) -> Host:
    secret = Secret(Source(Kind.FILE, "x"), passphrase)
    return replace(host, login=replace(host.login, passphrase=secret))


async def refusal_of(key: asyncssh.SSHKey, path: Path, passphrase: str) -> str:
    async with Machine(key).running() as machine:
        return await refusal(opened(machine.host(identity=path), passphrase))


UNFIT = [
    ({"valid_before": "20200101"}, "(it has expired: have the key signed anew)"),
    ({"valid_after": "20990101"}, "(it is not valid yet: compare the clocks)"),
    ({"principals": ["root", "admin"]}, "(it is for root, admin, not for ops)"),
]


@pytest.mark.parametrize(("fields", "why"), UNFIT)
async def test_a_certificate_that_does_not_fit_is_told_apart(
    home: Path, fields: dict[str, Any], why: str
) -> None:
    authority, key = make_key(), make_key()
    path = write_key(home / "named", key)
    certificate = authority.generate_user_certificate(
        key, "me", **{"principals": ["ops"], **fields}
    )
    (home / "named-cert.pub").write_bytes(certificate.export_certificate())
    async with Machine(make_key(), authority=authority).running() as machine:
        message = await refusal(machine.host(identity=path))
    assert f"tried the certificate of {path} {why}, {path}:" in message


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
