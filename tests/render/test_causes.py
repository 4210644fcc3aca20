"""Problems by cause: every failed row once, under one problem, and the headline counts problems."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import Hurdle
from scanner.evaluate import Ignored, Result
from scanner.matrix import PROBLEMS, build, worst
from scanner.render.causes import Cause, causes, headline
from scanner.report import HostReport
from scanner.request import ContainerRuntime
from scanner.verdict import Verdict
from tests.render.fleet import report_of, varied_fleet
from tests.render.folding import (
    CONTAINERD_IS_STOPPED,
    DOCKER_IS_STOPPED,
    FULL_DISK,
    KINDS,
    NOT_ROOT,
    NOT_ROOT_EITHER,
    judged,
)
from tests.runtimes import silent_docker

HOSTS = {
    (kind, version): judged("x", *KINDS[kind], version=version)
    for kind in range(len(KINDS))
    for version in ("v1.20.2", "v1.31.0")
}


@st.composite
def fleets(draw: st.DrawFn) -> list[HostReport]:
    made = []
    for number, key in enumerate(draw(st.lists(st.sampled_from(sorted(HOSTS)), max_size=6))):
        one = HOSTS[key]
        ignored = draw(st.sets(st.sampled_from([r.check for r in one.results]), max_size=3))
        results = tuple(
            _ignored(r) if r.check in ignored and r.blocking else r for r in one.results
        )
        made.append(replace(one, name=f"n{number}", results=results))
    return [*made, *draw(st.sampled_from([[], varied_fleet(5, 30)]))]


def _ignored(result: Result) -> Result:
    verdict = Verdict.WARN if result.verdict is Verdict.FAIL else result.verdict
    return replace(result, verdict=verdict, blocking=False, ignored=Ignored("known", ""))


def told(cause: Cause) -> list[tuple[str, str, str, Verdict, str]]:
    """Host, row, verdict and message of each failed row of a problem."""
    problems = [*cause.problems, *(p for folded in cause.folded for p in folded.problems)]
    return [
        (host, p.row.check, p.row.subject, p.verdict, p.message)
        for p in problems
        for host in p.hosts
    ]


@given(fleets())
def test_every_failed_row_is_once_under_one_problem(fleet: list[HostReport]) -> None:
    found = causes(build(fleet, {}))
    there = [
        (one.name, r.check, r.subject, r.verdict, r.message)
        for one in fleet
        for r in one.results
        if r.verdict in PROBLEMS
    ]
    assert sorted(row for cause in found for row in told(cause)) == sorted(there)


@given(fleets())
def test_a_problem_is_as_bad_as_the_worst_of_its_rows(fleet: list[HostReport]) -> None:
    rows = {(one.name, r.check, r.subject): r for one in fleet for r in one.results}
    for cause in causes(build(fleet, {})):
        for host in cause.hosts:
            some = [rows[row[:3]] for row in told(cause) if row[0] == host]
            blocking = [result.verdict for result in some if result.blocking]
            assert cause.blocking is bool(blocking)
            assert cause.verdict is (worst(blocking) or cause.origin.verdict)
            own = [r for r in some if (r.check, r.subject) == (cause.row.check, cause.row.subject)]
            assert [result.verdict for result in own] == [cause.origin.verdict]
            assert own[0].remedy == cause.remedy
        for folded in cause.folded:
            assert set(folded.hosts) <= set(cause.hosts)
            assert len(set(folded.hosts)) == len(folded.hosts)
            assert folded.row != cause.row


@given(fleets())
def test_the_worst_comes_first(fleet: list[HostReport]) -> None:
    found = causes(build(fleet, {}))
    assert [cause.blocking for cause in found] == sorted((c.blocking for c in found), reverse=True)


def test_a_daemon_that_is_down_is_one_problem_with_its_rows_below() -> None:
    fleet = [judged("a", *DOCKER_IS_STOPPED), judged("b", *DOCKER_IS_STOPPED), judged("c")]
    problem, *rest = causes(build(fleet, {}))
    assert (problem.row.name, problem.hosts) == ("Service-Docker", ("a", "b"))
    assert [(one.verdict, one.row.name) for one in problem.folded] == [
        (Verdict.FAIL, "CRI"),
        (Verdict.FAIL, "IsDockerSystemdCheck"),
        (Verdict.FAIL, "SystemVerification"),
        (Verdict.UNKNOWN, "KS215"),
        (Verdict.UNKNOWN, "ImagePull"),
    ]
    assert "systemctl enable --now docker" in problem.remedy
    assert not any(cause.blocking for cause in rest)
    report = report_of(fleet)
    said = headline(report.header, (problem, *rest))
    assert said.startswith("1 of 3 hosts ready; 1 problem on 2 hosts")
    assert report.header.summary.verdicts[Verdict.FAIL] == 8, "rows are counted as ever"


def test_where_a_row_is_only_sometimes_explained_it_stands_in_both_places() -> None:
    stopped, silent = DOCKER_IS_STOPPED
    fleet = [judged("a", stopped, silent), judged("b", silent)]
    first, second = (cause for cause in causes(build(fleet, {})) if cause.blocking)
    assert [(c.row.name, c.hosts) for c in (first, second)] == [
        ("Service-Docker", ("a",)),
        ("CRI", ("b",)),
    ]
    assert "CRI" in [folded.row.name for folded in first.folded]


def test_a_warning_that_explains_a_failure_is_as_bad_as_that() -> None:
    one = judged("a", *CONTAINERD_IS_STOPPED, runtime=ContainerRuntime.CONTAINERD)
    problem, *_ = causes(build([one], {}))
    assert problem.row.check == "KS204"
    assert (problem.verdict, problem.origin.verdict) == (Verdict.FAIL, Verdict.WARN)
    assert [(f.verdict, f.row.name) for f in problem.folded] == [
        (Verdict.FAIL, "CRI"),
        (Verdict.UNKNOWN, "ImagePull"),
    ]
    assert problem.blocking


def test_a_login_that_is_not_root_and_a_full_disk() -> None:
    root, disk, *_ = causes(build([judged("a", *NOT_ROOT), judged("b", *FULL_DISK)], {}))
    assert (root.row.check, disk.row.check) == ("KS101", "KS318")
    assert {folded.verdict for folded in root.folded} == {Verdict.UNKNOWN}
    assert [folded.row.subject for folded in disk.folded] == ["/var/log"]


def test_connections_that_were_tried_again_are_counted_with_their_hosts() -> None:
    fleet = [replace(one, retries=n) for n, one in enumerate(varied_fleet(4, 0))]
    report = report_of(fleet)
    assert (report.header.summary.retries, report.header.summary.retried_hosts) == (6, 3)
    assert headline(report.header, ()).endswith("; connected again 6 times to 3 hosts")
    why: tuple[dict[Hurdle, int], ...]
    why = ({}, {Hurdle.CUT: 1}, {Hurdle.MAX_STARTUPS: 2}, {Hurdle.CUT: 1, Hurdle.MAX_STARTUPS: 2})
    told = report_of(replace(o, retried_for=w) for o, w in zip(fleet, why, strict=True))
    assert headline(told.header, ()).endswith(
        "; connected again 6 times to 3 hosts (4 MaxStartups, 2 cut before the login)"
    )
    summary = replace(report.header.summary, retried_hosts=0)
    older = replace(report.header, summary=summary)
    assert headline(older, ()).endswith("; connected again 6 times")


def test_the_reason_that_stands_above_is_not_told_again() -> None:
    root, *_ = causes(build([judged("a", *NOT_ROOT_EITHER)], {}))
    told = {folded.row.name: root.told(folded.problems[0]) for folded in root.folded}
    assert told["FileExisting-conntrack"] == (
        "could not be known: /usr/sbin/conntrack is not on this login's PATH, and root's PATH is "
        "not known"
    )
    assert root.problems[0].message.endswith("cannot become root: sudo asks for a password")
    docker, *_ = causes(build([judged("a", silent_docker())], {}))
    assert [docker.told(f.problems[0]) for f in docker.folded if f.verdict is Verdict.FAIL] == [
        "docker does not answer: dial unix: connect: connection refused",
        "docker does not say what it is, but: dial unix: connect: connection refused",
    ]
