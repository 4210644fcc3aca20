"""`kscan demo`: real SSH to servers that answer from captures of real hosts."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

from scanner.demo import FOLDER
from scanner.demo.expected import blocking, differences, expected
from scanner.evaluate import Result
from scanner.probe.capture import SUFFIX, load
from scanner.report import HostReport, HostStatus
from scanner.verdict import Verdict
from tests.command import Kscan

CAPTURES = sorted((FOLDER / "captures").glob(f"*{SUFFIX}"))


def test_every_host_is_judged_as_expected_and_the_reports_are_left(
    kscan: Kscan, tmp_path: Path
) -> None:
    ended = kscan("demo")
    assert ended.status == 0, ended.err
    assert "every host was judged as expected" in ended.err
    assert "NOT READY: 3 of 10 hosts ready" in ended.out
    reports = tmp_path / "reports"
    (run,) = (path for path in reports.iterdir() if path.name != "latest")
    assert (reports / "latest").resolve() == run.resolve()
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    assert {path.name for path in run.iterdir()} == {"report.json", "report.html"}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in run.iterdir())
    report = json.loads((run / "report.json").read_text())
    assert report["schema"] == "kscan.report/v1"
    assert report["summary"]["hosts"] == {
        "total": 10,
        "ready": 3,
        "notReady": 6,
        "member": 0,
        "halfDone": 0,
        "unreachable": 1,
    }


def test_another_verdict_than_the_expected_one_is_an_error() -> None:
    failed = Result("KS104", "Swap", "", Verdict.FAIL, "swap is on", blocking=True)
    host = HostReport("n", "n", "a", (), "init", HostStatus.NOT_READY, results=(failed,))
    assert blocking(host) == {"Swap"}
    assert differences([host], {"n": frozenset({"Swap"})}) == []
    assert differences([host], {"n": frozenset()}) == ["n: expected ready, judged Swap"]
    assert differences([], {"n": frozenset()}) == ["n: expected ready, judged no such host"]


def test_the_fleet_has_the_faults_that_were_asked_for() -> None:
    wanted = expected(FOLDER / "expected.yaml")
    assert len({names for names in wanted.values() if names}) >= 6
    assert frozenset({"unreachable"}) in wanted.values()
    assert {path.name.removesuffix(SUFFIX) for path in CAPTURES} == set(wanted)


def test_captures_hold_documentation_addresses_only() -> None:
    for path in CAPTURES:
        capture = load(path.read_bytes())
        text = capture.stdout.decode() + capture.address + capture.unreachable
        private = re.findall(r"\b(?:10|172|192\.168)\.\d+\.\d+\.?\d*\b", text)
        # docker0 has it on every host
        assert set(private) <= {"172.17.0.1"}, path.name
        machine_id = re.search(r"^machine_id=(\w+)$", text, re.MULTILINE)
        assert machine_id is None or machine_id[1].startswith("0" * 16)
