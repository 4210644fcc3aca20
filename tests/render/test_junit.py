from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

import pytest
import xmlschema

from scanner.edges.checks import CLOSED
from scanner.fleet.judge import FleetResult
from scanner.render.junit import REACHED, write
from scanner.report import HostSeconds, Report
from scanner.verdict import Verdict
from tests.render.fleet import applied, between_hosts, host, report_of, small_fleet
from tests.render.hostile import WORDS, hostile_report

SCHEMA = xmlschema.XMLSchema(Path(__file__).parent / "schemas" / "junit-10.xsd")
KINDS = ("failure", "error", "skipped")


def written(report: Report) -> str:
    out = io.StringIO()
    write(report, out)
    return out.getvalue()


def tree(report: Report) -> Element:
    return fromstring(written(report))


def test_golden(golden: Callable[[str, str], None]) -> None:
    golden("junit.xml", written(report_of(small_fleet(), fleet=between_hosts())))


@pytest.mark.parametrize("name", WORDS)
def test_hostile_documents_are_valid(name: str) -> None:
    SCHEMA.validate(written(hostile_report(WORDS[name])))


def test_documents_are_what_the_schema_says() -> None:
    for report in (report_of([]), report_of(small_fleet(), fleet=between_hosts())):
        SCHEMA.validate(written(report))
    odd = replace(host("a", "b"), seconds=HostSeconds(float("inf"), 1e300))
    SCHEMA.validate(written(report_of([odd])))


def test_the_schema_refuses_what_is_not_junit() -> None:
    assert not SCHEMA.is_valid("<testsuites><testsuite/></testsuites>")


def test_a_suite_for_each_host_and_what_becomes_of_each_verdict() -> None:
    suites = {suite.get("name"): suite for suite in tree(report_of(small_fleet()))}
    assert list(suites) == [one.name for one in small_fleet()]
    for one in small_fleet():
        cases = {case.get("name"): case for case in suites[one.name].iter("testcase")}
        assert len(cases) == len(one.results) + 1
        for result in one.results:
            case = cases[f"{result.check} {result.kubeadm or 'Clock source tsc'}"]
            kinds = [child.tag for child in case]
            wanted = {
                Verdict.PASS: [],
                Verdict.FAIL: ["failure"],
                Verdict.WARN: ["system-out"],
                Verdict.SKIP: ["skipped"],
                Verdict.UNKNOWN: ["error" if result.blocking else "skipped"],
            }
            assert kinds == wanted[result.verdict]


def test_a_host_that_was_not_reached_is_an_error() -> None:
    (suite,) = tree(report_of(small_fleet()[5:6]))
    (case,) = suite.iter("testcase")
    assert case.get("name") == REACHED
    assert "no answer from 10.0.0.15:22" in str(case[0].get("message"))


@pytest.mark.parametrize("make", [applied, lambda: report_of(small_fleet(), fleet=between_hosts())])
def test_all_counts_are_those_of_what_is_there(make: Callable[[], Report]) -> None:
    root = tree(make())
    whole: Counter[str] = Counter()
    for suite in root:
        found = Counter(child.tag for case in suite.iter("testcase") for child in case)
        found["tests"] = sum(1 for _ in suite.iter("testcase"))
        for name, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.get(name) == str(found[kind])
        assert suite.get("tests") == str(found["tests"])
        whole += found
    assert root.get("tests") == str(whole["tests"])
    assert root.get("failures") == str(whole["failure"])
    assert root.get("errors") == str(whole["error"])


def test_edges_have_a_suite_of_their_own() -> None:
    closed = FleetResult(CLOSED.id, "a>b:6443/tcp", Verdict.FAIL, "dropped", blocking=True)
    root = tree(report_of([host("a", "10.0.0.1")], fleet=(*between_hosts()[5:6], closed)))
    assert [suite.get("name") for suite in root] == ["a", "between hosts", "edges"]


def test_the_running_cluster_and_the_phases_have_suites() -> None:
    report = applied()
    SCHEMA.validate(written(report))
    suites = {suite.get("name"): suite for suite in tree(report)}
    cluster, done = suites["the running cluster"], suites["phases"]
    kinds = [[child.tag for child in case] for case in cluster.iter("testcase")]
    assert kinds == [[], ["failure"], ["error"], ["system-out"], ["skipped"]]
    assert len({case.get("name") for case in cluster.iter("testcase")}) == len(report.verify)
    kinds = [[child.tag for child in case] for case in done.iter("testcase")]
    assert kinds == [[], [], ["failure"], ["error"]]


def test_dots_of_a_host_are_no_packages_and_times_have_no_zone() -> None:
    (suite,) = tree(report_of([host("node1.example.com", "10.0.0.1")]))
    assert {case.get("classname") for case in suite.iter("testcase")} == {"kscan.node1_example_com"}
    assert suite.get("name") == "node1.example.com"
    assert suite.get("timestamp") == "2026-01-31T10:15:00"
    assert suite.get("time") == "0.550"
