"""A person at a terminal: the one question about unknown host keys, and Ctrl-C."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.targets import Targets, missing, targets
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e


@pytest.fixture
def fleet() -> Iterator[Targets]:
    if (reason := missing()) is not None:
        pytest.skip(reason)
    with targets(3) as where:
        yield where


def words(where: Targets) -> list[str]:
    host = f"root@127.0.1.[1-3]:{where.port}"
    return ["check", "--host", host, "--identity-file", str(where.key), "--only", "Swap"]


def test_unknown_keys_are_shown_in_one_table_and_asked_for_once(
    fleet: Targets, tmp_path: Path
) -> None:
    terminal = Terminal(tmp_path, *words(fleet), "--format", "terminal")
    assert terminal.until("[yes/no]")
    for address in fleet.addresses:
        assert f"[{address}]:{fleet.port}" in terminal.seen
    terminal.type("yes\n")
    assert terminal.ended() in {0, 3}
    assert terminal.seen.count("[yes/no]") == 1
    known = (tmp_path / ".ssh" / "known_hosts").read_text().splitlines()
    assert len(known) == len(fleet.addresses)
    again = Terminal(tmp_path, *words(fleet), "--format", "terminal")
    assert again.ended() in {0, 3}
    assert "[yes/no]" not in again.seen


def test_no_is_no(fleet: Targets, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *words(fleet), "--format", "terminal")
    assert terminal.until("[yes/no]")
    terminal.type("no\n")
    assert terminal.ended() == 4
    assert "3 hosts unreachable" in terminal.seen
    assert not (tmp_path / ".ssh" / "known_hosts").exists()


def test_ctrl_c_at_the_question_ends_with_a_report(fleet: Targets, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, *words(fleet), "--format", "terminal")
    assert terminal.until("[yes/no]")
    os.kill(terminal.pid, signal.SIGINT)
    assert terminal.ended() == 130
    assert "interrupted" in terminal.seen
    assert "Traceback" not in terminal.seen


@pytest.mark.parametrize(
    ("answer", "status"), [("no\n", 2), ("\n", 2), ("\x03", 130), ("yes\n", 4)]
)
def test_kubeadm_is_run_only_after_a_yes(tmp_path: Path, answer: str, status: int) -> None:
    """Nothing listens on the port, so that a yes ends with an unreachable host."""
    host = ["check", "--host", "root@127.0.0.1:1", "--format", "json", "--with-kubeadm"]
    terminal = Terminal(tmp_path, *host)
    assert terminal.until("Run it? [yes/no]")
    assert "on 1 host" in terminal.seen
    assert "may pull images" in terminal.seen
    terminal.type(answer)
    assert terminal.ended() == status
    assert ("unreachable" in terminal.seen) is (status == 4)
