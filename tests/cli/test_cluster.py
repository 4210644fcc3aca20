"""`kscan init`, `join` and `reset` as they are typed; no host is connected to."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("init",), "never falls back to this machine"),
        (("join", "node2"), "never falls back to this machine"),
        (("reset", "node2"), "never falls back to this machine"),
        (("init", "prod.yaml", "--captures", "."), "--captures is for --plan"),
        (("init", "prod.yaml", "--master", "node77"), "no host 'node77'"),
        (("init", "prod.yaml", "--limit", "node2", "--plan"), "no host is there for kubeadm init"),
        (("join", "node77", "-i", "prod.yaml"), "'node77' matches no host"),
        (("reset", "node77", "-i", "prod.yaml"), "'node77' matches no host"),
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
