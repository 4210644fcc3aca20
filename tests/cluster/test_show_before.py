"""What `--plan` shows of the ends that an earlier run has left; nothing is written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cluster.half_done import to_undo
from scanner.cluster.journal import Entry, Event, Journal
from scanner.cluster.phase import UNDO_NAME
from scanner.cluster.show_before import undo_lines, waited_for
from scanner.target import Role
from tests.cluster.machine import member, plan

BEGUN = Entry("join-worker", "node2", Event.BEGUN, "run0", "2026-11-26", "job", clean=True)
FAILED = replace(BEGUN, event=Event.FAILED)
UNDOING = Entry(UNDO_NAME, "node2", Event.FAILED, "run1", "2026-11-26", "job1")
MASTER = member("node1", Role.INIT, joined=True)
WORKER = member("node2", Role.JOIN_WORKER)


def journal(folder: Path, *entries: Entry) -> Journal:
    made = Journal.below(folder)
    for entry in entries:
        made.add(entry)
    return made


def test_only_what_has_no_end_is_waited_for(tmp_path: Path) -> None:
    elsewhere = replace(BEGUN, host="node9")
    found = [*waited_for(journal(tmp_path, BEGUN, elsewhere), ["node1", "node2"])]
    assert [line.partition(" an")[0] for line in found] == ["first: node2:"]
    assert [*waited_for(journal(tmp_path, FAILED), ["node2"])] == []


@pytest.mark.parametrize(
    ("entries", "good", "undone"),
    [
        ((BEGUN, FAILED), False, True),
        ((BEGUN,), False, True),
        ((BEGUN, FAILED), True, False),
        ((replace(BEGUN, clean=False), replace(FAILED, clean=False)), False, False),
        ((BEGUN, replace(BEGUN, event=Event.DONE)), False, False),
        ((BEGUN, FAILED, UNDOING), True, True),  # its Node may still be there
    ],
)
def test_who_would_be_undone(
    tmp_path: Path, entries: tuple[Entry, ...], *, good: bool, undone: bool
) -> None:
    found = to_undo(journal(tmp_path, *entries), lambda _host: good)
    assert [entry.host for entry in found] == (["node2"] if undone else [])
    assert UNDO_NAME not in [entry.phase for entry in found]


def test_every_command_of_an_undoing_is_shown(tmp_path: Path) -> None:
    wanted = plan(MASTER, WORKER)
    shown = [*undo_lines([FAILED], journal(tmp_path, BEGUN, FAILED), wanted)]
    assert "did not end well, is undone" in shown[0]
    assert any("/run/kscan-job/status" in line for line in shown), "the proof comes first"
    assert any("kubeadm reset --force" in line for line in shown)
    assert any("delete node node2" in line for line in shown)
    assert shown[-1] == "   then all hosts are checked again"


def test_of_an_undoing_that_was_begun_both_ways_are_shown(tmp_path: Path) -> None:
    """Which one is gone is known only when the host has been asked for its proof."""
    ends = journal(tmp_path, BEGUN, FAILED, UNDOING)
    shown = [*undo_lines([FAILED], ends, plan(MASTER, replace(WORKER, clean=True)))]
    whole, mark, rest = "\n".join(shown).partition("if it does not, as after a boot")
    assert mark
    assert "/run/kscan-job/status" in whole
    assert "kubeadm reset --force" in whole
    assert "kubeadm reset --force" not in rest
    assert "delete node node2" in whole
    assert "delete node node2" in rest
    assert [*undo_lines([FAILED], ends, plan(MASTER, replace(WORKER, joined=True)))] == []
