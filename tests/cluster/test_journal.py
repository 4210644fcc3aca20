from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.cluster.earlier_cluster import is_of_earlier, set_aside
from scanner.cluster.folder import Folder, folder_of, locked, save_kubeconfig
from scanner.cluster.journal import Entry, Event, Journal
from scanner.errors import ClusterError
from scanner.target import Role
from tests.cluster.machine import member, place, plan


def entry(event: Event, host: str = "node1", job: str = "j", ca: str = "") -> Entry:
    return Entry("init", host, event, "r", "2026-01-01T00:00:00+00:00", job, clean=True, ca=ca)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    journal = Journal.below(tmp_path)
    for event in (Event.BEGUN, Event.DONE):
        journal.add(entry(event))
    journal.add(entry(Event.BEGUN, "node2", ca="c0"))
    again = Journal.below(tmp_path)
    assert again.last("init", "node1") == entry(Event.DONE)
    assert [*again.open_jobs()] == [entry(Event.BEGUN, "node2", ca="c0")]
    assert again.ca == "c0"
    assert (tmp_path / "journal.jsonl").stat().st_mode & 0o777 == 0o600


def test_a_line_of_which_the_disk_took_a_part_was_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What follows must not be begun: a later run would know nothing of it."""
    real, free = os.write, [20]

    def write(descriptor: int, data: bytes) -> int:
        if not free[0]:
            raise OSError(28, "No space left on device")
        done = real(descriptor, data[: free[0]])
        free[0] -= done
        return done

    journal = Journal.below(tmp_path)
    with monkeypatch.context() as disk:
        disk.setattr(os, "write", write)
        with pytest.raises(ClusterError, match="No space left"):
            journal.add(entry(Event.BEGUN))
    assert [*journal.open_jobs()] == []
    journal.add(entry(Event.FAILED))
    assert [*Journal.below(tmp_path).open_jobs()] == [entry(Event.FAILED)]


@pytest.mark.parametrize("number", [None, errno.EINVAL, errno.EIO])
def test_the_name_of_a_new_journal_is_on_the_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int | None
) -> None:
    real, folders = os.fsync, []

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            folders.append(os.fstat(descriptor).st_ino)
            if number is not None:
                raise OSError(number, "no")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    journal = Journal.below(tmp_path)
    if number == errno.EIO:
        with pytest.raises(ClusterError, match=r"journal\.jsonl: cannot be written: no"):
            journal.add(entry(Event.BEGUN))
        return
    for event in (Event.BEGUN, Event.DONE):
        journal.add(entry(event))
    assert folders == [tmp_path.stat().st_ino], "once, for a new one"
    journal.set_aside("run2")
    journal.add(entry(Event.BEGUN))
    assert len(folders) == 2


@pytest.mark.parametrize(
    ("event", "is_open"),
    [(Event.BEGUN, True), (Event.FAILED, True), (Event.DONE, False), (Event.UNDONE, False)],
)
def test_what_is_still_to_be_looked_at(tmp_path: Path, event: Event, *, is_open: bool) -> None:
    journal = Journal.below(tmp_path)
    journal.add(entry(Event.BEGUN))
    journal.add(entry(event))
    assert bool([*journal.open_jobs()]) is is_open


def test_an_undoing_is_of_what_was_begun_before_it(tmp_path: Path) -> None:
    journal = Journal.below(tmp_path)
    first, second = entry(Event.FAILED, job="j1"), entry(Event.FAILED, job="j2")
    undo = replace(entry(Event.BEGUN, job="u1"), phase="undo")
    journal.add(replace(first, event=Event.BEGUN))
    journal.add(replace(undo, host="node2"))
    journal.add(first)
    assert journal.undoing(first) is None
    journal.add(undo)
    journal.add(replace(undo, event=Event.FAILED))
    assert journal.undoing(first) == replace(undo, event=Event.FAILED)
    journal.add(replace(second, event=Event.BEGUN))
    journal.add(second)
    assert journal.undoing(second) is None, "it was of the one before"
    assert journal.jobs("node1") == ("j1", "u1", "j2")


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_line_that_was_cut_is_left_out_and_spoils_no_other(tmp_path: Path, cut: int) -> None:
    journal = Journal.below(tmp_path)
    journal.add(entry(Event.BEGUN))
    journal.add(entry(Event.DONE))
    path = tmp_path / "journal.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    again = Journal.below(tmp_path)
    assert again.last("init", "node1") == entry(Event.BEGUN)
    again.add(entry(Event.FAILED))
    assert Journal.below(tmp_path).last("init", "node1") == entry(Event.FAILED)


WHOLE = (
    '{"phase": "init", "host": "node1", "event": "begun", "run": "r", "at": "t", "job": "j",'
    ' "clean": true, "ca": "c0"}'
)


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "begun"}',
        '{"event": "x"}',
        "[]",
        '{"a": 1}',
        "5",
        "soon",
        "[" * 200_000,
        '{"phase": ' + "[" * 3000,
        WHOLE.replace('"init"', '["p"]'),
        WHOLE.replace('"begun"', '["begun"]'),
        WHOLE.replace('"j"', "7"),
        WHOLE.replace('"j"', '"j; reboot"'),
        WHOLE.replace('"j"', '"../../tmp/j"'),
        WHOLE.replace("true", '"yes"'),
        WHOLE.replace('"c0"', "5"),
        WHOLE.replace('"host": "node1", ', ""),
        WHOLE.replace('"host"', '"hosts"'),
        WHOLE + WHOLE,
    ],
    ids=lambda line: line[:40],
)
def test_a_line_that_kscan_did_not_write_is_named(tmp_path: Path, line: str) -> None:
    """It would decide about kubeadm reset, and its job is part of a command."""
    path = tmp_path / "journal.jsonl"
    for text in (f"{WHOLE}\n{line}\n{WHOLE}", f"{WHOLE}\n{line}"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ClusterError, match=r"line 2 is no entry .* set it aside"):
            Journal.below(tmp_path)


@pytest.mark.parametrize(
    "cut", [b"", b"{", b'{"phase": "in', b'{"phase": "init", "h\0\0\0', b"\0\0"]
)
def test_what_a_loss_of_power_leaves_is_passed_over(tmp_path: Path, cut: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    for data in (WHOLE.encode() + b"\n" + cut, cut + b"\n" + WHOLE.encode()):
        path.write_bytes(data)
        assert Journal.below(tmp_path).ca == "c0"


@pytest.mark.parametrize("name", ["journal.jsonl", "lock", "admin.conf", "logs/node1.log"])
def test_a_fifo_keeps_nobody_waiting(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    os.mkfifo(path)
    with pytest.raises(ClusterError, match=re.escape(str(path))):
        use_everything(tmp_path)


def use_everything(path: Path) -> None:
    with locked(path, "r") as folder:
        Journal.below(path)
        save_kubeconfig(folder.kubeconfig, "a\n")
        folder.keep_output("node1", "init", "out")


def test_a_new_cluster_begins_anew(tmp_path: Path) -> None:
    journal = Journal.below(tmp_path)
    journal.add(entry(Event.BEGUN, ca="c0"))
    journal.set_aside("r2")
    assert (journal.ca, [*journal.open_jobs()]) == ("", [])
    assert (tmp_path / "journal.jsonl.r2").exists()
    journal.add(entry(Event.DONE))
    assert [*Journal.below(tmp_path).open_jobs()] == []


def test_git_does_not_take_the_keys_that_lie_beside_an_inventory(tmp_path: Path) -> None:
    path = folder_of(tmp_path / "prod.yaml", "prod")
    ignore = path.parent / ".gitignore"
    with locked(path, "run1"):
        assert ignore.read_text(encoding="utf-8") == "*\n"
    ignore.write_text("own\n", encoding="utf-8")
    with locked(path, "run2"):
        assert ignore.read_text(encoding="utf-8") == "own\n"


def test_a_second_one_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    path = folder_of(tmp_path / "prod.yaml", "prod")
    with (
        locked(path, "run1"),
        pytest.raises(ClusterError, match=r"another kscan is at work.*process \d+.*run run1"),
        locked(path, "run2"),
    ):
        pytest.fail("two have the lock")
    with locked(path, "run3") as folder:
        assert folder.holder.endswith("run run3")
    assert path.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("called", ["flock", "ftruncate"])
def test_a_lock_that_the_file_system_cannot_hold_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str
) -> None:
    """NFS without its lock daemon; a quota."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl if called == "flock" else os, called, fail)
    path = folder_of(tmp_path / "prod.yaml", "prod")
    with (
        pytest.raises(ClusterError, match=r"/lock: cannot be (locked|written).*No locks available"),
        locked(path, "run1"),
    ):
        pytest.fail("nobody has the lock")


def test_a_log_does_nothing_to_the_terminal_that_it_is_read_on(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "somebody")
    printed = "[preflight]\n\t[WARNING X]: y\r\x1b[2J\x1b]0;owned\x07\u202e\n" + "z" * 99_999
    path = folder.keep_output("node1", "init", printed)
    first, *lines, last = path.read_text(encoding="utf-8").splitlines()
    assert first.endswith(" init")
    assert lines[0] == "[preflight]"
    assert lines[1].startswith("        [WARNING X]: y")
    assert "".join(lines).isprintable()
    assert last.endswith("... (+83615)")
    folder.keep_output("node1", "again", "")
    assert path.read_text(encoding="utf-8").endswith(" again\n")


def link_fails(number: int) -> Callable[..., None]:
    def link(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return link


def test_a_file_that_cannot_be_written_leaves_no_part_of_admin_conf(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", link_fails(errno.ENOSPC))
    path = tmp_path / "admin.conf"
    with pytest.raises(ClusterError, match="cannot be written: No space left"):
        save_kubeconfig(path, "a\n")
    assert [*tmp_path.iterdir()] == []


def test_a_file_system_without_links_keeps_admin_conf_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", link_fails(errno.EPERM))
    path = tmp_path / "admin.conf"
    assert save_kubeconfig(path, "a\n")
    assert not save_kubeconfig(path, "a\n")
    with pytest.raises(ClusterError, match="is not overwritten"):
        save_kubeconfig(path, "b\n")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["admin.conf"]


def test_a_link_that_leads_nowhere_is_an_admin_conf_of_another(tmp_path: Path) -> None:
    path = tmp_path / "admin.conf"
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ClusterError, match="is not overwritten: move it away"):
        save_kubeconfig(path, "a\n")
    assert not (tmp_path / "elsewhere").exists()
    where = place(tmp_path)
    assert is_of_earlier(where, plan(member("node1", Role.INIT)), "")
    set_aside(where)
    assert not os.path.lexists(path)


def test_admin_conf_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "admin.conf"
    assert save_kubeconfig(path, "a\n")
    assert not save_kubeconfig(path, "a\n")
    with pytest.raises(ClusterError, match="is not overwritten"):
        save_kubeconfig(path, "b\n")
    assert path.read_text(encoding="utf-8") == "a\n"
    assert [file.name for file in tmp_path.iterdir()] == ["admin.conf"]
