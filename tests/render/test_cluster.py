"""What verify says, on a screen and in a file."""

from __future__ import annotations

import datetime
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from scanner.errors import ReportError
from scanner.render import schema, terminal
from scanner.render.json import write as write_json
from scanner.render.saved import read
from scanner.report import Report
from scanner.request import Cluster, Request
from scanner.verdict import Verdict
from scanner.verify.catalogue import VERIFY_CATALOGUE
from scanner.verify.judge import judge
from scanner.verify.objects import Ref
from scanner.verify.observed import Listed
from scanner.verify.report import report_of
from scanner.verify.result import VerifyResult
from scanner.versions import parse_version
from tests.verify.recorded import cluster, expected, listed, without

BEGAN = datetime.datetime(2026, 11, 26, 11, tzinfo=datetime.UTC)
REQUEST = Request((), Cluster(kubernetes_version=parse_version("v1.20.2")))


def report(*results: VerifyResult, complete: bool = True) -> Report:
    version = parse_version("v1.20.2")
    made = report_of(REQUEST, version, results, started=BEGAN, seconds=1.0, complete=complete)
    return replace(made, header=replace(made.header, run=replace(made.header.run, id="run")))


def spoilt() -> tuple[VerifyResult, ...]:
    seen = without(cluster(), Ref("DaemonSet", "kube-proxy", "kube-system"))
    pods = seen.all(Listed.CONTROL_PLANE_PODS)
    rest = (pod for pod in pods if pod["metadata"]["labels"]["component"] != "etcd")
    return judge(VERIFY_CATALOGUE, listed(seen, Listed.CONTROL_PLANE_PODS, *rest), expected())


def shown(some: Report, *, width: int = 100) -> str:
    out = io.StringIO()
    terminal.write(some, out, width=width, colour=False, only_failing=None)
    return out.getvalue()


def test_golden(golden: Callable[[str, str], None]) -> None:
    golden("verify.txt", shown(report(*spoilt())))


def test_all_is_well() -> None:
    text = shown(report(*judge(VERIFY_CATALOGUE, cluster(), expected())))
    assert "VERIFIED: " in text
    assert "NOT VERIFIED" not in text
    assert "FAIL" not in text


def test_what_was_interrupted_is_not_verified() -> None:
    results = judge(VERIFY_CATALOGUE, cluster(), expected())
    assert "NOT VERIFIED: 31 passed, 2 not asked, interrupted" in shown(
        report(*results, complete=False)
    )


@pytest.mark.parametrize("width", [20, 80, 200])
def test_a_thousand_nodes_fit_and_none_acts_on_the_terminal(width: int) -> None:
    bad = "\x1b[31m\u202e"
    results = [
        VerifyResult("KS826", f"node{n}{bad}", Verdict.FAIL if n == 7 else Verdict.PASS, bad)
        for n in range(1000)
    ]
    text = shown(report(*results), width=width)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) < 20


def test_the_document_is_what_the_schema_says_and_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with path.open("w", encoding="utf-8") as out:
        write_json(report(*spoilt()), out)
    document = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema.schema()).validate(document)
    again = read(path)
    assert again.verify == spoilt()
    assert again.header.summary.verify[Verdict.FAIL] == sum(
        result.verdict is Verdict.FAIL for result in spoilt()
    )
    assert not again.header.ready


def test_two_results_of_one_check_are_no_report(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    with path.open("w", encoding="utf-8") as out:
        write_json(report(*spoilt(), spoilt()[0]), out)
    with pytest.raises(ReportError, match="two results about the cluster"):
        read(path)


def test_a_version_that_nobody_knows_is_not_guessed() -> None:
    made = report_of(Request(()), None, spoilt(), started=BEGAN, seconds=1.0)
    assert made.header.cluster.kubernetes_version == ""
    assert "Kubernetes (not known: the API server was not reached)" in shown(made)
