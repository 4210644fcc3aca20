"""Scripts: they are what a person can read, hold no word of a host, and refuse other machines."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.checks.rule import Finding
from scanner.evaluate import Result
from scanner.fix.host import ground_of
from scanner.fix.script import Origin, script
from scanner.fix.steps import plan
from scanner.report import HostReport, HostStatus
from scanner.verdict import Verdict
from tests.fix.ground import GROUND, LEFT, MENDED, bad

SHELLS = ("dash", "bash", "bash --posix", "busybox sh")
ORIGIN = Origin("192.0.2.11", "20260101T000000Z-0000")
ALL = (*(result for result, _ in MENDED), *(result for result, _, _ in LEFT))
HOSTILE = "x\n$(reboot)\r`id`'\"\x1b[31m\u202e\\"


def whole() -> str:
    return script(plan(GROUND, ALL), ORIGIN)


def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("needs shellcheck")
    path = tmp_path / "node1.sh"
    path.write_text(whole())
    done = subprocess.run(
        # words of names without blanks, on purpose; functions that only some parts call
        ["shellcheck", "-s", "sh", "-e", "SC2013,SC2329", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_it_refuses_another_machine(shell: str) -> None:
    if shutil.which(shell.split(maxsplit=1)[0]) is None:
        pytest.skip(f"needs {shell.split(maxsplit=1)[0]}")
    done = subprocess.run(
        [*shell.split(), "-s"], input=whole(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "another machine; nothing was done" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_it_names_the_checks_and_is_ascii() -> None:
    text = whole()
    for result in ALL:
        assert f"# {result.verdict.upper()} {result.check}" in text
    assert text.isascii()
    assert max(map(len, text.splitlines())) < 400


def test_equal_input_gives_equal_scripts() -> None:
    assert whole() == whole()


def test_what_is_left_is_a_comment() -> None:
    text = script(plan(GROUND, [replace(bad("KS301", "6443"), remedy="Stop it.")]), ORIGIN)
    assert "Left to you:\n#\n# FAIL KS301 6443: it is wrong\n#   Stop it.\n" in text
    assert "part_1" not in text


def test_the_words_of_a_host_are_comments_of_one_line() -> None:
    evil = [
        Result(
            check,
            HOSTILE,
            HOSTILE,
            Verdict.FAIL,
            HOSTILE,
            remedy=HOSTILE,
            findings=(Finding(HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        )
        for check in ("KS104", "KS301", "KS321", "KS204", "KS401", "KS423", "user/x")
    ]
    text = script(plan(GROUND, evil), Origin(HOSTILE, HOSTILE))
    found = [line for line in text.splitlines() if "reboot" in line]
    assert found
    assert all(line.startswith("#") for line in found)


def report(**facts: object) -> HostReport:
    return HostReport(
        "node1",
        HOSTILE,
        "192.0.2.11",
        ("worker",),
        "join-worker",
        HostStatus.NOT_READY,
        facts=facts,
    )


def test_facts_that_are_not_what_they_should_be_are_empty() -> None:
    ground = ground_of(
        report(
            identity={"machineId": HOSTILE},
            addresses={"ipv4": [HOSTILE]},
            os={"id": HOSTILE},
            services={"init": 7, "units": {"docker": "x", HOSTILE: {"exists": True}}},
        )
    )
    assert (ground.machine_id, ground.node_name, ground.address) == ("", "", "")
    assert ground.packages is None
    assert ground_of(replace(report(), facts=None)).machine_id == ""


def test_without_a_machine_id_there_is_no_script() -> None:
    with pytest.raises(ValueError, match="machine-id"):
        script(plan(replace(GROUND, machine_id=""), ALL), ORIGIN)
