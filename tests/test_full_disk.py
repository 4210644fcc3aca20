"""The machine that kscan runs on is full: no host that has answered is lost, nothing is cut."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.runs.nameless_file import NamelessFile
from scanner.runs.private_file import whole_private

DEMO = Path(__file__).parents[1] / "scanner" / "demo"
FULL = Path("/dev/full")


def evaluated(tmp_path: Path, limit: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Judge the demo's captures under a shell's limit."""
    command = f'{limit}; exec "$@"'
    words = ("-m", "scanner", "evaluate", str(DEMO / "captures"))
    return subprocess.run(
        ["sh", "-c", command, "sh", sys.executable, *words, *options],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )


def judged(document: str) -> list[dict[str, object]]:
    """The hosts without how long opening a capture took, which is this machine's own load."""
    hosts = json.loads(document)["hosts"]
    return [{key: value for key, value in host.items() if key != "seconds"} for host in hosts]


def test_a_run_goes_on_in_memory_where_its_file_may_not_grow(tmp_path: Path) -> None:
    options = ("--format", "json")
    good = evaluated(tmp_path, ":", *options)
    small = evaluated(tmp_path, "ulimit -f 20", *options)
    assert small.returncode == good.returncode
    assert judged(small.stdout) == judged(good.stdout)
    assert "takes no more" in small.stderr
    assert "Traceback" not in small.stderr


def test_a_document_is_whole_or_not_there(tmp_path: Path) -> None:
    small = evaluated(tmp_path, "ulimit -f 20", "--format", "json", "--output", "report.json")
    assert small.returncode == 2
    assert "cannot be written" in small.stderr
    assert not list(tmp_path.glob("*report.json*"))


def _written_in_part(path: Path) -> None:
    with whole_private(path) as file:
        file.write("half")
        raise OSError(28, "the disk is full")


def test_what_was_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old", encoding="utf-8")
    link = tmp_path / "latest"
    link.symlink_to(path)
    with pytest.raises(OSError, match="full"):
        _written_in_part(path)
    assert path.read_text(encoding="utf-8") == "old"
    with whole_private(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == "new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(child.name for child in tmp_path.iterdir()) == ["latest", "report.json"]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("check", "--host", "127.0.0.1:1", "--format", "json"), 4, "kept in memory"),
        (("demo",), 2, "the demo needs a directory for its keys"),
    ],
)
def test_ssh_is_loaded_where_no_file_can_be_written(
    tmp_path: Path, words: tuple[str, ...], status: int, says: str
) -> None:
    """Whatever programs asyncssh starts to look for libraries."""
    run = subprocess.run(
        ["sh", "-c", 'ulimit -f 0; exec "$@"', "sh", sys.executable, "-m", "scanner", *words],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, "Traceback" in run.stderr) == (status, False), run.stderr
    assert says in run.stderr


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_a_log_that_cannot_be_written_costs_the_log_only(tmp_path: Path) -> None:
    good = evaluated(tmp_path, ":", "--format", "json")
    full = evaluated(tmp_path, ":", "--format", "json", "--log-file", str(FULL), "-vvv")
    assert full.returncode == good.returncode
    assert judged(full.stdout) == judged(good.stdout)
    assert "Traceback" not in full.stderr
    assert "Logging error" not in full.stderr
    assert "is not whole: No space left on device" in full.stderr


def test_captures_that_cannot_be_saved_cost_themselves_only(tmp_path: Path) -> None:
    (tmp_path / "kept" / "cp1.capture").mkdir(parents=True)  # no file can have its name
    (tmp_path / "host.yaml").write_text("hosts: [{name: cp1, address: 127.0.0.1, port: 1}]\n")
    words = ("-m", "scanner", "check", "host.yaml", "--format", "json", "--save-captures", "kept")
    ended = subprocess.run(
        [sys.executable, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 4
    assert [host["name"] for host in judged(ended.stdout)] == ["cp1"]
    assert "1 captures were not saved" in ended.stderr
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["cp1.capture"]


def test_too_few_descriptors_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "host.yaml").write_text("hosts: [{name: a, address: 127.0.0.1, port: 1}]\n")
    words = ("-m", "scanner", "check", "host.yaml", "--format", "json")
    ended = subprocess.run(
        ["sh", "-c", 'ulimit -n 8; exec "$@"', "sh", sys.executable, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "ulimit -n is 8" in ended.stderr


def test_pieces_come_back_from_both_places() -> None:
    file = NamelessFile()
    first = file.put(b"one")
    file._takes_more = False
    second = file.put(b"two")
    assert (file.get(second), file.get(first)) == (b"two", b"one")
    file.close()


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("command", "end", "status"),
    [
        ("init i.yaml --plan --captures {captures}", ">/dev/full", 2),
        ("reset node9 -i i.yaml --plan --captures {captures}", ">/dev/full", 2),
        ("init i.yaml --plan --captures {captures}", "| head -n 1", 0),
        ("init --help", ">/dev/full", 2),
        ("--version", ">/dev/full", 2),
    ],
)
def test_a_stdout_that_takes_no_more_is_one_line(
    tmp_path: Path, command: str, end: str, status: int
) -> None:
    (tmp_path / "i.yaml").write_text(
        "hosts: [{name: node1, address: 192.0.2.11, roles: [control-plane]}, "
        "{name: node9, address: 192.0.2.19}]\n"
    )
    words = command.format(captures=DEMO / "captures")
    ended = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m scanner {words} {end}; exit ${{PIPESTATUS[0]}}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(DEMO.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == status, ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.splitlines()) == (1 if status else 0)


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("check --host 127.0.0.1:1", 4),
        ("check --host 127.0.0.1:1 --log-file /dev/full", 4),
        ("demo", 0),
        ("check --no-such-option", 2),
    ],
)
@pytest.mark.parametrize("end", ["2>/dev/full", "2>&-"])
def test_a_stderr_that_takes_no_more_leaves_the_status_as_it_is(
    tmp_path: Path, words: str, status: int, end: str
) -> None:
    ended = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m scanner {words} {end}"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(DEMO.parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == status
    assert "Traceback" not in ended.stdout
