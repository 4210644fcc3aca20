from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.cluster.folder import locked, save_kubeconfig
from scanner.cluster.journal import Entry, Event, Journal
from scanner.errors import ClusterError
from scanner.runs.private_file import whole_private


def _lock(folder: Path) -> None:
    with locked(folder, "run1"):
        pass


def _journal(folder: Path) -> None:
    Journal.below(folder).add(Entry("lock", "node1", Event.BEGUN, "run1", "now"))


def _log(folder: Path) -> None:
    with locked(folder, "run1") as held:
        held.keep_output("node1", "kubeadm init", "said")


WRITERS = [("lock", _lock), ("journal.jsonl", _journal), ("logs/node1.log", _log)]


@pytest.mark.parametrize("is_there", [True, False])
@pytest.mark.parametrize(("name", "write"), WRITERS)
def test_nothing_is_written_through_a_link(
    tmp_path: Path, name: str, write: Callable[[Path], None], *, is_there: bool
) -> None:
    victim = tmp_path / "victim"
    if is_there:
        victim.write_text("", encoding="utf-8")
    path = tmp_path / ".kscan" / "c" / name
    path.parent.mkdir(parents=True)
    path.symlink_to(victim)
    with pytest.raises(ClusterError, match=re.escape(f"{path}: no regular file: move it away")):
        write(tmp_path / ".kscan" / "c")
    assert victim.exists() == is_there
    assert not is_there or victim.read_bytes() == b""


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
@pytest.mark.parametrize(("name", "write"), WRITERS)
def test_what_is_no_file_is_named(
    tmp_path: Path, name: str, write: Callable[[Path], None], make: Callable[[Path], None]
) -> None:
    path = tmp_path / ".kscan" / "c" / name
    path.parent.mkdir(parents=True)
    make(path)
    with pytest.raises(ClusterError, match="no regular file: move it away"):
        write(tmp_path / ".kscan" / "c")


def test_logs_do_not_go_to_another_folder(tmp_path: Path) -> None:
    folder = tmp_path / ".kscan" / "c"
    folder.mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (folder / "logs").symlink_to(tmp_path / "other")
    with pytest.raises(ClusterError, match="logs: a link, and no folder"):
        _log(folder)
    assert not list((tmp_path / "other").iterdir())


def test_the_part_of_a_file_is_not_written_through_a_link(tmp_path: Path) -> None:
    """Its name can be guessed, and the file may be one in /tmp."""
    victim = tmp_path / "victim"
    victim.write_text("mine", encoding="utf-8")
    for name in ("report.json", "admin.conf"):
        (tmp_path / f".{name}.{os.getpid()}").symlink_to(victim)
    with whole_private(tmp_path / "report.json") as file:
        file.write("new")
    with pytest.raises(ClusterError, match="cannot be written"):
        save_kubeconfig(tmp_path / "admin.conf", "keys")
    assert victim.read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == "new"


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives a folder to another user")
@pytest.mark.parametrize(("mode", "is_refused"), [(0o777, True), (0o770, True), (0o700, False)])
def test_a_folder_in_which_others_write_is_refused(
    tmp_path: Path, mode: int, *, is_refused: bool
) -> None:
    """With sudo kscan is used in the folder of the user who called it."""
    folder = tmp_path / ".kscan" / "c"
    folder.mkdir(parents=True)
    folder.chmod(mode)
    os.chown(folder, 12345, 12345)
    if not is_refused:
        _lock(folder)
        return
    with pytest.raises(ClusterError, match=r"uid 12345.*others may write to it"):
        _lock(folder)
    assert not list(folder.iterdir())
