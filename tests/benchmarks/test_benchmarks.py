"""What would make figures worthless is refused; the figures themselves are not tested."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

from benchmarks import result
from benchmarks.fleet import Fleet, recorded, whole_answers
from benchmarks.measure import run
from benchmarks.peers import Peer
from benchmarks.result import table
from benchmarks.rounds import Compared, DidNotDoTheWork, Figures, compare, once
from benchmarks.targets import Targets


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    key = tmp_path / "key"
    where = Targets(("127.0.1.1", "127.0.1.2"), 22, key, "ssh-ed25519 AAAA", tmp_path, tmp_path)
    return Fleet(where, where.addresses, tmp_path / "i.yaml", tmp_path / "probe.sh", "kscan end 3")


def printing(text: str) -> Peer:
    command = [sys.executable, "-c", f"print({text!r})"]
    return Peer("a client", lambda _: command, lambda f, out: whole_answers(out, f.last_line))


def test_a_client_that_did_not_do_the_work_has_no_figures(fleet: Fleet) -> None:
    cut = printing("kscan end 3\nkscan end 30")
    with pytest.raises(DidNotDoTheWork, match="a client has answers of 1 of 2 hosts"):
        once(cut, fleet)
    found = compare([cut], fleet, 2, math.inf)
    assert found == Compared((), ("a client has answers of 1 of 2 hosts",) * 2)
    cost = once(printing("kscan end 3\nkscan end 3"), fleet)
    assert cost.cpu > 0
    assert cost.wall > 0


def test_memory_is_that_of_all_processes_together(tmp_path: Path) -> None:
    # 40 MB in the client and 40 MB in its child, for half a second
    hold = "import time; held = b'x' * 40_000_000; "
    child = f"{hold}time.sleep(0.5)"
    parent = f"import subprocess, sys; {hold}subprocess.run([sys.executable, '-c', {child!r}])"
    cost = run([sys.executable, "-c", parent], {}, tmp_path / "log")
    assert cost.memory > 80_000_000


def test_a_recorded_answer_takes_the_boundary_of_the_script(tmp_path: Path) -> None:
    command = recorded(b"kscan-old begin\nkscan-old end 1\n", "kscan-old", tmp_path)
    log = tmp_path / "log"
    line = f"printf 'KSCAN_BOUNDARY=kscan-new\\nmore\\n' | {command}"
    run(["sh", "-c", line], {}, log)
    assert log.read_text() == "kscan-new begin\nkscan-new end 1\n"


def test_each_benchmark_replaces_its_own_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n")
    monkeypatch.setattr(result, "PAGE", page)
    for text in ("new", "newer"):
        result.write("x", text)
        assert page.read_text() == f"a\n<!-- x: begin -->\n{text}\n<!-- x: end -->\nb\n"
    with pytest.raises(ValueError, match="no part y"):
        result.write("y", "lost")


def test_the_page_has_a_part_for_each_benchmark() -> None:
    text = result.PAGE.read_text(encoding="utf-8")
    for part in ("peers", "scale"):
        assert text.count(f"<!-- {part}: begin -->\n") == 1
        assert text.count(f"<!-- {part}: end -->") == 1


def test_ratios_are_to_the_first_row() -> None:
    rows = [Figures("kscan", 10, 2.0, 0.05, 50e6, 3), Figures("other", 10, 3.0, 0.2, 25e6, 3)]
    assert table(rows).splitlines()[-1] == (
        "| other | 10 | 3.00 | 1.50 | 20.0 | 4.00 | 25 | 0.50 | 3 |"
    )
