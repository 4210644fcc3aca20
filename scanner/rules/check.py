"""A user's rule as an entry of the catalogue: judged, shown, selected and ignored like ours."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

from scanner.checks.rule import Check, Finding, Rule, applies_to, check, clip
from scanner.facts.base import FactMissing, Facts
from scanner.rules.answers import Answer, Answers, answer_to
from scanner.rules.expect import holds
from scanner.rules.rule import OUTPUT_LIMIT, UserRule, Where
from scanner.selection import Selection
from scanner.target import Role, Target
from scanner.versions import VersionRange

_ROLES: Mapping[Where, frozenset[Role]] = {
    Where.CONTROL_PLANE: frozenset({Role.INIT, Role.JOIN_CONTROL_PLANE}),
    Where.WORKER: frozenset({Role.JOIN_WORKER}),
}
_CANNOT_RUN = {126: "the host cannot execute its command", 127: "the host has no such command"}
"""Exit statuses of sh (POSIX, 2.8.2)."""


@functools.lru_cache(maxsize=8)
def checks_of(rules: tuple[UserRule, ...]) -> tuple[Check, ...]:
    """The rules as checks; the same objects for the same rules."""
    return tuple(map(_check, rules))


def asked_of(rules: tuple[UserRule, ...], selection: Selection) -> tuple[UserRule, ...]:
    """The rules that `--only` and `--skip` leave: the others are not even run."""
    pairs = zip(rules, checks_of(rules), strict=True)
    return tuple(rule for rule, made in pairs if selection.could_keep(made))


def _check(rule: UserRule) -> Check:
    roles = frozenset[Role]().union(*(_ROLES[where] for where in rule.roles))
    row = applies_to(roles, rule.severity, VersionRange(rule.since, rule.until))
    remedy = rule.fix or f"See the rule in {rule.source}."
    return check(rule.id, rule.title, row, kubeadm=None, remedy=remedy)(_judged_by(rule))


def _judged_by(rule: UserRule) -> Rule:
    def judge(facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
        answers = facts.get(Answers)
        if answers is None:
            raise FactMissing("the host was not asked the user's rules")
        answer = answer_to(answers, rule.name, rule.digest)
        if answer.missing:
            raise FactMissing(answer.missing)
        yield from _findings(rule, answer)

    judge.__doc__ = _description(rule)
    return judge


def _findings(rule: UserRule, answer: Answer) -> Iterator[Finding]:
    status = answer.exit_status
    if status != rule.exit_status:
        if status in _CANNOT_RUN:
            raise FactMissing(f"{_CANNOT_RUN[status]} (exit status {status})")
        yield _finding(rule, f"exit status {status}", f"exit status {rule.exit_status}", answer)
        return
    if rule.expect and answer.too_long:
        raise FactMissing(f"it printed more than {OUTPUT_LIMIT} bytes: let the command print less")
    for expected in rule.expect:
        if not holds(expected, answer.output):
            yield _finding(rule, _shown(answer), clip(str(expected)), answer)


def _finding(rule: UserRule, have: str, need: str, answer: Answer) -> Finding:
    said = _shown(answer)
    made = f"{have}, and {need} is expected"
    if said not in {have, "no output"}:
        made += f"; it printed: {said}"
    return Finding(rule.message or made, have, need, source=clip(rule.command))


def _shown(answer: Answer) -> str:
    words = " ".join(answer.output.split())
    return clip(words) if words else "no output"


def _description(rule: UserRule) -> str:
    wanted = [f"its exit status is {rule.exit_status}", *map(str, rule.expect)]
    return f"""Your own rule, from {rule.source}. Runs `{rule.command}`

    on the host, for at most {rule.seconds} s; passes if {", and ".join(wanted)}.
    """
