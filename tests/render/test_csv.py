from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.render.csv import COLUMNS, FORMULAS, LONGEST, guarded, write
from scanner.render.harmless import harmless
from scanner.report import Report
from tests.render.fleet import applied, between_hosts, report_of, small_fleet
from tests.render.hostile import WORDS, hostile_report


def written(report: Report) -> str:
    out = io.StringIO()
    write(report, out)
    return out.getvalue()


def table(report: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written(report), newline=""), strict=True))


def unguarded(cell: str) -> str:
    """What README tells readers to do."""
    return cell.removeprefix("'")


def test_golden(golden: Callable[[str, str], None]) -> None:
    text = written(report_of(small_fleet(), fleet=between_hosts()))
    golden("report.csv", text.replace("\r\n", "\n"))


def test_a_line_for_each_result_and_each_host_that_was_not_reached() -> None:
    fleet, between = small_fleet(), between_hosts()
    rows = table(report_of(fleet, fleet=between))
    lost = [host for host in fleet if not host.results]
    assert len(rows) == sum(len(host.results) for host in fleet) + len(lost) + len(between)
    assert written(report_of(fleet, fleet=between)).count("\r\n") == len(rows) + 1
    assert tuple(rows[0]) == COLUMNS


def test_the_round_trip_that_is_promised() -> None:
    fleet = small_fleet()
    rows = iter(table(report_of(fleet)))
    for host in fleet:
        for result in host.results or (None,):
            row = {name: unguarded(cell) for name, cell in next(rows).items()}
            assert (row["host"], row["status"]) == (host.name, host.status)
            if result is None:
                assert (row["check"], row["verdict"]) == ("", "unknown")
                assert row["message"] == host.reason
                continue
            assert (row["check"], row["subject"]) == (result.check, result.subject)
            assert row["verdict"] == result.verdict
            assert row["kubeadm"] == (result.kubeadm or "")
            assert row["message"] == harmless(result.message, limit=LONGEST)
            assert row["remedy"] == result.remedy
            assert row["blocking"] == str(result.blocking).lower()
            assert row["ignored"] == (result.ignored.reason if result.ignored else "")


@pytest.mark.parametrize("name", WORDS)
def test_no_cell_is_a_formula(name: str) -> None:
    for row in table(hostile_report(WORDS[name])):
        for cell in row.values():
            assert not cell.lstrip(" ").startswith(FORMULAS)


@given(st.text())
def test_the_guard_can_be_taken_off(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).lstrip(" ").startswith(FORMULAS)


def test_nothing_begins_where_a_semicolon_ends_a_cell() -> None:
    spoiled = small_fleet()[0]
    report = report_of([replace(spoiled, name='a;=1; "+2;"@3; b')])
    (name,) = {row["host"] for row in table(report)}
    assert name == r'a\x3b=1\x3b "+2\x3b"@3; b'


def test_the_running_cluster_and_the_phases() -> None:
    report = applied()
    told = table(report)
    rows = told[-len(report.verify) - len(report.phases) :]
    seen = [(row["host"], row["check"], row["subject"], row["verdict"]) for row in rows]
    assert seen == [
        *(("", one.check, one.subject, one.verdict.value) for one in report.verify),
        ("cp1", "phase", "init", "pass"),
        ("cp1", "phase", "addons", "pass"),
        ("node1", "phase", "join", "fail"),
        ("node2", "phase", "join", "unknown"),
    ]
    assert rows[-2]["message"] == "kubeadm ended with 1"
    assert rows[-2]["kubeadmSays"].endswith("; x")
    assert [row["blocking"] for row in rows[-4:]] == ["false", "false", "true", "true"]
    assert {len(row) for row in told} == {len(COLUMNS)}
