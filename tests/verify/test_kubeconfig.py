from __future__ import annotations

import base64
from pathlib import Path

import pytest

from scanner.errors import UsageError
from scanner.verify.credentials import read_kubeconfig
from scanner.verify.kubeconfig import Credentials, NoCredentials, parse

CA, CERT, KEY = b"the CA", b"the certificate", b"the key"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def config(
    *,
    server: str = "https://10.0.0.1:6443",
    cluster: str = f"certificate-authority-data: {encoded(CA)}",
    user: str = f"client-certificate-data: {encoded(CERT)}, client-key-data: {encoded(KEY)}",
) -> str:
    return (
        "apiVersion: v1\nkind: Config\ncurrent-context: here\n"
        "contexts: [{name: here, context: {cluster: c, user: u}}]\n"
        f"clusters: [{{name: c, cluster: {{server: '{server}', {cluster}}}}}]\n"
        f"users: [{{name: u, user: {{{user}}}}}]\n"
    )


def test_what_kubeadm_writes() -> None:
    found = parse(config(), "admin.conf of node1")
    assert found == Credentials("10.0.0.1", 6443, CA, CERT, KEY)
    assert found.server == "10.0.0.1:6443"


@pytest.mark.parametrize(
    ("server", "shown"),
    [
        ("https://[2001:db8::1]:6443", "[2001:db8::1]:6443"),
        ("https://lb.example.com", "lb.example.com:443"),
        ("https://lb.example.com:8443/", "lb.example.com:8443"),
    ],
)
def test_servers(server: str, shown: str) -> None:
    assert parse(config(server=server), "x").server == shown


def test_nothing_of_a_login_is_shown() -> None:
    shown = repr(parse(config(user="token: very-secret"), "x")) + repr(parse(config(), "x"))
    for secret in ("very-secret", KEY.decode(), CERT.decode()):
        assert secret not in shown


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "not a kubeconfig"),
        ("- a\n- b", "not a kubeconfig"),
        ("kind: Config", "has no context"),
        ("kind: Config\n" + "[" * 5000, "not a kubeconfig"),
        (config(server="http://10.0.0.1"), "no https URL"),
        (config(server="https://10.0.0.1:port"), "no https URL"),
        (config(server="https://a b"), "no https URL"),
        (config(cluster="insecure-skip-tls-verify: true"), "names no certificate-authority-data"),
        (config(cluster="certificate-authority: /etc/passwd"), "certificate-authority-data"),
        (config(cluster="certificate-authority-data: '%'"), "is no base64"),
        (config(user="exec: {command: touch, args: [/tmp/x]}"), "logs in by exec, which kscan"),
        (config(user="client-certificate: /x, client-key: /y"), "has no login"),
    ],
)
def test_one_of_a_host_that_cannot_be_used(source: str, said: str) -> None:
    with pytest.raises(NoCredentials, match=said) as raised:
        parse(source, "admin.conf of node1")
    assert "\n" not in str(raised.value)
    assert str(raised.value).startswith("admin.conf of node1: ")


def test_files_are_read_for_the_users_own_only(tmp_path: Path) -> None:
    for name, data in (("ca", CA), ("cert", CERT), ("key", KEY)):
        (tmp_path / name).write_bytes(data)
    path = tmp_path / "config"
    path.write_text(
        config(
            cluster="certificate-authority: ca", user="client-certificate: cert, client-key: key"
        ),
        encoding="utf-8",
    )
    assert read_kubeconfig(path) == Credentials("10.0.0.1", 6443, CA, CERT, KEY)
    (tmp_path / "key").unlink()
    with pytest.raises(UsageError, match="key: No such file"):
        read_kubeconfig(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_kubeconfig(tmp_path / "nothing")
