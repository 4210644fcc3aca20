from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from scanner.cluster.result import Outcome, PhaseResult
from scanner.diff.summary import DiffSummary
from scanner.render import diff_json, diff_text, schema
from scanner.render.json import write
from scanner.render.saved import read
from scanner.report import HostReport, HostStatus, HostVersions, Report, Run
from scanner.runs.nameless_file import NamelessFile
from scanner.runs.two_reports import Comparison, compare
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult
from tests.render.fleet import (
    between_hosts,
    fail,
    host,
    report_of,
    small_fleet,
    unreachable,
    varied_fleet,
    warn,
)
from tests.render.hostile import WORDS, hostile_report

LATER = Run("20260201T101500Z-77aa", "2026-02-01T10:15:00Z", 2.5)


@contextmanager
def compared(old: Report, new: Report) -> Iterator[tuple[Comparison, DiffSummary]]:
    file = NamelessFile()
    comparison = compare(old, new, file)
    yield comparison, comparison.summary()
    file.close()


def text(old: Report, new: Report) -> str:
    out = io.StringIO()
    with compared(old, new) as (comparison, summary):
        diff_text.write(comparison, summary, out, width=100, colour=False)
    return out.getvalue()


def document(old: Report, new: Report) -> str:
    out = io.StringIO()
    with compared(old, new) as (comparison, summary):
        diff_json.write(comparison, summary, out)
    return out.getvalue()


def newer_fleet() -> list[HostReport]:
    """The small fleet a day later: one of everything has changed."""
    cp1, node1, node2, _node3, node4, node5, node6, evil = small_fleet()
    swap = fail("swap is on: /dev/dm-1", "Turn swap off.")
    mended = host("node4", "10.0.0.14", Port_10250=warn("port 10250 is in use"))
    back = host("node6", "10.0.0.16")
    return [
        replace(cp1, facts={"Cpu": {"online": 8}, "Swap": {"devices": ["/dev/sda2"]}}),
        unreachable("node1", node1.address, "no answer from 10.0.0.11:22 within 10 s"),
        replace(host("node2", node2.address, Swap=swap), versions=HostVersions("v1.32.0")),
        replace(mended, seconds=node4.seconds),
        node5,
        back,
        replace(evil, notes=(*evil.notes, node6.reason)),
        host("node7", "10.0.0.17", Swap=swap),
    ]


OLD = report_of(small_fleet(), fleet=between_hosts())
NEW = report_of(
    newer_fleet(),
    LATER,
    fleet=tuple(replace(r, hosts=(), findings=()) for r in between_hosts() if r.check != "KS711"),
)


def test_golden(golden: Callable[[str, str], None]) -> None:
    golden("diff.txt", text(OLD, NEW))
    golden("diff.json", document(OLD, NEW))


def test_documents_are_what_the_schema_says() -> None:
    wanted = schema.schema(diff_json.DiffDocument)
    assert schema.DIFF_PATH.read_text(encoding="utf-8") == schema.text(diff_json.DiffDocument)
    validator = jsonschema.Draft202012Validator(wanted)
    for old, new in ((OLD, NEW), (NEW, OLD), (OLD, OLD), (report_of([]), OLD)):
        validator.validate(json.loads(document(old, new)))
    assert not validator.is_valid({**json.loads(document(OLD, NEW)), "worse": 1})


def test_counts() -> None:
    found = json.loads(document(OLD, NEW))
    assert found["worse"]
    summary = found["summary"]
    assert (summary["added"], summary["lost"]) == (1, 1)
    by_name = {one["name"]: one for one in found["hosts"]}
    assert by_name["node3"]["after"] is None
    assert by_name["node7"]["before"] is None
    assert by_name["node1"]["after"] == HostStatus.UNREACHABLE
    assert by_name["node1"]["rows"] == []
    assert [fact["fact"] for fact in by_name["cp1"]["facts"]] == ["Cpu.online", "Swap.devices"]
    assert "node5" not in by_name
    kinds = [row["kind"] for one in found["hosts"] for row in one["rows"]]
    assert summary["new"] == kinds.count("new") + sum(
        row["kind"] == "new" for row in found["fleet"]
    )


def test_the_running_cluster_and_the_phases() -> None:
    ready = report_of([host("cp1", "10.0.0.11")])
    good = VerifyResult("KS801", "", Verdict.PASS, "it is")
    bad = replace(good, verdict=Verdict.FAIL, message="it is not", blocking=True)
    failed = (PhaseResult("init", "cp1", Outcome.FAILED, 1.0, "kubeadm says no"),)
    old, new = replace(ready, verify=(good,)), replace(ready, verify=(bad,), phases=failed)
    said = text(old, new)
    assert "the cluster: KS801: ok -> FAIL" in said
    assert "Phases\n  not there -> failed init on cp1\n         kubeadm says no\n" in said
    assert said.endswith("WORSE: 1 new problem, 0 gone; 1 phase changed\n")
    found = json.loads(document(old, new))
    jsonschema.Draft202012Validator(schema.schema(diff_json.DiffDocument)).validate(found)
    assert found["worse"]
    assert not json.loads(document(new, old))["worse"]


def test_not_ready_any_more_is_worse() -> None:
    ready = report_of([host("cp1", "10.0.0.11")])
    assert ready.header.ready
    cut = replace(ready, header=replace(ready.header, ready=False))
    assert text(ready, cut).endswith("\nWORSE: 0 new problems, 0 gone; no longer ready\n")
    assert text(cut, cut).endswith("NOT WORSE: nothing has changed\n")


def test_the_same_report_has_not_changed() -> None:
    with compared(OLD, OLD) as (comparison, summary):
        assert summary.is_empty
        assert not summary.worse
        assert comparison.notes() == ()
    assert text(OLD, OLD).endswith("NOT WORSE: nothing has changed\n")


def test_what_makes_two_reports_hard_to_compare() -> None:
    header = replace(
        NEW.header,
        cluster=replace(NEW.header.cluster, kubernetes_version="v1.32.0"),
        run=replace(LATER, only=("Swap",), complete=False),
    )
    with compared(OLD, replace(NEW, header=header)) as (comparison, _):
        assert comparison.notes() == (
            "Kubernetes: v1.31.2 before, v1.32.0 now",
            "--only: none before, Swap now",
            "the new run was interrupted before every host had finished",
        )
    with compared(NEW, OLD) as (comparison, _):
        assert comparison.notes() == ("the new report is older than the old one",)


@pytest.mark.parametrize("name", sorted(WORDS.keys() - {"surrogate"}))
def test_hostile_reports(name: str) -> None:
    evil = hostile_report(WORDS[name])
    for old, new in ((OLD, evil), (evil, OLD), (hostile_report("other"), evil)):
        for shown in (text(old, new), document(old, new)):
            assert not set(shown) & set("\x1b\x07\x9b\u202e\u2066\r\0\u2028")
            assert "\nfake" not in shown


def test_large_reports_are_compared_a_host_at_a_time(tmp_path: Path) -> None:
    paths = []
    for number, kinds in enumerate((1, 3)):
        paths.append(tmp_path / f"{number}.json")
        with paths[-1].open("w", encoding="utf-8") as out:
            write(report_of(varied_fleet(1_000, kinds)), out)
    tracemalloc.start()
    with compared(read(paths[0]), read(paths[1])) as (_, summary):
        pass
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert summary.new
    assert most < paths[0].stat().st_size / 2
