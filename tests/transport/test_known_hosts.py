"""The file format: sshd(8), SSH_KNOWN_HOSTS FILE FORMAT."""

from __future__ import annotations

import base64
import stat
import subprocess
from pathlib import Path

import pytest

from scanner.transport.known_hosts import (
    Entry,
    KnownHosts,
    Marker,
    Standing,
    _hash,
    fingerprint,
    key_type,
)


def blob(kind: str, seed: str) -> bytes:
    def string(data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + data

    return string(kind.encode()) + string(seed.encode().ljust(32, b"."))


ED = blob("ssh-ed25519", "one")
ED2 = blob("ssh-ed25519", "two")
RSA = blob("ssh-rsa", "three")


def line(names: str, key: bytes, marker: str = "") -> str:
    start = f"{marker} " if marker else ""
    return f"{start}{names} {key_type(key)} {base64.b64encode(key).decode()} comment here\n"


def judge(path: Path, key: bytes, *names: str) -> Standing:
    return KnownHosts().judge([path], names, key).standing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "known_hosts"


def write(path: Path, *lines: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(lines))


@pytest.mark.parametrize(
    ("names", "name", "fits"),
    [
        ("node1", "node1", True),
        ("NODE1", "node1", True),
        ("node1,192.0.2.1", "192.0.2.1", True),
        ("node1", "node11", False),
        ("node?", "node1", True),
        ("node*", "node", True),
        ("*.example.com", "a.b.example.com", True),
        ("*.example.com,!bad.example.com", "bad.example.com", False),
        ("!bad.example.com,*.example.com", "good.example.com", True),
        ("!bad.example.com", "good.example.com", False),
        ("[node1]:2222", "[node1]:2222", True),
        ("[node1]:2222", "node1", False),
        ("[node*]:*", "[node7]:2200", True),
        ("[a-c]", "b", False),
        ("node.1", "nodex1", False),
        ("*", "anything", True),
        ("fe80::1", "fe80::1", True),
    ],
)
def test_patterns(path: Path, names: str, name: str, fits: bool) -> None:
    write(path, line(names, ED))
    assert (judge(path, ED, name) is Standing.KNOWN) is fits


def test_standings(path: Path) -> None:
    write(path, "# a comment\n\n", line("node1", ED), line("node2", RSA), line("node3", ED2))
    assert judge(path, ED, "node1") is Standing.KNOWN
    assert judge(path, ED2, "node1") is Standing.CHANGED
    assert judge(path, ED, "node2") is Standing.OTHER_TYPE
    assert judge(path, ED, "node9") is Standing.UNKNOWN
    assert judge(path.with_name("missing"), ED, "node1") is Standing.UNKNOWN


def test_a_change_names_the_old_line(path: Path) -> None:
    write(path, "# a comment\n", line("node1", ED))
    found = KnownHosts().judge([path], ["node1"], ED2)
    assert [entry.where for entry in found.entries] == [f"{path}:2"]


def test_a_name_without_port_counts_for_a_match_only(path: Path) -> None:
    write(path, line("node1", ED))
    assert judge(path, ED, "[node1]:2222", "node1") is Standing.KNOWN
    assert judge(path, ED2, "[node1]:2222", "node1") is Standing.UNKNOWN


def test_revoked_is_stronger_than_known(path: Path) -> None:
    write(path, line("node1", ED), line("*", ED, "@revoked"))
    assert judge(path, ED, "node1") is Standing.REVOKED
    write(path, line("node1", ED), line("node2", ED, "@revoked"))
    assert judge(path, ED, "node1") is Standing.KNOWN


def test_an_authority_is_no_host_key(path: Path) -> None:
    write(path, line("*.example.com", ED, "@cert-authority"))
    assert judge(path, ED, "a.example.com") is Standing.UNKNOWN
    known = KnownHosts()
    assert known.marked([path], ["a.example.com"], Marker.AUTHORITY)[0].key == ED
    assert known.marked([path], ["a.example.net"], Marker.AUTHORITY) == []


def test_lines_that_cannot_be_read_are_skipped(path: Path) -> None:
    write(
        path,
        "node1\n",
        "node1 ssh-ed25519\n",
        "node1 ssh-ed25519 ???\n",
        "@other node1 ssh-ed25519 AAAA\n",
        "|1|broken ssh-ed25519 AAAA\n",
        line("node1", ED),
    )
    assert judge(path, ED, "node1") is Standing.KNOWN
    assert judge(path, ED2, "node2") is Standing.UNKNOWN


def test_bytes_that_are_no_text_are_skipped(path: Path) -> None:
    write(path, line("node1", ED))
    path.write_bytes(b"\xff\xfe\x00 x y\n" + path.read_bytes())
    assert judge(path, ED, "node1") is Standing.KNOWN


@pytest.mark.parametrize("hashed", [False, True])
def test_append(path: Path, hashed: bool) -> None:
    known = KnownHosts()
    known.file(path).append("[192.0.2.1]:2222", ED, hashed=hashed)
    assert known.judge([path], ["[192.0.2.1]:2222"], ED).standing is Standing.KNOWN
    assert judge(path, ED, "[192.0.2.1]:2222") is Standing.KNOWN
    assert judge(path, ED, "192.0.2.1") is Standing.UNKNOWN
    assert ("192.0.2.1" in path.read_text()) is not hashed
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_append_keeps_what_is_there(path: Path) -> None:
    write(path, line("node1", ED).rstrip("\n"))
    path.chmod(0o644)
    KnownHosts().file(path).append("node2", ED2, hashed=False)
    assert judge(path, ED, "node1") is Standing.KNOWN
    assert judge(path, ED2, "node2") is Standing.KNOWN
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_file_that_cannot_be_written_is_reported_but_the_key_counts(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "known_hosts"
    known = KnownHosts()
    with pytest.raises((FileExistsError, NotADirectoryError)):
        known.file(path).append("node1", ED, hashed=False)
    assert known.judge([path], ["node1"], ED).standing is Standing.KNOWN


def test_hashes_and_fingerprints_are_those_of_openssh(tmp_path: Path) -> None:
    try:
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"], check=True
        )
    except FileNotFoundError:
        pytest.skip("ssh-keygen is missing: install openssh-client")
    kind, key, *_ = (tmp_path / "key.pub").read_text().split()
    path = tmp_path / "known_hosts"
    path.write_text(f"node1,192.0.2.1 {kind} {key}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)
    assert "node1" not in path.read_text()
    data = base64.b64decode(key)
    assert judge(path, data, "node1") is Standing.KNOWN
    assert judge(path, data, "192.0.2.1") is Standing.KNOWN
    assert judge(path, data, "node2") is Standing.UNKNOWN

    mine = tmp_path / "mine"
    KnownHosts().file(mine).append("node7", data, hashed=True)
    found = subprocess.run(
        ["ssh-keygen", "-F", "node7", "-f", mine], check=True, capture_output=True, text=True
    )
    assert "found: line 1" in found.stdout
    shown = subprocess.run(
        ["ssh-keygen", "-lf", tmp_path / "key.pub"], check=True, capture_output=True, text=True
    )
    assert shown.stdout.split()[1] == fingerprint(data)


def test_clones_with_one_key_are_found_by_name(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, *(line(f"node{number}", ED) for number in range(1000)))
    compared = 0
    real = Entry.names_host

    def counted(entry: Entry, name: str) -> bool:
        nonlocal compared
        compared += 1
        return real(entry, name)

    monkeypatch.setattr(Entry, "names_host", counted)
    known = KnownHosts()
    for number in range(1000):
        assert known.judge([path], [f"node{number}"], ED).standing is Standing.KNOWN
    assert known.judge([path], ["node7"], ED2).standing is Standing.CHANGED
    assert compared == 0


def test_a_hash_of_a_clone_is_compared_until_it_is_recognised(path: Path) -> None:
    names = [f"node{number}" for number in range(20)]
    write(path, *(line(_hash(name), ED) for name in names))
    known = KnownHosts()
    for _ in range(2):
        for name in reversed(names):
            assert known.judge([path], [name], ED).standing is Standing.KNOWN
    assert known.judge([path], ["node3"], ED2).standing is Standing.CHANGED
    assert known.judge([path], ["node20"], ED).standing is Standing.UNKNOWN
