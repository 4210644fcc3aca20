"""`kscan diff`: what has changed, and the exit status that follows."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from scanner.render.json import write
from scanner.report import HostReport
from tests.command import Kscan
from tests.render.fleet import fail, host, report_of, unreachable, warn

GOOD = host("a", "10.0.0.1")
BAD = host("a", "10.0.0.1", Swap=fail("swap is on", "Turn it off."))
LOST = unreachable("a", "10.0.0.1", "no answer")
WARNS = host("a", "10.0.0.1", Swap=warn("swap is on"))


def saved(path: Path, hosts: Iterable[HostReport]) -> Path:
    with path.open("w", encoding="utf-8") as out:
        write(report_of(hosts), out)
    return path


@pytest.mark.parametrize(
    ("hosts", "status", "says"),
    [
        (([GOOD], [GOOD]), 0, "NOT WORSE: nothing has changed"),
        (([GOOD], [BAD]), 3, "WORSE: 1 new problem, 0 gone"),
        (([BAD], [GOOD]), 0, "NOT WORSE: 0 new problems, 1 gone"),
        (([LOST], [WARNS]), 0, "NOT WORSE: 0 new problems, 0 gone; 1 first judged now; another"),
        (([LOST], [BAD]), 0, "Swap (KS201): not judged -> FAIL"),
        (([GOOD], []), 0, "0 hosts added, 1 lost"),
        (([], [BAD]), 3, "1 host added, 0 lost"),
    ],
)
def test_exit_status(
    kscan: Kscan,
    tmp_path: Path,
    hosts: tuple[list[HostReport], list[HostReport]],
    status: int,
    says: str,
) -> None:
    old, new = saved(tmp_path / "old.json", hosts[0]), saved(tmp_path / "new.json", hosts[1])
    ended = kscan("diff", old, new)
    assert (ended.status, ended.err) == (status, "")
    assert says in ended.out
    ended = kscan("diff", old, new, "--format", "json")
    assert ended.status == status
    assert json.loads(ended.out)["worse"] == (status == 3)


def test_the_newest_run_is_the_new_one(kscan: Kscan, tmp_path: Path) -> None:
    old = saved(tmp_path / "old.json", [GOOD])
    run = tmp_path / "reports" / "latest"
    run.mkdir(parents=True)
    saved(run / "report.json", [BAD])
    assert kscan("diff", old).status == 3


def test_stdin_and_output(kscan: Kscan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = saved(tmp_path / "old.json", [GOOD]), saved(tmp_path / "new.json", [BAD])
    with old.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        ended = kscan("diff", "-", new, "--output", "diff.txt")
    assert (ended.status, ended.out) == (3, "")
    assert "swap is on" in (tmp_path / "diff.txt").read_text()
    assert (tmp_path / "diff.txt").stat().st_mode & 0o777 == 0o600


def test_the_demo_against_itself_leaves_links_and_keeps_runs(kscan: Kscan, tmp_path: Path) -> None:
    captures = Path(__file__).parents[2] / "scanner" / "demo" / "captures"
    kscan("evaluate", captures, "--quiet")
    (first,) = {p.name for p in (tmp_path / "reports").iterdir()} - {"latest"}
    again = kscan("evaluate", captures, "--only", "Swap", "--keep", "5")
    assert "Reports: reports/" in again.err
    ended = kscan("diff", f"reports/{first}")
    assert ended.status == 0
    assert "Problems of which the new report says nothing" in ended.out
    assert "Note: --only: none before, swap now" in ended.out
    kscan("evaluate", captures, "--keep", "1")
    (last,) = {p.name for p in (tmp_path / "reports").iterdir()} - {"latest"}
    assert last != first
    assert (tmp_path / "reports" / "latest").resolve().name == last
