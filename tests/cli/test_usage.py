"""What a user can get wrong: one clear line, exit status 2, and nothing half-done."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

import scanner.demo
from tests.command import Kscan

CAPTURES = Path(scanner.demo.__file__).parent / "captures"
HOST = "hosts: [{name: a, address: 127.0.0.1}]\n"

WRONG_INVENTORIES = {
    "not YAML": ("hosts: [", "inventory.yaml:"),
    "a list": ("- name: a\n", "inventory.yaml:1"),
    "empty": ("", "inventory.yaml"),
    "no hosts": ("cluster: {name: a}\n", "hosts"),
    "unknown key": ("hosts: [{name: a, adress: 1.2.3.4}]\n", "did you mean 'address'"),
    "duplicate key": (HOST + HOST, "inventory.yaml:2"),
    "duplicate host": (HOST.replace("}]", "}, {name: a, address: 127.0.0.2}]"), "'a'"),
    "unbalanced range": (HOST.replace("a,", '"a[1-2",'), "a[1-2"),
    "ranges of different length": (
        'hosts: [{name: "a[1-2]", address: "127.0.0.[1-3]"}]\n',
        "inventory.yaml:1",
    ),
    "port 70000": (HOST.replace("}]", ", port: 70000}]"), "port"),
    "unknown role": (HOST.replace("}]", ", roles: [master]}]"), "unknown role 'master'"),
    "unreadable key": (HOST.replace("}]", ", identityFile: no/such/key}]"), "no/such/key"),
    "unset variable": (HOST.replace("}]", ", password: env:KSCAN_NO_SUCH}]"), "KSCAN_NO_SUCH"),
    "version 1.30": ("cluster: {kubernetesVersion: 1.30}\n" + HOST, "1.30"),
}


@pytest.mark.parametrize("case", WRONG_INVENTORIES)
def test_a_wrong_inventory(kscan: Kscan, tmp_path: Path, case: str) -> None:
    text, says = WRONG_INVENTORIES[case]
    (tmp_path / "inventory.yaml").write_text(text, encoding="utf-8")
    ended = kscan("check", "inventory.yaml")
    assert (ended.status, ended.out) == (2, "")
    assert says in ended.err
    assert all(line.startswith("kscan: inventory.yaml") for line in ended.err.splitlines())
    assert "Traceback" not in ended.err
    assert not (tmp_path / "reports").exists()


def test_the_version_is_read_as_it_is_written(kscan: Kscan, tmp_path: Path) -> None:
    (tmp_path / "i.yaml").write_text("cluster: {kubernetesVersion: 1.30}\n" + HOST)
    assert "read as 1.30," in kscan("check", "i.yaml").err


WRONG_OPTIONS = {
    ("check", "no-such.yaml"): "no such file",
    ("check", "--host", "a", "--only", "Swop"): "did you mean Swap",
    ("check", "--host", "a", "--skip", "KS999"): "no check is called",
    ("check", "--host", "a", "-i", "b.yaml"): "not both",
    ("check", "--host", "a[1-"): "a[1-",
    ("check", "--host", "a", "--kubernetes-version", "1.30"): "1.30",
    ("check", "--host", "a", "--kubernetes-version", "v1.99.0"): "v1.99.0",
    ("check", "--host", "a", "--host-keys", "maybe"): "--host-keys",
    ("check", "--host", "a", "--limit", "b"): "matches no host",
    ("check", "--host", "a", "--master", "b"): "--master",
    ("check", "--host", "a", "--identity-file", "none"): "none",
    ("check", "--host", "a", "--timeout", "0"): "--timeout",
    ("check", "--host", "a", "--format", "pdf"): "pdf",
    ("check", "--host", "a", "--output", "no/such/dir/x"): "no/such/dir",
    ("check", "--host", "a", "--save-captures", "/proc/none"): "/proc/none",
    ("check", "--host", "a", "--with-kubeadm"): "without a terminal say --yes",
    ("check", "--host", "a", "--yes"): "--with-kubeadm",
    ("evaluate", "no-such-dir"): "no-such-dir",
    ("evaluate", ".", "--kubernetes-version", "1.31"): "--kubernetes-version: read as 1.31",
    ("fix", "--captures", ".", "--kubernetes-version", "1.31"): "--kubernetes-version: read as",
    ("fix", "--captures", ".", "--port", "0"): "--port: expected a port",
    ("chekc",): "chekc",
}


EMPTY = {
    ("check", ""): "INVENTORY",
    ("check", "-i", ""): "--inventory",
    ("check", "--save-captures", ""): "--save-captures",
    ("check", "--output", ""): "--output",
    ("check", "--log-file="): "--log-file",
    ("check", "--host", "a", "--identity-file", ""): "--identity-file",
    ("init", ""): "INVENTORY",
    ("init", "--plan", "--captures", ""): "--captures",
    ("join", "a", "-i", ""): "--inventory",
    ("reset", "a", "-i", ""): "--inventory",
    ("verify", "--kubeconfig", ""): "--kubeconfig",
    ("evaluate", ""): "CAPTURES",
    ("fix", "--captures", ""): "--captures",
    ("fix", "-o", ""): "--output",
    ("report", ""): "FILE",
    ("diff", "", "a"): "OLD",
    ("diff", "a", ""): "NEW",
    ("explain", "Swap", "-i", ""): "--inventory",
}


@pytest.mark.parametrize("words", EMPTY, ids=" ".join)
def test_an_empty_path_is_no_working_directory(
    kscan: Kscan, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """`kscan reset a -i "$UNSET"` would find the cluster of the inventory that lies there."""
    (tmp_path / "inventory.yaml").write_text(HOST)
    ended = kscan(*words)
    assert (ended.status, ended.out) == (2, "")
    (line,) = ended.err.splitlines()
    assert line.startswith(f"kscan: {EMPTY[words]}: expected a path, and there is nothing")
    assert [*tmp_path.iterdir()] == [tmp_path / "inventory.yaml"]


@pytest.mark.parametrize("words", WRONG_OPTIONS, ids=" ".join)
def test_wrong_options(kscan: Kscan, words: tuple[str, ...]) -> None:
    ended = kscan(*words)
    assert (ended.status, ended.out) == (2, "")
    assert WRONG_OPTIONS[words] in ended.err
    assert "Traceback" not in ended.err


def test_an_empty_fleet_after_limit_is_an_error_not_a_green_report(
    kscan: Kscan, tmp_path: Path
) -> None:
    (tmp_path / "i.yaml").write_text(HOST)
    ended = kscan("check", "i.yaml", "--limit", "b*")
    assert ended.status == 2
    assert "matches no host" in ended.err
    assert not (tmp_path / "reports").exists()


def test_version_and_help(kscan: Kscan) -> None:
    assert kscan("--version").out.startswith("kscan ")
    for command in ("check", "evaluate", "demo"):
        ended = kscan(command, "--help")
        assert ended.status == 0
        assert "Example: kscan" in ended.out


NOTHING_LEFT = {
    ("--skip", "*"): "leave no check to judge",
    ("--only", "Swap", "--skip", "swap"): "leave no check to judge",
    ("--only", "Port-10251"): "is asked of these hosts",
}


@pytest.mark.parametrize("words", NOTHING_LEFT, ids=" ".join)
def test_hosts_of_which_nothing_is_asked_are_not_ready(
    kscan: Kscan, words: tuple[str, ...]
) -> None:
    ended = kscan("check", *words)
    assert (ended.status, ended.out) == (2, "")
    assert NOTHING_LEFT[words] in ended.err


def test_two_hosts_in_one_word_are_not_one_host(kscan: Kscan) -> None:
    ended = kscan("check", "--host", "root@127.0.0.1,root@127.0.0.2")
    assert ended.status == 2
    assert "is no user name" in ended.err


def test_reports_that_cannot_be_written_are_not_success(kscan: Kscan, tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file in the way")
    ended = kscan("check", "--only", "NumCPU")
    assert "cannot write the report" in ended.err
    assert ended.status != 0


def test_a_file_that_is_no_capture_is_not_read_to_its_end(kscan: Kscan, tmp_path: Path) -> None:
    (tmp_path / "endless.capture").symlink_to("/dev/zero")
    with (tmp_path / "large.capture").open("wb") as file:
        file.truncate(5 << 20)
    ended = kscan("evaluate", tmp_path)
    assert ended.status == 2
    endless, large = ended.err.splitlines()
    assert "no regular file" in endless
    assert "larger than" in large


def test_an_output_that_was_readable_by_all_is_private(kscan: Kscan, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("old")
    path.chmod(0o644)
    kscan("check", "--only", "NumCPU", "--format", "json", "--output", path)
    assert path.read_text().startswith('{"schema"')
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_capture_that_is_none_costs_its_own_host(kscan: Kscan, tmp_path: Path) -> None:
    captures = tmp_path / "captures"
    captures.mkdir()
    for name in ("node1", "node2"):
        shutil.copy(CAPTURES / f"{name}.capture", captures)
    (captures / "empty.capture").touch()
    (captures / "notes.capture").write_text("no capture at all\n")
    os.mkfifo(captures / "pipe.capture")
    head, _, rest = (captures / "node1.capture").read_bytes().partition(b"\n")
    changed = json.dumps({**json.loads(head), "roles": ["master"]}).encode()
    (captures / "role.capture").write_bytes(changed + b"\n" + rest)
    ended = kscan("evaluate", captures, "--only", "NumCPU", "--format", "json")
    assert ended.status == 4
    assert [line.partition("captures/")[2] for line in ended.err.splitlines()] == [
        f"{name}.capture: not a capture: {why}; its host is not judged"
        for name, why in (
            ("empty", "its first line is not JSON"),
            ("notes", "its first line is not JSON"),
            ("pipe", "no regular file"),
            ("role", "'master' is no role"),
        )
    ]
    status = {host["name"]: host["status"] for host in json.loads(ended.out)["hosts"]}
    assert status == {"node1": "ready", "node2": "ready"} | dict.fromkeys(
        ("empty", "notes", "pipe", "role"), "unreachable"
    )
