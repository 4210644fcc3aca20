"""Secrets are read once, before anything is connected to, and what is wrong with one is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import scanner.demo
from scanner.cli.secrets import Secrets
from scanner.errors import UsageError
from scanner.request import Host, Login, Request, Sudo
from scanner.secrets.secret import Kind, Secret
from tests.command import Kscan

DEMO = Path(scanner.demo.__file__).parent


def request(*logins: Login) -> Request:
    hosts = tuple(Host(f"n{number}", login) for number, login in enumerate(logins))
    return Request(hosts, source="i.yaml")


def read(kind: Kind, name: str) -> str:
    asked = request(Login("a", password=Secret.at(kind, name)))
    secret = Secrets().read(asked).hosts[0].login.password
    assert secret is not None
    return secret.reveal()


@pytest.mark.parametrize(
    ("data", "value"),
    [(b"pw", "pw"), (b" p w \n", " p w "), (b"pw\r\n", "pw"), ("pä".encode(), "pä")],
)
def test_a_file_is_its_only_line(tmp_path: Path, data: bytes, value: str) -> None:
    (tmp_path / "f").write_bytes(data)
    assert read(Kind.FILE, str(tmp_path / "f")) == value


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"one\ntwo\n", "several lines or control characters"),
        (b"a\x00b", "several lines or control characters"),
        (b"\xff", "not UTF-8"),
        (b"x" * 5000, "larger than 4096 bytes"),
    ],
)
def test_a_file_that_is_no_secret(tmp_path: Path, data: bytes, why: str) -> None:
    (tmp_path / "f").write_bytes(data)
    with pytest.raises(UsageError, match=why):
        read(Kind.FILE, str(tmp_path / "f"))


def test_a_variable_is_read_once_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "a value")
    ours = Secret.at(Kind.ENV, "OURS")
    asked = request(Login("a", password=ours), Login("b", sudo_password=ours))
    secrets = Secrets()
    first, second = (host.login for host in secrets.read(asked).hosts)
    assert (first.password, second.sudo_password) == secrets.all * 2
    assert secrets.all[0].reveal() == "a value"
    assert "OURS" not in os.environ


def test_only_what_a_host_of_the_run_may_need_is_read() -> None:
    gone = Secret.at(Kind.FILE, "/no/such")
    asked = request(
        Login("a", user="root", sudo_password=gone),
        Login("b", sudo=Sudo.OFF, sudo_password=gone),
    )
    assert [host.login.sudo_password for host in Secrets().read(asked).hosts] == [None, None]


def test_the_jump_hosts_are_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "a value")
    jump = Login("j", password=Secret.at(Kind.ENV, "OURS"))
    [host] = Secrets().read(request(Login("a", jump=jump))).hosts
    assert host.login.jump is not None
    assert host.login.jump.password is not None
    assert host.login.jump.password.reveal() == "a value"


def test_a_short_one_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OURS", "abc")
    secrets = Secrets()
    secrets.read(request(Login("a", password=Secret.at(Kind.ENV, "OURS"))))
    [note] = secrets.notes()
    assert "'env:OURS' has fewer than 4 characters" in note
    assert "abc" not in note


ABSENT = """\
defaults: {password: env:KSCAN_NO_SUCH, sudoPassword: 'file:gone', identityFile: gone, jump: [j]}
jumpHosts: [{name: j, address: 192.0.2.99, passphrase: env:KSCAN_NO_SUCH, identityFile: gone}]
"""
CAPTURES = DEMO / "captures"


@pytest.mark.parametrize(
    "words",
    [
        ("evaluate", CAPTURES, "-i", "i.yaml"),
        ("fix", "-i", "i.yaml", "--captures", CAPTURES, "--output", "fixes"),
        ("init", "i.yaml", "--limit", "node1,node2", "--plan", "--captures", CAPTURES),
        ("join", "node2", "-i", "i.yaml", "--plan", "--captures", CAPTURES),
        ("reset", "node2", "-i", "i.yaml", "--plan", "--captures", CAPTURES),
        ("explain", "Swap", "-i", "i.yaml"),
    ],
    ids=lambda words: words[0],
)
def test_who_connects_to_nobody_needs_no_secrets(
    kscan: Kscan, tmp_path: Path, words: tuple[str | Path, ...]
) -> None:
    text = (DEMO / "inventory.yaml").read_text(encoding="utf-8")
    (tmp_path / "i.yaml").write_text(text.replace("hosts:\n", f"{ABSENT}hosts:\n", 1))
    ended = kscan(*words)
    assert ended.out or "fixes" in words
    for word in ("KSCAN_NO_SUCH", "gone"):
        assert word not in ended.err
    connecting = kscan("check", "-i", "i.yaml")
    assert (connecting.status, connecting.err.count("KSCAN_NO_SUCH")) == (2, 2)
    assert connecting.err.count("'gone'") == 3


def test_a_log_file_that_cannot_be_written(kscan: Kscan, tmp_path: Path) -> None:
    ended = kscan("check", "--host", "127.0.0.1:1", "--log-file", tmp_path / "no" / "log")
    assert ended.status == 2
    assert "--log-file" in ended.err
    assert ended.err.count("\n") == 1, "nothing was begun"
