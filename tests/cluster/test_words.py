"""What is picked out of what kubeadm and admin.conf say."""

from __future__ import annotations

import base64
import hashlib

import pytest

from scanner.cluster.credentials import Credentials, without_any
from scanner.cluster.kubeadm_words import error_lines
from scanner.cluster.kubeconfig import ca_of
from scanner.cluster.script import read
from scanner.errors import ClusterError
from scanner.transport.base import Completed
from tests.cluster.machine import TOKEN

PREFLIGHT = """\
[preflight] Running pre-flight checks
\t[WARNING Hostname]: hostname "a" could not be reached
error execution phase preflight: [preflight] Some fatal errors occurred:
\t[ERROR Swap]: running with swap on is not supported. Please disable swap
\t[ERROR Port-10250]: Port 10250 is in use
[preflight] If you know what you are doing, you can make a check non-fatal
To see the stack trace of this error execute with --v=5 or higher
"""
KUBELET = """\
[kubelet-start] Waiting for the kubelet to perform the TLS Bootstrap...
[kubelet-check] Initial timeout of 40s passed.
error execution phase kubelet-start: timed out waiting for the condition
To see the stack trace of this error execute with --v=5 or higher
"""


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (
            PREFLIGHT,
            (
                "[ERROR Swap]: running with swap on is not supported. Please disable swap",
                "[ERROR Port-10250]: Port 10250 is in use",
            ),
        ),
        (KUBELET, (KUBELET.splitlines()[2],)),
        ("one\nerror: no such token\nthree\n", ("error: no such token",)),
        ("one\ntwo\nthree\n", ("two", "three")),
        ("", ()),
    ],
)
def test_the_words_for_what_went_wrong(printed: str, expected: tuple[str, ...]) -> None:
    assert error_lines(printed) == expected


def test_no_words_are_without_end() -> None:
    lines = error_lines("error: " + "x" * 100_000 + "\n" + "error\n" * 1000)
    assert len(lines) <= 6
    assert max(map(len, lines)) <= 300


@pytest.mark.parametrize(
    ("said", "status"),
    [("0", 0), ("255", 255), ("9" * 5000, None), ("\u0663", None), ("-1", None), ("", None)],
)
def test_a_status_is_a_number_that_a_command_can_end_with(said: str, status: int | None) -> None:
    """Python reads no number of more than 4300 digits, and one host must not end the run."""
    printed = f"\nkscan-b begin\n\nkscan-b status {said}\n\nkscan-b end\n"
    assert read(Completed(printed.encode(), b"", 0, 0.1), "kscan-b").status == status


def test_token_and_hash_of_a_join_command() -> None:
    known = Credentials.new()
    known.take_join_command(
        "W1 a warning\nkubeadm join 192.0.2.1:6443 --token abcdef.0123456789abcdef     "
        f"--discovery-token-ca-cert-hash sha256:{'b' * 64} \n"
    )
    assert (known.token, known.ca_cert_hash) == (
        "abcdef.0123456789abcdef",
        f"sha256:{'b' * 64}",
    )
    for bad in ("", "--token abc", "--token abcdef.0123456789abcdef\n"):
        with pytest.raises(ClusterError, match="printed no join command"):
            known.take_join_command(bad)


def test_new_secrets_are_as_kubeadm_wants_them_and_never_the_same() -> None:
    one, two = Credentials.new(), Credentials.new()
    assert one.token != two.token
    assert len(bytes.fromhex(one.certificate_key)) == 32
    prefix, _, rest = one.token.partition(".")
    assert (len(prefix), len(rest)) == (6, 16)
    assert one.redactor().text(f"{one.token} {one.certificate_key}") == "*** ***"


def test_credentials_of_an_earlier_run_are_told_by_their_shape() -> None:
    key, ca = "0123456789abcdef" * 4, "f" * 64
    printed = (
        f"join --token {TOKEN} --discovery-token-ca-cert-hash sha256:{ca}\nkey:{key}\n{TOKEN}.\n"
    )
    kept = without_any(f"{printed}lookup node01.kubernetes.local: token id {TOKEN[:6]}")
    assert TOKEN not in kept
    assert key not in kept
    assert f"sha256:{ca}" in kept
    assert kept.endswith("lookup node01.kubernetes.local: token id abcdef")


def test_whose_cluster_admin_conf_is_of() -> None:
    body = "QUJD\nREVG"
    pem = f"x\n-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"
    text = f"  certificate-authority-data: {base64.b64encode(pem.encode()).decode()}\n"
    assert ca_of(text) == hashlib.sha256(b"QUJDREVG").hexdigest()
    for bad in ("", "certificate-authority-data: %%%", "certificate-authority-data: QUJD"):
        assert ca_of(bad) == ""
