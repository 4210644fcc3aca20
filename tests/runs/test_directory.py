"""`reports/`: what is written there, and what is never touched."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from scanner.report import Run
from scanner.runs.directory import LATEST, point_latest, write_run
from scanner.runs.old import remove_old_runs
from tests.render.fleet import report_of, small_fleet

IDS = tuple(f"2026010{day}T101500Z-00a{day}" for day in range(1, 6))


def written(reports: Path, *ids: str) -> None:
    for run_id in ids:
        write_run(report_of(small_fleet()[:1], Run(run_id, "2026-01-01T10:15:00Z", 1.0)), reports)


def runs(reports: Path) -> list[str]:
    return sorted(path.name for path in reports.iterdir())


def test_only_the_owner_can_read_a_run(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    written(reports, IDS[0])
    run = reports / IDS[0]
    assert stat.S_IMODE(reports.stat().st_mode) == 0o700
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in run.iterdir()} == {
        "report.json": 0o600,
        "report.html": 0o600,
    }


def test_latest_follows_the_runs(tmp_path: Path) -> None:
    for run_id in IDS[:2]:
        written(tmp_path, run_id)
        assert point_latest(tmp_path, run_id) == ""
        assert str((tmp_path / LATEST).readlink()) == run_id
    assert (tmp_path / LATEST / "report.json").is_file()
    assert runs(tmp_path) == [*IDS[:2], LATEST]


def test_a_link_of_kscans_that_hangs_is_replaced(tmp_path: Path) -> None:
    (tmp_path / LATEST).symlink_to(IDS[0])
    assert point_latest(tmp_path, IDS[1]) == ""
    assert str((tmp_path / LATEST).readlink()) == IDS[1]


@pytest.mark.parametrize("what", ["directory", "file", "link elsewhere", "link to a neighbour"])
def test_what_is_not_kscans_link_stays(tmp_path: Path, what: str) -> None:
    link = tmp_path / LATEST
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    if what == "directory":
        link.mkdir()
    elif what == "file":
        link.write_text("mine")
    else:
        link.symlink_to(precious if what == "link elsewhere" else "precious")
    before = link.lstat()
    assert "left as it is" in point_latest(tmp_path, IDS[0])
    assert link.lstat().st_ino == before.st_ino
    assert (precious / "file").read_text() == "x"
    assert not list(tmp_path.glob(".latest*"))


def test_a_file_system_without_links_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "symlink", refuse)
    note = point_latest(tmp_path, IDS[0])
    assert note.endswith("could be made: Operation not permitted")
    assert runs(tmp_path) == []


def test_the_newest_stay(tmp_path: Path) -> None:
    written(tmp_path, *IDS)
    point_latest(tmp_path, IDS[4])
    assert remove_old_runs(tmp_path, 2, IDS[4]) == ()
    assert runs(tmp_path) == [*IDS[3:], LATEST]
    assert remove_old_runs(tmp_path, 1, IDS[4]) == ()
    assert runs(tmp_path) == [IDS[4], LATEST]


def test_the_run_just_written_stays_however_late_the_clock_is(tmp_path: Path) -> None:
    written(tmp_path, *IDS)
    assert remove_old_runs(tmp_path, 2, IDS[0]) == ()
    assert runs(tmp_path) == [IDS[0], IDS[4]]


def test_nothing_else_is_counted_or_touched(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    reports = tmp_path / "reports"
    written(reports, *IDS)
    written(elsewhere, "20250101T101500Z-0001")
    (reports / IDS[0] / "notes.txt").write_text("mine")
    (reports / IDS[1] / "report.html").unlink()
    (reports / IDS[1] / "report.html").symlink_to(elsewhere)
    (reports / IDS[2] / "report.json").write_text('{"schema":"mine"}')
    (reports / "20250101T101500Z-0001").symlink_to(elsewhere / "20250101T101500Z-0001")
    (reports / "20240101T101500Z-0001").mkdir()
    (reports / "20240101T101500Z-0002").write_text("a file")
    (reports / "sample").mkdir()
    (reports / "20250101T101500Z-0001.old").mkdir()
    (reports / IDS[3]).rename(reports / "20230101T101500Z-0001")
    before = runs(reports)
    assert remove_old_runs(reports, 1, IDS[4]) == ()
    assert runs(reports) == before
    assert (elsewhere / "20250101T101500Z-0001" / "report.json").is_file()


def test_a_run_without_a_page_is_a_run(tmp_path: Path) -> None:
    written(tmp_path, *IDS[:2])
    (tmp_path / IDS[0] / "report.html").unlink()
    assert remove_old_runs(tmp_path, 1, IDS[1]) == ()
    assert runs(tmp_path) == [IDS[1]]


def test_what_cannot_be_taken_away_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, *IDS[:3])

    def refuse(_path: Path) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "rmdir", refuse)
    problems = remove_old_runs(tmp_path, 1, IDS[2])
    assert "cannot be looked through" in remove_old_runs(tmp_path / "none", 1, IDS[2])[0]
    assert [problem.split(": ", 1)[1] for problem in problems] == [
        "cannot be removed: Permission denied"
    ] * 2


def test_directories_of_another_user_are_not_kscans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, *IDS[:2])
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert remove_old_runs(tmp_path, 1, IDS[1]) == ()
    assert runs(tmp_path) == list(IDS[:2])


def scripts(reports: Path, run_id: str) -> Path:
    """What `kscan fix` leaves."""
    directory = reports / run_id / "fix"
    directory.mkdir(parents=True)
    (directory / "n1.sh").write_text(f"#!/bin/sh\n# What\n# by the run {run_id}. Read it\n")
    (directory / "n1.log").write_text("x")
    return directory


def test_runs_of_fix_are_kscans(tmp_path: Path) -> None:
    for run_id in IDS[:2]:
        scripts(tmp_path, run_id)
    written(tmp_path, IDS[2])
    assert remove_old_runs(tmp_path, 2, IDS[2]) == ()
    assert runs(tmp_path) == [*IDS[1:3]]


def test_scripts_that_are_not_surely_kscans_stay(tmp_path: Path) -> None:
    written(tmp_path, IDS[4])
    (scripts(tmp_path, IDS[0]) / "notes.txt").write_text("mine")
    (scripts(tmp_path, IDS[1]) / "n1.sh").write_text("#!/bin/sh\nmine\n")
    (scripts(tmp_path, IDS[2]).parent / "notes.txt").write_text("mine")
    elsewhere = scripts(tmp_path / "elsewhere", IDS[3])
    (tmp_path / IDS[3]).mkdir()
    (tmp_path / IDS[3] / "fix").symlink_to(elsewhere)
    before = runs(tmp_path)
    assert remove_old_runs(tmp_path, 1, IDS[4]) == ()
    assert runs(tmp_path) == before
    assert (elsewhere / "n1.sh").exists()
