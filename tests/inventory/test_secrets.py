"""Secrets are only referred to, key files are looked at, and neither shows up in a message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import InventoryError
from scanner.inventory.load import load
from scanner.inventory.overrides import Loaded
from scanner.inventory.references import SECRETS
from scanner.secrets.secret import Kind, Secret

Load = Callable[..., Loaded]
Lines = Callable[..., list[str]]

HOST = "hosts: [{name: n, address: n}]\n"
LITERAL = "expected env:NAME, file:PATH or prompt; the secret itself never stands in an inventory"


@pytest.mark.parametrize("key", SECRETS)
@pytest.mark.parametrize(
    "value", ["hunter2", "'env:'", "env:a b", "'file:'", "Prompt", "'hun:ter2'"]
)
def test_a_literal_is_refused_and_not_repeated(lines: Lines, key: str, value: str) -> None:
    assert lines(f"{HOST}defaults: {{{key}: {value}}}\n") == [
        f"inventory.yaml:2: defaults.{key}: {LITERAL}"
    ]


@pytest.mark.parametrize("value", ["[hunter2]", "{hunter2: hunter3}"])
def test_a_secret_in_a_list_or_map_is_not_repeated(lines: Lines, value: str) -> None:
    assert "hunter" not in "".join(lines(f"{HOST}defaults: {{password: {value}}}\n"))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("env:UNSET", "the variable 'UNSET' is not set"),
        ("env:EMPTY", "the variable 'EMPTY' is empty"),
        ("file:gone", "no such file: 'gone'"),
        ("file:.", "no such file: '.'"),
        ("file:~nobody-has-this-name/x", "cannot be read: '~nobody-has-this-name/x'"),
    ],
)
def test_a_reference_that_leads_nowhere(lines: Lines, value: str, message: str) -> None:
    assert lines(f"{HOST}groups: {{g: {{sudoPassword: '{value}'}}}}\n") == [
        f"inventory.yaml:2: groups.g.sudoPassword: {message}"
    ]


def test_a_home_that_does_not_exist_is_no_bug_where_nobody_connects(folder: Path) -> None:
    path = folder / "inventory.yaml"
    path.write_text(f"{HOST}defaults: {{password: 'file:~nobody-has-this-name/x'}}\n")
    with pytest.raises(InventoryError, match="no home directory for '~nobody-has-this-name/x'"):
        load(path, named=True, connects=False)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b"hun\xffter2\n", "is not UTF-8, and must be"),
        (b"hunter2\nmore\n", "has several lines or control characters"),
        (b"hunter2" * 600, "is larger than 4096 bytes"),
    ],
)
def test_what_is_no_secret_is_said_with_its_place(
    lines: Lines, folder: Path, data: bytes, why: str
) -> None:
    (folder / "pw").write_bytes(data)
    said = lines(f"{HOST}defaults: {{password: 'file:pw'}}\n")
    assert said == [f"inventory.yaml:2: defaults.password: the file 'pw' {why}"]


@pytest.mark.parametrize(
    ("name", "why"),
    [("LATIN1", "is not UTF-8, and must be"), ("LINES", "has several lines or control characters")],
)
def test_a_variable_that_is_no_secret(lines: Lines, name: str, why: str) -> None:
    said = lines(f"{HOST}jumpHosts: [{{name: a, address: b, password: 'env:{name}'}}]\n")
    assert said == [f"inventory.yaml:2: jumpHosts[0].password: the variable '{name}' {why}"]


@pytest.mark.parametrize("kind", ["env", "file"])
def test_an_inventory_that_was_only_found_may_not_read_secrets(lines: Lines, kind: str) -> None:
    text = f"{HOST}jumpHosts: [{{name: a, address: b, password: '{kind}:SET'}}]\n"
    expected = (
        f"inventory.yaml:2: jumpHosts[0].password: {kind}: is refused in an inventory that was"
        " only found; name it: -i inventory.yaml"
    )
    assert lines(text, named=False) == [expected]


def test_references_reach_the_login_unread(loaded: Load, folder: Path) -> None:
    (folder / "pw").write_text("hunter2")
    text = f"{HOST}defaults: {{password: 'env:SET', passphrase: 'file:pw', sudoPassword: prompt}}\n"
    [host] = loaded(text).request.hosts
    login = host.login
    assert login.password == Secret.at(Kind.ENV, "SET")
    assert login.passphrase == Secret.at(Kind.FILE, "pw")
    assert login.sudo_password == Secret.at(Kind.PROMPT, "sudo password")
    assert "hunter2" not in repr(host)
    assert loaded(f"{HOST}defaults: {{password: prompt}}\n", named=False).notes == ()


def test_the_nearest_reference_counts(loaded: Load) -> None:
    text = (
        "hosts:\n  - {name: a, address: a, group: g}\n"
        "  - {name: b, address: b, group: g, sudoPassword: env:SET, jump: [j]}\n"
        "groups: {g: {sudoPassword: prompt}}\n"
        "jumpHosts: [{name: j, address: j, password: prompt}]\n"
    )
    first, second = (host.login for host in loaded(text).request.hosts)
    assert first.sudo_password == Secret.at(Kind.PROMPT, "sudo password")
    assert second.sudo_password == Secret.at(Kind.ENV, "SET")
    assert second.jump is not None
    assert second.jump.password == Secret.at(Kind.PROMPT, "SSH password of j")
    assert (first.password, first.passphrase, second.jump.sudo_password) == (None, None, None)


@pytest.mark.parametrize(
    ("head", "message"),
    [
        ("ssh-ed25519 AAAA me\n", "the public key, not the private one: 'key'"),
        ("PuTTY-User-Key-File-3: x\n", "a key in PuTTY's format, convert it to OpenSSH's: 'key'"),
        ("password\n", "not a private key: 'key'"),
        ("", "not a private key: 'key'"),
    ],
)
def test_a_file_that_is_no_private_key(lines: Lines, folder: Path, head: str, message: str) -> None:
    (folder / "key").write_text(head)
    assert lines(f"{HOST}defaults: {{identityFile: key}}\n") == [
        f"inventory.yaml:2: defaults.identityFile: {message}"
    ]


def test_a_key_that_cannot_be_read(lines: Lines, folder: Path) -> None:
    (folder / "folder").mkdir()
    text = (
        "hosts:\n  - {name: a, address: a, identityFile: gone}\n"
        "  - {name: b, address: b, identityFile: folder}\n"
        "  - {name: c, address: c, identityFile: ~no-body/key}\n"
    )
    assert lines(text) == [
        "inventory.yaml:2: hosts[0].identityFile: no such file: 'gone'",
        "inventory.yaml:3: hosts[1].identityFile: not a file: 'folder'",
        "inventory.yaml:4: hosts[2].identityFile: no home directory for '~no-body/key'",
    ]


def test_a_key_is_found_at_home_and_beside_the_inventory(loaded: Load, folder: Path) -> None:
    (folder / "key").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\n")
    text = (
        "hosts:\n  - {name: a, address: a, identityFile: ~/key}\n"
        "  - {name: b, address: b, identityFile: key}\n"
    )
    keys = [host.login.identity_file for host in loaded(text).request.hosts]
    assert keys == [folder / "key", Path("key")]
