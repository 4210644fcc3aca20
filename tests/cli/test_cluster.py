"""`kscan init`, `join` and `reset` as they are typed; no host is connected to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import scanner.demo
from tests.command import Kscan

DEMO = Path(scanner.demo.__file__).parent


def inventory(folder: Path, more: str = "") -> str:
    path = folder / "prod.yaml"
    text = (DEMO / "inventory.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("cluster:\n", f"cluster:\n{more}", 1), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("command", ["init", "join node2", "reset node2"])
def test_a_plan_needs_no_connection(kscan: Kscan, tmp_path: Path, command: str) -> None:
    words = [*command.split(), "-i", inventory(tmp_path)]
    done = kscan(*words, "--plan", "--captures", DEMO / "captures", *_few(command))
    assert "kubeadm" in done.out, done.err
    assert not (tmp_path / ".kscan").exists()
    assert "<bootstrap-token>" in done.out or "reset" in command


def _few(command: str) -> tuple[str, ...]:
    return ("--limit", "node1,node2") if command == "init" else ()


def test_a_plan_says_what_forbids_it(kscan: Kscan, tmp_path: Path) -> None:
    done = kscan("init", inventory(tmp_path), "--plan", "--captures", DEMO / "captures")
    assert done.status == 3
    assert "node5: Swap: " in done.err
    assert "node10: unreachable" in done.err
    assert "as it is now, nothing of this would be done" in done.err


@pytest.mark.parametrize("command", ["init", "join node9 -i"])
def test_without_the_masters_answer_there_is_no_plan(
    kscan: Kscan, tmp_path: Path, command: str
) -> None:
    """With everything that needs its version: an add-on, and control planes that join."""
    (tmp_path / "cni.yaml").write_text("{kind: DaemonSet, apiVersion: apps/v1}", encoding="utf-8")
    path = Path(inventory(tmp_path, "  cni: {manifest: cni.yaml}\n"))
    as_control_plane = path.read_text(encoding="utf-8").replace(
        "address: 192.0.2.20}", "address: 192.0.2.20, roles: [control-plane]}"
    )
    path.write_text(as_control_plane, encoding="utf-8")
    words = ("--master", "node10", "--plan", "--captures", DEMO / "captures")
    done = kscan(*command.split(), path, *words)
    assert done.status == (3 if command == "init" else 4), "as the command itself"
    assert not done.out
    assert "node10: without its answer there is no plan" in done.err
    assert "node10: unreachable" in done.err


def test_the_plan_of_a_reset_names_who_does_not_answer(kscan: Kscan, tmp_path: Path) -> None:
    words = ("-i", inventory(tmp_path), "--plan", "--captures", DEMO / "captures")
    done = kscan("reset", "node9,node10", *words)
    assert done.status == 4
    assert "kscan: node10: unreachable: " in done.err
    assert done.err.splitlines()[-1] == "kscan: as it is now, nothing of this would be done"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("init",), "never falls back to this machine"),
        (("join", "node2"), "never falls back to this machine"),
        (("reset", "node2"), "never falls back to this machine"),
        (("init", "prod.yaml", "--captures", "."), "--captures is for --plan"),
        (("init", "prod.yaml", "--master", "node77"), "no host 'node77'"),
        (("init", "prod.yaml", "--limit", "node2", "--plan"), "no host is there for kubeadm init"),
        (("join", "node77", "-i", "prod.yaml"), "kscan: HOST: 'node77' matches no host"),
        (("reset", "node77", "-i", "prod.yaml"), "kscan: HOST: 'node77' matches no host"),
        (("join", ",", "-i", "prod.yaml"), "kscan: HOST: ',' matches no host"),
        (("init", "prod.yaml", "-i", "b.yaml"), "two inventories, 'prod.yaml' and --inventory 'b"),
        (("check", "prod.yaml", "-i", "b.yaml"), "two inventories"),
        (("init", "prod.yaml", "--smoke-image", "a"), "--smoke-image is for --smoke"),
        (("join", "node2", "-i", "prod.yaml", "--smoke-timeout", "20"), "--smoke-timeout is for"),
        (("init", "prod.yaml", "--plan", "--format", "json"), "--plan writes text, not --format j"),
        (("join", "node2", "--plan", "--format", "html"), "--plan writes text, not --format html"),
        (("reset", "node2", "--plan", "--format", "json"), "--plan writes text, not --format j"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    kscan: Kscan, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    inventory(tmp_path)
    if "--plan" in words:
        words = (*words, "--captures", str(DEMO / "captures"))
    done = kscan(*words)
    assert done.status == 2
    (line,) = done.err.splitlines()[-1:]
    assert message in line
    assert not (tmp_path / ".kscan").exists()


def test_files_of_the_inventory_are_read_before_anybody_is_asked(
    kscan: Kscan, tmp_path: Path
) -> None:
    path = inventory(tmp_path, "  cni: {manifest: absent.yaml}\n")
    done = kscan("init", path, "--plan", "--captures", DEMO / "captures")
    assert done.status == 2
    assert done.err.splitlines()[-1] == (
        f"kscan: {tmp_path}/absent.yaml: cannot be read: No such file or directory"
    )


@pytest.mark.parametrize("command", ["init prod.yaml", "reset node9 -i prod.yaml"])
@pytest.mark.parametrize(
    ("captures", "why"),
    [("absent", "is no directory"), ("prod.yaml", "is no directory"), (".", "no files *.capture")],
)
def test_captures_that_are_none(
    kscan: Kscan, tmp_path: Path, command: str, captures: str, why: str
) -> None:
    inventory(tmp_path)
    done = kscan(*command.split(), "--plan", "--captures", captures)
    assert (done.status, done.out) == (2, "")
    (line,) = done.err.splitlines()
    assert line.startswith(f"kscan: {captures or '.'}: {why}")


@pytest.mark.parametrize(
    "command",
    ["init prod.yaml --limit node1,node9 --plan --captures", "evaluate -i prod.yaml"],
)
@pytest.mark.parametrize("words", [(), ("-K",)])
def test_saved_hosts_ask_for_no_password(
    kscan: Kscan, tmp_path: Path, command: str, words: tuple[str, ...]
) -> None:
    """Their answers are there; a prompt for sudo has nobody who answers it."""
    path = Path(inventory(tmp_path))
    text = path.read_text(encoding="utf-8")
    login = "defaults: {user: admin, sudoPassword: prompt, password: prompt}\n"
    path.write_text(login + text, encoding="utf-8")
    words = () if command.startswith("evaluate") else words
    done = kscan(*command.split(), DEMO / "captures", *words)
    assert "capture answers" not in done.err
    assert "terminal" not in done.err
    assert done.out, done.err


def test_hosts_that_do_not_answer_are_not_a_failure(kscan: Kscan, tmp_path: Path) -> None:
    words = ("--limit", "node1,node10", "--plan", "--captures", DEMO / "captures")
    done = kscan("init", inventory(tmp_path), *words)
    assert "node10: unreachable" in done.err
    assert done.status == 4


def test_a_plan_goes_where_it_was_asked_for(kscan: Kscan, tmp_path: Path) -> None:
    words = ("--limit", "node1,node9", "--plan", "--captures", DEMO / "captures")
    shown = kscan("init", inventory(tmp_path), *words)
    done = kscan("init", inventory(tmp_path), *words, "--output", "plan.txt")
    assert (done.status, done.out) == (0, "")
    assert (tmp_path / "plan.txt").read_text(encoding="utf-8") == shown.out


def test_init_never_offers_this_machine(kscan: Kscan) -> None:
    assert "this machine itself" in " ".join(kscan("check", "--help").out.split())
    assert "this machine itself" not in " ".join(kscan("init", "--help").out.split())


def test_the_plan_of_a_reset_needs_the_master(kscan: Kscan, tmp_path: Path) -> None:
    captures = tmp_path / "captures"
    captures.mkdir()
    shutil.copy(DEMO / "captures" / "node9.capture", captures)
    (captures / "node1.capture").touch()
    done = kscan("reset", "node9", "-i", inventory(tmp_path), "--plan", "--captures", captures)
    assert (done.status, done.out) == (4, "")
    assert "node1: without its answer there is no plan" in done.err
