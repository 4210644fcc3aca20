"""`kscan fix` on saved captures and on this machine: scripts, refusals, exit status."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scanner.cli import fixing, scripts
from scanner.cli.fixing import _consent
from scanner.demo import CAPTURES
from scanner.errors import UsageError
from scanner.fix.host import Ground
from scanner.fix.steps import Part, Plan
from tests.command import Kscan

WRONG = {
    ("--yes",): "--yes answers the question of --apply",
    ("--apply",): "without a terminal say --yes",
    ("--apply", "--yes", "--captures", "x"): "none is connected to",
    ("--captures", "no-such"): "no-such",
    ("--only", "Swop"): "did you mean Swap",
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_options(kscan: Kscan, words: tuple[str, ...]) -> None:
    ended = kscan("fix", "--host", "192.0.2.1", *words)
    assert (ended.status, ended.out) == (2, "")
    assert WRONG[words] in ended.err


def test_a_script_for_each_host_that_needs_one(kscan: Kscan, tmp_path: Path) -> None:
    ended = kscan("fix", "--captures", CAPTURES, "--output", tmp_path / "fixes")
    assert ended.out == ""
    assert ended.status == 4, "node10 was not reached"
    scripts = sorted((tmp_path / "fixes").iterdir())
    assert {"node3.sh", "node5.sh"} <= {path.name for path in scripts}
    assert (tmp_path / "fixes").stat().st_mode & 0o777 == 0o700
    for path in scripts:
        assert path.stat().st_mode & 0o777 == 0o700
        assert subprocess.run(["sh", "-n", path], check=False).returncode == 0
    assert "no_swap" in (tmp_path / "fixes" / "node5.sh").read_text()
    assert "kscan: node10: no script: " in ended.err
    assert not (tmp_path / "reports").exists()


def test_several_scripts_go_beside_the_reports(kscan: Kscan, tmp_path: Path) -> None:
    kscan("fix", "--captures", CAPTURES)
    (script,) = (tmp_path / "reports").glob("*/fix/node5.sh")
    assert f"# by the run {script.parts[-3]}. " in script.read_text(), "what --keep goes by"
    for directory in script.parents[:3]:
        assert directory.stat().st_mode & 0o777 == 0o700


def test_one_script_is_shown(kscan: Kscan, tmp_path: Path) -> None:
    ended = kscan("fix", "--captures", CAPTURES, "--limit", "node5", "--only", "Swap")
    assert ended.status == 0
    assert ended.out.startswith("#!/bin/sh\n")
    assert "part swap part_1" in ended.out
    assert not (tmp_path / "reports").exists()


def test_a_directory_that_cannot_be_written_is_one_line(kscan: Kscan, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = kscan("fix", "--captures", CAPTURES, "--output", tmp_path / "file")
    assert ended.status == 2
    assert "cannot be written" in ended.err


def test_nothing_is_left_of_a_script_that_was_cut(kscan: Kscan) -> None:
    """`sh` runs nothing before the last line but definitions."""
    text = kscan("fix", "--captures", CAPTURES, "--limit", "node5").out
    main = text.index("\nmain() {")
    for end in range(0, main, 97):
        shell = shutil.which("dash") or "sh"
        done = subprocess.run(
            [shell, "-s"], input=text[:end], capture_output=True, text=True, check=False
        )
        assert done.stdout == ""


@pytest.mark.parametrize(
    ("end", "status"),
    [(">/dev/full", 2), (">&-", 2), ("| true", 0)],
    ids=["full", "closed", "pipe"],
)
def test_a_stdout_that_cannot_be_written(tmp_path: Path, end: str, status: int) -> None:
    command = f"{sys.executable} -m scanner fix --captures {CAPTURES} --limit node5 {end}"
    done = subprocess.run(
        ["bash", "-c", f"{command}; exit ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(Path.cwd())},
        cwd=tmp_path,
    )
    assert done.returncode == status, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("answer", ["no\n", "", "\n", "yes please\n"])
def test_nothing_is_run_unless_the_answer_is_yes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answer: str
) -> None:
    mended = {"node1": ("swap", "services"), "node2": ("swap",)}
    monkeypatch.setattr(sys, "stdin", io.StringIO(answer))
    with pytest.raises(UsageError, match="no host was changed"):
        _consent(mended, Path("fixes"), yes=False)
    told = capsys.readouterr().err
    assert "to be changed: swap on 2 hosts" in told
    assert "Run the scripts in fixes as root on 2 hosts? [yes/no] " in told
    monkeypatch.setattr(sys, "stdin", io.StringIO("yes\n"))
    _consent(mended, Path("fixes"), yes=False)


def test_a_script_that_was_run_leaves_its_words_and_a_second_check(
    kscan: Kscan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On this machine, with a script in the place of the one that would change it."""
    monkeypatch.setattr(
        scripts, "script", lambda made, _origin: f"echo 'kscan fix: {made.ground.name} done'\n"
    )
    monkeypatch.setattr(scripts, "plan", planned)
    ended = kscan("fix", "--apply", "--yes", "--only", "IsPrivilegedUser", "--skip", "KS104")
    (log,) = (tmp_path / "reports").glob("*/fix/*.log")
    assert log.stat().st_mode & 0o777 == 0o600
    name = log.name.removesuffix(".log")
    assert log.read_text() == f"kscan fix: {name} done\n{name} done\n"
    assert f"kscan: {name}: {name} done: {log.relative_to(tmp_path)}" in ended.err
    assert ended.status in {0, 3}
    assert "IsPrivilegedUser" in ended.out


def planned(ground: Ground, _results: object) -> Plan:
    return Plan(ground, (Part("swap", (), (), ()),), ())


def test_a_script_that_somebody_has_changed_is_not_run(
    kscan: Kscan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changes(_mended: object, directory: Path, *, yes: bool) -> None:
        del yes
        (script,) = directory.glob("*.sh")
        script.write_text(f": >{tmp_path}/there\n")

    monkeypatch.setattr(scripts, "script", lambda _made, _origin: "echo\n")
    monkeypatch.setattr(scripts, "plan", planned)
    monkeypatch.setattr(fixing, "_consent", changes)
    ended = kscan("fix", "--apply", "--yes", "--only", "IsPrivilegedUser")
    assert "the script is not what kscan has written; it was not run" in ended.err
    assert not (tmp_path / "there").exists()


def test_ctrl_c_keeps_what_a_script_has_said(tmp_path: Path) -> None:
    """On this machine, with a script in the place of the one that would change it."""
    code = (
        "import sys; from scanner.cli import scripts; from scanner.fix.steps import Part, Plan;"
        "scripts.plan = lambda ground, _: Plan(ground, (Part('swap', (), (), ()),), ());"
        f"scripts.script = lambda *_: 'echo so far; : >{tmp_path}/begun; sleep 600\\n';"
        "sys.argv = ['kscan', 'fix', '--apply', '--yes', '--only', 'KS104'];"
        "from scanner.__main__ import main; sys.exit(main())"
    )
    environment = os.environ | {"PYTHONPATH": str(Path.cwd())}
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        text=True,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        while not (tmp_path / "begun").exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    (log,) = (tmp_path / "reports").glob("*/fix/*.log")
    assert log.read_text().startswith("so far\n")
    assert "interrupted; what it was doing there may be half done" in log.read_text()
    assert f"kscan: {log.stem}: its end was not seen: interrupted" in err
    assert "the scripts had begun on 1 of 1 host, and were not run on 0" in err
