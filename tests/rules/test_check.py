"""A user's rule as a check: verdicts, roles, versions, and what blocks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.checks.page import page
from scanner.evaluate import Result, evaluate
from scanner.facts.base import Facts
from scanner.rules.answers import Answer, Answers
from scanner.rules.check import asked_of, checks_of
from scanner.rules.expect import read
from scanner.rules.rule import UserRule, Way, Where
from scanner.selection import Selection
from scanner.severity import Severity
from scanner.target import Role
from scanner.verdict import Verdict
from scanner.versions import parse_version
from tests.hosts import target

RULE = UserRule(
    "a", "probe it", "a title", (read(Way.NUMBER, ">= 4"),), fix="Mend it.", source="r.yaml"
)


def judged(rule: UserRule, answer: Answer | None, role: Role = Role.INIT) -> Result:
    given = {} if answer is None else {(rule.name, rule.digest): answer}
    facts = Facts({Answers: Answers(given, frozenset(name for name, _ in given))}, {})
    (result,) = evaluate(checks_of((rule,)), facts, target(role=role))
    return result


def test_it_passes() -> None:
    result = judged(RULE, Answer(0, "4\n"))
    assert (result.check, result.kubeadm, result.verdict) == ("user/a", None, Verdict.PASS)


def test_it_fails_with_what_was_printed_and_what_was_wanted() -> None:
    result = judged(RULE, Answer(0, "3\n"))
    (finding,) = result.findings
    assert (result.verdict, result.blocking, result.remedy) == (Verdict.FAIL, True, "Mend it.")
    assert (finding.have, finding.need, finding.source) == ("3", "number >= 4", "probe it")


def test_a_warning_does_not_block() -> None:
    result = judged(replace(RULE, severity=Severity.WARNING), Answer(0, "3"))
    assert (result.verdict, result.blocking) == (Verdict.WARN, False)


def test_its_own_message() -> None:
    assert judged(replace(RULE, message="too few"), Answer(0, "3")).message == "too few"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, "not run"),
        (Answer(missing="it hung"), "it hung"),
        (Answer(127), "no such command"),
        (Answer(126), "cannot execute"),
        (Answer(0, "four"), "no number"),
        (Answer(0, "4", too_long=True), "4096 bytes"),
    ],
)
def test_what_was_not_measured_is_unknown_and_blocks(answer: Answer | None, says: str) -> None:
    result = judged(RULE, answer)
    assert (result.verdict, result.blocking) == (Verdict.UNKNOWN, True)
    assert says in result.message


def test_the_exit_status_alone() -> None:
    alone = replace(RULE, expect=())
    assert judged(alone, Answer(0, "x", too_long=True)).verdict is Verdict.PASS
    assert judged(alone, Answer(1, "why")).message == (
        "exit status 1, and exit status 0 is expected; it printed: why"
    )
    assert judged(replace(alone, exit_status=127), Answer(127)).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("way", "text"),
    [(Way.DOES_NOT_CONTAIN, "bad"), (Way.DOES_NOT_MATCH, "^bad$"), (Way.STRING, "!= bad")],
)
def test_absence_is_no_pass_where_nothing_was_measured(way: Way, text: str) -> None:
    absent = replace(RULE, expect=(read(way, text),))
    for answer in (Answer(127, ""), Answer(0, ""), Answer(0, " \n")):
        assert judged(absent, answer).verdict is Verdict.UNKNOWN
    assert "printed nothing" in judged(absent, Answer(0, "")).message
    assert judged(absent, Answer(0, "good")).verdict is Verdict.PASS
    assert judged(absent, Answer(0, "bad")).verdict is Verdict.FAIL


def test_nothing_can_be_what_is_expected() -> None:
    empty = replace(RULE, expect=(read(Way.MATCHES, "^$"),))
    assert judged(empty, Answer(0, "")).verdict is Verdict.PASS
    both = replace(RULE, expect=(read(Way.CONTAINS, "a"), read(Way.DOES_NOT_CONTAIN, "b")))
    assert judged(both, Answer(0, "")).verdict is Verdict.FAIL


def test_roles_and_versions() -> None:
    workers = replace(RULE, roles=frozenset({Where.WORKER}))
    assert judged(workers, Answer(0, "3")).verdict is Verdict.SKIP
    assert judged(workers, Answer(0, "3"), Role.JOIN_WORKER).verdict is Verdict.FAIL
    facts = Facts({}, {})
    for dated in (
        replace(RULE, since=parse_version("1.31.0")),
        replace(RULE, until=parse_version("1.20.0")),
    ):
        assert evaluate(checks_of((dated,)), facts, target("v1.20.2")) == ()


def test_the_catalogue_is_the_same_object_for_the_same_rules() -> None:
    """evaluate keeps what it has worked out for a catalogue."""
    assert checks_of((RULE,)) is checks_of((replace(RULE),))


def test_what_is_not_selected_is_not_even_run() -> None:
    other = replace(RULE, name="b")
    for words in ((("user/a",), ()), ((), ("user/b",)), ((), ("*/b",))):
        selection = Selection.of(checks_of((RULE, other)), *words)
        assert asked_of((RULE, other), selection) == (RULE,)


def test_its_page() -> None:
    text = "\n".join(page(checks_of((RULE,))[0]))
    for part in ("## user/a: a title", "`probe it`", "number >= 4", "r.yaml", "Fix: Mend it."):
        assert part in text
