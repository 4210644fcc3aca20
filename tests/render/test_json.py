from __future__ import annotations

import io
import json
import re
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from scanner.cluster.report import with_work
from scanner.cluster.result import Outcome, PhaseResult
from scanner.errors import ReportError
from scanner.render import schema
from scanner.render.json import write
from scanner.render.saved import read
from scanner.report import HostReport, HostSeconds, HostStatus, Report, Run
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult
from tests.render.fleet import HOST, between_hosts, host, report_of, small_fleet, varied_fleet


def written(report: Report) -> str:
    out = io.StringIO()
    write(report, out)
    return out.getvalue()


def saved(path: Path, report: Report) -> Path:
    file = path / "report.json"
    file.write_text(written(report), encoding="utf-8")
    return file


def test_golden(golden: Callable[[str, str], None]) -> None:
    golden("report.json", written(report_of(small_fleet(), fleet=between_hosts())))


def test_the_schema_file_is_in_sync() -> None:
    hint = "run `python -m scanner.render.schema`"
    assert schema.PATH.read_text(encoding="utf-8") == schema.text(), hint


def test_documents_are_what_the_schema_says() -> None:
    validator = jsonschema.Draft202012Validator(schema.schema())
    jsonschema.Draft202012Validator.check_schema(schema.schema())
    bare = HostReport("a", "", "", (), "", small_fleet()[5].status)
    for hosts in ([], [bare], small_fleet()):
        validator.validate(json.loads(written(report_of(hosts))))
    validator.validate(json.loads(written(report_of([], fleet=between_hosts()))))


@pytest.mark.parametrize(
    "change",
    [
        {"unknown": 1},
        {"schema": "kscan.report/v2"},
        {"hosts": [{"name": "a"}]},
        {"ready": "yes"},
        {"run": {}},
    ],
)
def test_the_schema_refuses_what_is_not_a_report(change: dict[str, Any]) -> None:
    document = {**json.loads(written(report_of(small_fleet()))), **change}
    assert not jsonschema.Draft202012Validator(schema.schema()).is_valid(document)


def test_keys_and_their_order() -> None:
    document = json.loads(written(report_of(small_fleet())))
    keys = "schema tool run cluster ready summary titles hosts fleet edges phases verify"
    assert list(document) == keys.split()
    assert (document["fleet"], document["edges"]) == ([], None)
    assert "kubernetesVersionFrom" in document["cluster"]
    assert document["hosts"][4]["results"][7]["kubeadmSays"]


def test_each_host_is_one_line() -> None:
    text = written(report_of(small_fleet()))
    lines = [line.rstrip(",") for line in text.split("\n")]
    names = [json.loads(line)["name"] for line in lines if line.startswith('{"name"')]
    assert names == [one.name for one in small_fleet()]


def test_two_runs_differ_in_id_and_times_only() -> None:
    later = Run("20260201T000000Z-ffff", "2026-02-01T00:00:00Z", 99.5)
    slow = [replace(one, seconds=HostSeconds(9.9, 8.8)) for one in small_fleet()]
    first, second = written(report_of(small_fleet())), written(report_of(slow, later))
    assert first != second
    times = re.compile(r'"(id|startedAt|seconds)":("[^"]*"|[0-9.]+|{[^}]*})')
    assert times.sub("", first) == times.sub("", second)


def test_characters_that_act_on_a_terminal_are_escaped() -> None:
    text = written(report_of([host("a\u202e\x9b\u2028\x7fé", "\U000e0041")]))
    assert not set(text) & set("\u202e\x9b\u2028\x7f")
    assert json.loads(text)["hosts"][0]["name"] == "a\u202e\x9b\u2028\x7fé"


def test_a_stream_without_utf_8_gets_the_same_document() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="latin-1")
    report = report_of([host("é✔\U0001f600", "")])
    write(report, out)
    out.flush()
    assert raw.getvalue().isascii()
    assert json.loads(raw.getvalue()) == json.loads(written(report))


def test_writing_many_hosts_costs_no_memory() -> None:
    line = HOST.dump_json(host("n", "10.0.0.1"), by_alias=True)

    def lines() -> Iterator[bytes]:
        return (line.replace(b'"n"', b'"n%d"' % number) for number in range(5_000))

    report = Report(report_of([]).header, lambda: map(HOST.validate_json, lines()), lines)
    with open("/dev/null", "w", encoding="utf-8") as out:  # noqa: PTH123 - a stream that keeps nothing
        tracemalloc.start()
        write(report, out)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 1_000_000


def test_round_trip(tmp_path: Path) -> None:
    report = report_of(small_fleet(), fleet=between_hosts())
    back = read(saved(tmp_path, report))
    assert back.header == report.header
    assert back.fleet == report.fleet
    assert list(back.hosts()) == small_fleet()
    assert list(back.hosts()) == small_fleet()
    assert written(back) == written(report)


def test_a_file_laid_out_by_another_program(tmp_path: Path) -> None:
    report = report_of(small_fleet(), fleet=between_hosts())
    file = tmp_path / "pretty.json"
    file.write_text(json.dumps(json.loads(written(report)), indent=4))
    assert written(read(file)) == written(report)


def test_two_results_between_hosts_of_one_check(tmp_path: Path) -> None:
    twice = (*between_hosts(), between_hosts()[0])
    with pytest.raises(ReportError, match="two results between hosts"):
        read(saved(tmp_path, report_of(small_fleet(), fleet=twice)))


def test_a_result_between_hosts_that_are_not_there(tmp_path: Path) -> None:
    few = report_of(small_fleet()[:1], fleet=between_hosts())
    with pytest.raises(ReportError, match="a host that is not there"):
        read(saved(tmp_path, few))


def test_no_hosts(tmp_path: Path) -> None:
    assert list(read(saved(tmp_path, report_of([]))).hosts()) == []


def test_reading_keeps_no_host_in_memory(tmp_path: Path) -> None:
    file = saved(tmp_path, report_of(varied_fleet(1_000, 60)))
    tracemalloc.start()
    report = read(file)
    kept, most = tracemalloc.get_traced_memory()
    assert sum(1 for _ in report.hosts()) == 1_000
    tracemalloc.stop()
    assert most < file.stat().st_size / 2
    assert kept < 300_000


WHOLE = report_of(small_fleet(), fleet=between_hosts())
COUNTS = (
    *(("hosts", key) for key in ("ready", "notReady", "member", "halfDone", "unreachable")),
    *(("verdicts", verdict.value) for verdict in Verdict),
    *(("fleet", verdict.value) for verdict in Verdict),
    *(("blockingUnknown",), ("warnings",), ("retries",), ("retriedHosts",)),
)


@pytest.mark.parametrize("indent", [None, 1], ids=["ours", "pretty"])
@pytest.mark.parametrize("place", COUNTS, ids="-".join)
def test_an_edited_count_is_refused(
    tmp_path: Path, place: tuple[str, ...], indent: int | None
) -> None:
    document = json.loads(written(WHOLE))
    part = document["summary"]
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] += 1
    with pytest.raises(ReportError, match=r"does not count what it holds: cut or edited"):
        read(relaid(tmp_path, document, indent))


def test_a_report_of_before_the_hosts_were_counted_is_read(tmp_path: Path) -> None:
    hosts = [replace(one, retries=2) for one in small_fleet()[:2]]
    document = json.loads(written(report_of(hosts)))
    assert document["summary"].pop("retriedHosts") == 2
    assert read(relaid(tmp_path, {**document}, None)).header.summary.retries == 4
    document["summary"]["retriedHosts"] = 1
    with pytest.raises(ReportError, match=r"does not count what it holds"):
        read(relaid(tmp_path, document, None))


def relaid(folder: Path, document: dict[str, Any], indent: int | None) -> Path:
    """Write a document in our layout, or in another one."""
    file = folder / "edited.json"
    if indent:
        file.write_text(json.dumps(document, indent=indent))
    else:
        hosts = ",\n".join(map(json.dumps, document.pop("hosts")))
        head = json.dumps(document)[:-1]
        file.write_text(f'{head},\n"hosts":[\n{hosts}\n]}}\n')
    return file


@pytest.mark.parametrize("indent", [None, 1], ids=["ours", "pretty"])
def test_a_document_laid_out_anew_is_the_same(tmp_path: Path, indent: int | None) -> None:
    back = written(read(relaid(tmp_path, json.loads(written(WHOLE)), indent)))
    assert json.loads(back) == json.loads(written(WHOLE))


def test_ready_is_what_the_hosts_are(tmp_path: Path) -> None:
    for hosts, ready in ((small_fleet(), False), (small_fleet()[:1], True)):
        document = json.loads(written(report_of(hosts)))
        assert document["ready"] is ready
        document["ready"] = not ready
        with pytest.raises(ReportError, match=r"calls itself .*: cut or edited"):
            read(relaid(tmp_path, document, None))
    document = json.loads(written(report_of(small_fleet()[:1])))
    document["run"]["complete"] = False
    with pytest.raises(ReportError, match=r"calls itself ready, but what it holds is not ready"):
        read(relaid(tmp_path, document, None))


def test_the_work_and_the_proof_are_counted_too(tmp_path: Path) -> None:
    check = report_of(small_fleet()[:1])
    done = PhaseResult("init", "cp1", Outcome.DONE, 1.0)
    proof = VerifyResult("KS801", "", Verdict.PASS, "")
    made = with_work(check, (done,), (proof,))
    assert written(read(saved(tmp_path, made))) == written(made)
    edits: tuple[Callable[[dict[str, Any]], object], ...] = (
        lambda d: d["phases"][0].update(outcome="failed"),
        lambda d: d["verify"][0].update(verdict="fail", blocking=True),
        lambda d: d["summary"]["verify"].update({"pass": 2}),
    )
    for edit in edits:
        document = json.loads(written(made))
        assert document["ready"]
        edit(document)
        with pytest.raises(ReportError, match="cut or edited"):
            read(relaid(tmp_path, document, None))


def test_a_ready_host_has_no_result_that_blocks(tmp_path: Path) -> None:
    bad = replace(small_fleet()[4], status=HostStatus.READY)
    with pytest.raises(ReportError, match=r"host 1 is ready, but a result blocks it"):
        read(saved(tmp_path, report_of([bad])))


AMBIGUOUS = (
    ('"verdict":"fail"', '"verdict":"fail","verdict":"pass"', "the key 'verdict' is there twice"),
    ('"ready":false', '"ready":true,"ready":false', "the key 'ready' is there twice"),
    ('"Cpu":{"online":4}', '"Cpu":{"online":8,"online":4}', "the key 'online' is there twice"),
    ('"seconds":2.718', '"seconds":NaN', "NaN is no number"),
    ('"probe":0.34', '"probe":-Infinity', "-Infinity is no number"),
    ('"online":4', '"online":1e999', "a number is too large"),
)


@pytest.mark.parametrize("pretty", [False, True])
@pytest.mark.parametrize(("old", "new", "said"), AMBIGUOUS, ids=[new for _, new, _ in AMBIGUOUS])
def test_json_that_other_readers_take_otherwise(
    tmp_path: Path, old: str, new: str, said: str, *, pretty: bool
) -> None:
    text = written(WHOLE)
    assert old in text
    text = text.replace(old, new, 1)
    file = tmp_path / "report.json"
    file.write_text(text.replace('"hosts":[', '"hosts": [') if pretty else text)
    with pytest.raises(ReportError, match=said):
        read(file)


def _edited(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda _: "", "not a report of kscan"),
        (lambda _: "[]", "not a report of kscan"),
        (lambda _: '{"a": 1}', "not a report of kscan"),
        (lambda text: text[:-40], "not a report of kscan"),
        (lambda text: text[: len(text) // 2], "not a report of kscan"),
        (_edited("report/v1", "report/v2"), "schema: Input should be 'kscan.report/v1'"),
        (_edited('"verdict":"pass"', '"verdict":"fine"'), "host 1: results.0.verdict: Input"),
        (
            _edited('"retries":0,"versions"', '"retries":"0","versions"'),
            "host 1: retries: Input should be",
        ),
        (_edited('"name":"node2"', '"name":"node1"'), "two hosts are named 'node1'"),
        (_edited('"total":8', '"total":9'), "counts 9 hosts but has 8"),
        (_edited('"check":"KS102"', '"check":"KS101"'), "host 1 has two results for one check"),
        (lambda text: "[" * 100_000 + text, "not a report of kscan"),
        (_edited('"ready":false', '"ready":"\x1b[31m"'), "not a report of kscan"),
    ],
)
def test_a_wrong_file_is_an_error_in_one_line(
    tmp_path: Path, damage: Callable[[str], str], said: str
) -> None:
    file = tmp_path / "report.json"
    file.write_text(damage(written(report_of(small_fleet()))), encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        read(file)
    message = str(caught.value)
    assert said in message
    assert message.startswith(str(file))
    assert message.isprintable()


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="No such file"):
        read(tmp_path / "none.json")
    with pytest.raises(ReportError, match="directory"):
        read(tmp_path)
    (tmp_path / "binary").write_bytes(b"\x80\xff\n" * 100)
    with pytest.raises(ReportError, match="not a report"):
        read(tmp_path / "binary")


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    file = saved(tmp_path, report_of(small_fleet()))
    report = read(file)
    saved(tmp_path, report_of(small_fleet()[:2]))
    with pytest.raises(ReportError, match="has changed"):
        list(report.hosts())
