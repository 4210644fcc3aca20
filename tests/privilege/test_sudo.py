"""Becoming root over a real sshd with real sudo and doas; their logs and PAM's count witness."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.checks.hardware import root
from scanner.facts.base import Facts
from scanner.facts.environment import Environment
from scanner.facts.identity import Identity
from scanner.judge import facts_of
from scanner.probe import preflight
from scanner.probe.capture import Capture
from scanner.probe.collect import collect
from scanner.probe.privilege import Ran, run_script
from scanner.request import Cluster, Host, Sudo
from scanner.secrets.secret import Kind, Secret, Source
from scanner.transport.base import Session
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.privilege.machine import PAM_SUDO, PASSWORD, Machine, machine, missing

pytestmark = pytest.mark.e2e

GOOD = Secret(Source(Kind.PROMPT, "sudo password"), PASSWORD)
WRONG = Secret(Source(Kind.PROMPT, "sudo password"), "not the password")
NO_SUDO = """mount -t tmpfs tmpfs /mnt; mkdir /mnt/u /mnt/w
mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=/mnt/u,workdir=/mnt/w /usr/bin
rm -f /usr/bin/sudo
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "user").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)


@pytest.fixture
def where() -> Iterator[Machine]:
    with started() as made:
        yield made


def started(before: str = "", pam: str = PAM_SUDO) -> AbstractContextManager[Machine]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    return machine(before=before, pam=pam)


@asynccontextmanager
async def connected(
    where: Machine, user: str, secret: Secret | None, sudo: Sudo = Sudo.AUTO
) -> AsyncIterator[tuple[Session, Host]]:
    host = Host("n", replace(where.login(user), sudo_password=secret, sudo=sudo))
    async with (
        SshTransport(SshSettings(global_known_hosts=())) as transport,
        transport.connect(host) as session,
    ):
        yield session, host


async def probe(where: Machine, user: str, secret: Secret | None = None) -> Capture:
    """The whole probe, as `kscan check` runs it."""
    async with connected(where, user, secret) as (session, host):
        return await collect(session, host, Cluster(), connect_seconds=0, timeout=60)


async def ask(
    where: Machine,
    user: str,
    secret: Secret | None = None,
    *,
    sudo: Sudo = Sudo.AUTO,
    script: bytes = b"id -u\n",
) -> Ran:
    """A script that says who runs it."""
    async with connected(where, user, secret, sudo) as (session, host):
        return await run_script(session, host, script, timeout=30, last_line=b"end")


def uid(ran: Ran) -> int:
    return int(ran.done.stdout.rpartition(b" ")[2].split()[-1])


def execs(where: Machine) -> int:
    return where.sshd_log().count("Starting session: command")


async def test_with_a_password_by_one_exec(where: Machine) -> None:
    before = execs(where)
    capture = await probe(where, "pw", GOOD)
    assert execs(where) - before == 1
    assert facts_of(capture)[Identity].uid == 0
    assert capture.obstacle == ""
    assert capture.stderr == "", "neither the lecture nor the question"
    assert where.failures("pw") == 0


async def test_without_a_password_the_one_at_hand_is_not_sent(where: Machine) -> None:
    """`sudo -n` goes first: whoever needs no password is not asked for it."""
    assert uid(await ask(where, "ops", WRONG)) == 0
    assert where.failures("ops") == 0
    assert "incorrect" not in where.sudo_log()


async def test_a_wrong_password_is_tried_once(where: Machine) -> None:
    ran = await ask(where, "pw", WRONG)
    assert uid(ran) == 2002
    assert where.failures("pw") == 1, "by pam_faillock's count"
    assert ran.obstacle == (
        "sudo refuses the password for the login pw, which was tried once: correct sudoPassword"
    )
    assert b"Sorry" not in ran.done.stderr


@pytest.mark.parametrize("user", ["fish", "csh"])
async def test_other_login_shells(where: Machine, user: str) -> None:
    assert uid(await ask(where, user, GOOD)) == 0
    assert "sudo asks" in (await ask(where, user)).obstacle
    assert where.failures(user) == 0


async def test_a_noisy_shell_breaks_nothing(where: Machine) -> None:
    """fish and csh read their start-up files for a command too."""
    noise = "echo noise; echo noise >&2; echo -n 'Password: '\n"
    (where.home("csh") / ".cshrc").write_text(
        "echo noise; sh -c 'echo noise >&2'; echo -n 'Password: '\n"
    )
    config = where.home("fish") / ".config" / "fish"
    config.mkdir(parents=True)
    (config / "config.fish").write_text(noise)
    for user in ("csh", "fish"):
        assert uid(await ask(where, user, GOOD)) == 0
        assert uid(await ask(where, user, WRONG)) != 0
        assert where.failures(user) == 1


REFUSALS = [
    ("pw", None, "", "sudo asks the login pw for a password and none was given"),
    ("plain", GOOD, "", "sudo does not let the login plain run sh as root: add a rule"),
    ("ops", None, "Defaults:ops requiretty", "sudo asks the login ops for a terminal"),
    ("pw", GOOD, "Defaults:pw requiretty", "sudo asks the login pw for a terminal"),
    (
        "pw",
        GOOD,
        "pw ALL=(ALL) ALL, !/bin/sh, !/usr/bin/sh, !/bin/dash, !/usr/bin/dash",
        "sudo does not let the login pw run sh as root",
    ),
    ("pw", WRONG, "Defaults:pw passwd_tries=1", "sudo refuses the password for the login pw"),
    ("pw", GOOD, "Defaults:pw rootpw", "sudo refuses the password for the login pw"),
]


@pytest.mark.parametrize(("user", "secret", "rule", "why"), REFUSALS)
async def test_each_refusal_has_its_own_sentence(
    where: Machine, user: str, secret: Secret | None, rule: str, why: str
) -> None:
    where.sudoers(rule)
    before = execs(where)
    ran = await ask(where, user, secret)
    assert ran.obstacle.startswith(why)
    assert uid(ran) > 2000
    assert execs(where) - before == 1


async def test_the_row_says_why(where: Machine) -> None:
    """The rest is still read."""
    capture = await probe(where, "pw", WRONG)
    facts = facts_of(capture)
    assert facts[Identity].uid == 2002
    assert said_about_root(facts).endswith(f"cannot become root: {capture.obstacle}")
    assert capture.obstacle.startswith("sudo refuses the password")


def said_about_root(facts: Facts) -> str:
    [finding] = root.rule(facts, None, "")  # type: ignore[arg-type] # it reads no target
    return finding.message


async def test_a_shell_that_would_show_the_password_gets_none() -> None:
    """mksh runs printf(1), on whose command line the password would stand."""
    if shutil.which("mksh") is None:
        pytest.skip("needs mksh")
    with started("mount --bind /bin/mksh /usr/bin/dash") as where:
        ran = await ask(where, "pw", GOOD)
        assert ran.obstacle.startswith("sudo's password is not given to a host whose sh")
        assert uid(ran) == 2002
        assert uid(await ask(where, "ops", GOOD)) == 0
        assert "Sorry" not in where.sudo_log()


async def test_neither_sudo_nor_doas() -> None:
    with started(NO_SUDO + "rm -f /usr/bin/doas") as where:
        for secret in (None, GOOD):
            ran = await ask(where, "pw", secret)
            assert ran.obstacle.startswith("the host has neither sudo nor doas")
            assert uid(ran) == 2002
            assert ran.done.stderr == b""


async def test_doas() -> None:
    with started(NO_SUDO) as where:
        rules = where.folder / "etc" / "doas.conf"
        rules.write_text("permit nopass ops as root\npermit pw as root\n")
        for secret in (None, GOOD):
            assert uid(await ask(where, "ops", secret)) == 0
            assert (await ask(where, "pw", secret)).obstacle.startswith("doas asks the login pw")
            plain = await ask(where, "plain", secret)
            assert plain.obstacle.startswith("doas does not let the login plain")
            assert uid(plain) > 2000


async def test_sudo_may_refuse_where_doas_does_not(where: Machine) -> None:
    (where.folder / "etc" / "doas.conf").write_text("permit nopass plain as root\n")
    assert uid(await ask(where, "plain")) == 0
    assert uid(await ask(where, "plain", GOOD)) == 0


async def test_sudo_off(where: Machine) -> None:
    ran = await ask(where, "ops", sudo=Sudo.OFF)
    assert (uid(ran), ran.obstacle) == (2001, "sudo is off for it")
    assert where.sudo_log() == ""


async def test_what_kubeadm_would_inherit_is_recorded_under_sudo(where: Machine) -> None:
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/x"
    where.sudoers(f'Defaults secure_path="{path}"\nDefaults env_keep += "https_proxy"')
    for user in ("ops", "pw"):
        found = facts_of(await probe(where, user, GOOD))[Environment]
        assert (found.path, found.proxies) == (path, {})


def processes_with(*words: bytes) -> Iterator[tuple[bytes, str]]:
    """Which of the words are in a command line or an environment now, and where."""
    for folder in Path("/proc").glob("[0-9]*"):
        for name in ("cmdline", "environ"):
            with contextlib.suppress(OSError):
                data = (folder / name).read_bytes()
                yield from ((word, name) for word in words if word in data)


async def test_the_password_is_in_no_process(where: Machine) -> None:
    """All the way to root, and while the script runs, on both sides: they are one machine here."""
    seen: set[tuple[bytes, str]] = set()

    async def look() -> None:
        while True:
            seen.update(processes_with(PASSWORD.encode(), b" password"))
            await asyncio.sleep(0.01)

    looking = asyncio.create_task(look())
    ran = await ask(where, "pw", GOOD, script=b"sleep 1; id -u\n")
    looking.cancel()
    assert uid(ran) == 0
    assert seen == {(b" password", "cmdline")}, "sudo's own question was seen, and nothing else"


async def test_the_script_can_fail_without_a_second_try(where: Machine) -> None:
    ran = await ask(where, "pw", GOOD, script=b"id -u; exit 7\n")
    assert (uid(ran), ran.obstacle) == (0, "")
    log = where.sudo_log()
    assert (log.count("a password is required"), log.count("COMMAND=")) == (1, 2)


def kubeadm(where: Machine, body: str) -> str:
    """A stand-in, because this machine has no kubeadm; the real one runs on the lab's hosts."""
    path = where.folder / "kubeadm"
    path.write_text(f"#!/bin/sh\n{body}")
    path.chmod(0o755)
    return str(path)


async def test_kubeadm_runs_with_the_same_privilege(where: Machine) -> None:
    path = kubeadm(where, 'echo "as $(id -u)"; cat "$5"; exit 3\n')
    async with connected(where, "pw", GOOD) as (session, host):
        said = await preflight.run(
            session, host, "init", kubeadm=path, verb="init", config="a: b", seconds=20
        )
    assert (said.said, said.exit_status, said.ended) == ("as 0\na: b", 3, "")


async def test_nothing_of_kubeadm_outlives_the_connection(where: Machine) -> None:
    """Nor of sudo and of the way to it."""
    path = kubeadm(where, f"echo $$ >{where.folder}/pid\nsleep 3457\n")
    async with connected(where, "pw", GOOD) as (session, host):
        running = asyncio.create_task(
            preflight.run(session, host, "init", kubeadm=path, verb="init", config="", seconds=300)
        )
        while not (where.folder / "pid").exists():  # noqa: ASYNC110 # made by another process
            await asyncio.sleep(0.1)
        assert left(where)
        running.cancel()
    for _ in range(100):
        if not left(where):
            return
        await asyncio.sleep(0.1)
    pytest.fail(f"still there: {left(where)}")


def left(where: Machine) -> list[str]:
    """What runs as the login or for it."""
    words = (b"sleep\x003457", b"sudo\x00-S", str(where.folder / "kubeadm").encode())
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            data = path.read_bytes()
            found += [data.decode()[:60] for word in words if word in data]
    return found
