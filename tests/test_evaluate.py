from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.checks import CATALOGUE
from scanner.checks.rule import (
    ALL,
    CONTROL_PLANE,
    Check,
    Evidence,
    Finding,
    Severity,
    applies,
    check,
)
from scanner.evaluate import Result, evaluate
from scanner.facts.base import FactMissing, Facts
from scanner.request import ContainerRuntime
from scanner.target import Role, Target
from scanner.verdict import Verdict
from tests.hosts import facts, facts_without, target

WARNING = Finding("it creaks", severity=Severity.WARNING)
ERROR = Finding("it broke", "0", "1", "/proc/it", severity=Severity.ERROR)
PLAIN = Finding("it is so")
ORDER = (Verdict.PASS, Verdict.WARN, Verdict.UNKNOWN, Verdict.FAIL)


def make(
    *findings: Finding,
    missing: str = "",
    severity: Severity = Severity.ERROR,
    own: bool = False,
    reason: str | None = None,
) -> Check:
    @check(
        "KS999",
        "a title",
        applies(CONTROL_PLANE, severity, until="1.21", own=own, evidence=Evidence.REAL),
        applies(ALL, Severity.WARNING, since="1.25", evidence=Evidence.NOTES),
        kubeadm="Thing-{subject}",
        remedy="Mend {subject}.",
        subjects=lambda _target: ("a/b",),
        skip=lambda _target, _subject: reason,
    )
    def rule(_facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
        """What it reads."""
        yield from findings
        if missing:
            raise FactMissing(missing)

    return rule


def judge(checked: Check, judged: Target | None = None) -> Result:
    (result,) = evaluate([checked], facts(), judged or target("v1.20.2"))
    return result


@pytest.mark.parametrize(
    ("checked", "verdict", "blocking", "message"),
    [
        (make(), Verdict.PASS, False, ""),
        (make(WARNING), Verdict.WARN, False, "it creaks"),
        (make(ERROR), Verdict.FAIL, True, "it broke"),
        (make(PLAIN), Verdict.FAIL, True, "it is so"),
        (make(PLAIN, severity=Severity.WARNING), Verdict.WARN, False, "it is so"),
        (make(WARNING, ERROR), Verdict.FAIL, True, "it creaks; it broke"),
        (make(missing="no answer"), Verdict.UNKNOWN, True, "could not be known: no answer"),
        (
            make(missing="no answer", severity=Severity.WARNING),
            Verdict.UNKNOWN,
            False,
            "could not be known: no answer",
        ),
        (
            make(ERROR, missing="the rest"),
            Verdict.FAIL,
            True,
            "it broke; could not be known: the rest",
        ),
        (
            make(WARNING, missing="the rest"),
            Verdict.UNKNOWN,
            True,
            "it creaks; could not be known: the rest",
        ),
        (make(ERROR, reason="not wanted"), Verdict.SKIP, False, "not wanted"),
    ],
)
def test_verdicts(checked: Check, verdict: Verdict, message: str, *, blocking: bool) -> None:
    result = judge(checked)
    assert (result.verdict, result.blocking, result.message) == (verdict, blocking, message)
    assert (result.check, result.subject, result.kubeadm) == ("KS999", "a/b", "Thing-a-b")


def test_only_what_is_bad_has_a_remedy() -> None:
    assert judge(make(ERROR)).remedy == "Mend a/b."
    assert judge(make(WARNING)).remedy == "Mend a/b."
    assert judge(make()).remedy == ""
    assert judge(make(missing="x")).remedy == ""


def test_each_finding_gets_the_severity_of_its_row() -> None:
    severities = [finding.severity for finding in judge(make(PLAIN, WARNING)).findings]
    assert severities == [Severity.ERROR, Severity.WARNING]


def test_the_source_is_that_of_the_first_finding_with_one() -> None:
    assert judge(make(WARNING, ERROR)).source == "/proc/it"


def test_the_row_of_the_version_gives_evidence_and_severity() -> None:
    assert judge(make()).evidence is Evidence.REAL
    later = judge(make(PLAIN), target("v1.25.0", Role.JOIN_WORKER))
    assert (later.verdict, later.evidence) == (Verdict.WARN, Evidence.NOTES)


def test_our_own_checks_have_no_name_of_kubeadm() -> None:
    result = judge(make(own=True))
    assert result.kubeadm is None
    assert result.evidence is Evidence.OWN


def test_a_role_that_is_not_asked_is_skipped() -> None:
    result = judge(make(ERROR), target("v1.20.2", Role.JOIN_WORKER))
    assert result.verdict is Verdict.SKIP
    assert result.message == "kubeadm v1.20.2 does not ask this of join-worker"
    assert evaluate([make(ERROR)], facts(), target("v1.22.0")) == ()


def test_a_mistake_in_a_rule_is_not_a_verdict() -> None:
    @check("KS999", "x", applies(ALL, Severity.ERROR), kubeadm=None, remedy="Do it.")
    def broken(_facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
        yield Finding(str(1 // 0))

    with pytest.raises(ZeroDivisionError):
        evaluate([broken], facts(), target())


findings = st.lists(st.sampled_from([WARNING, ERROR, PLAIN]), max_size=4)


@given(findings, st.sampled_from([WARNING, ERROR, PLAIN]), st.integers(0, 4), st.booleans())
def test_one_more_finding_never_improves_a_verdict(
    before: list[Finding], more: Finding, place: int, unknown: bool
) -> None:
    missing = "something" if unknown else ""
    after = [*before[:place], more, *before[place:]]
    one, two = judge(make(*before, missing=missing)), judge(make(*after, missing=missing))
    assert ORDER.index(two.verdict) >= ORDER.index(one.verdict)
    assert two.blocking >= one.blocking


KINDS = sorted(facts().groups, key=lambda kind: kind.__name__)
targets = st.builds(
    target,
    st.sampled_from(["v1.13.0", "v1.16.0", "v1.20.2", "v1.24.0", "v1.31.0", "v1.32.0", "v1.37.0"]),
    st.sampled_from(Role),
    st.sampled_from([ContainerRuntime.DOCKER, ContainerRuntime.CONTAINERD, ContainerRuntime.CRIO]),
    endpoint=st.sampled_from(["", "192.0.2.10", "api.example", "2001:db8::1"]),
    advertise_address=st.sampled_from([None, "192.0.2.11", "2001:db8::11"]),
)


def keys(results: tuple[Result, ...]) -> list[tuple[str, str]]:
    return [(result.check, result.subject) for result in results]


@given(targets, st.sets(st.sampled_from(KINDS)))
def test_no_cell_is_lost_whatever_could_not_be_learnt(
    judged: Target, missing: set[type[object]]
) -> None:
    whole = evaluate(CATALOGUE, facts(), judged)
    some = evaluate(CATALOGUE, facts_without(*missing), judged)
    assert keys(some) == keys(whole)
    # What is not known is never better than what is.
    for before, after in zip(whole, some, strict=True):
        assert (before.verdict is Verdict.SKIP) == (after.verdict is Verdict.SKIP)
        if after.verdict is Verdict.PASS:
            assert before.verdict is Verdict.PASS


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("version", ["v1.20.2", "v1.31.0"])
def test_without_any_fact_nothing_is_green(version: str, role: Role) -> None:
    results = evaluate(CATALOGUE, Facts({}, {}), target(version, role))
    # These read what was asked for, not what a host has.
    green = {result.check for result in results if result.verdict is Verdict.PASS}
    assert green <= {"KS115", "KS116", "KS118"}
    assert {result.verdict for result in results if result.check not in green} <= {
        Verdict.UNKNOWN,
        Verdict.SKIP,
    }
    assert len(results) > 30


def test_a_findings_own_remedy_stands_before_the_checks() -> None:
    @check("KS999", "t", applies(ALL, Severity.ERROR), kubeadm=None, remedy="general")
    def rule(_facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
        """Say three things."""
        yield Finding("a", remedy="special")
        yield Finding("b")
        yield Finding("c")

    (result,) = evaluate((rule,), Facts({}, {}), target())
    assert result.remedy == "special general"
