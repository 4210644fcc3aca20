from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest

from scanner.checks.named import collect
from scanner.checks.rule import (
    ALL,
    INIT,
    Check,
    Evidence,
    Finding,
    Severity,
    applies,
    check,
    clip,
    every_part,
    history,
)
from scanner.facts.base import FactMissing, Facts
from scanner.target import Role, Target
from scanner.versions import parse_version
from tests.hosts import target


def make(check_id: str = "KS999", *, subjects: tuple[str, ...] = ("",)) -> Check:
    @check(
        check_id,
        "a title",
        applies(INIT, Severity.ERROR, since="1.18", until="1.31.2", subjects=("a", "b/c")),
        applies(ALL, Severity.WARNING, since="1.32", subjects=("d",)),
        kubeadm="Name-{subject}",
        remedy="Do it.",
        subjects=lambda _target: subjects,
    )
    def rule(_facts: Facts, _target: Target, _subject: str) -> Iterator[Finding]:
        """What it reads."""
        yield from ()

    return rule


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("v1.17.17", ()),
        ("v1.18.0-alpha.1", ("a", "b/c")),
        ("v1.31.1", ("a", "b/c")),
        ("v1.31.2", ()),
        ("v1.32.0", ("d",)),
    ],
)
@pytest.mark.parametrize("role", Role)
def test_names_that_a_version_does_not_know_are_no_subjects(
    version: str, expected: tuple[str, ...], role: Role
) -> None:
    wanted = ("a", "b/c", "d", "e")
    assert make(subjects=wanted).asked(target(version, role)) == expected


def test_the_first_row_that_fits_decides() -> None:
    rule = make()
    row = rule.row(Role.INIT, parse_version("v1.20.2"), "a")
    assert row is not None
    assert row.severity is Severity.ERROR
    assert rule.row(Role.JOIN_WORKER, parse_version("v1.20.2"), "a") is None
    assert rule.row(Role.INIT, parse_version("v1.20.2"), "d") is None


def test_the_name_is_made_as_kubeadm_makes_it() -> None:
    assert make().name("b/c") == "Name-b-c"
    assert make().description == "What it reads."


def test_one_id_cannot_be_given_twice() -> None:
    one, two = ModuleType("one"), ModuleType("two")
    vars(one)["first"] = vars(two)["again"] = make("KS998")
    assert [found.id for found in collect(Check, one, two)] == ["KS998"]
    vars(two)["other"] = make("KS998")
    with pytest.raises(ValueError, match="KS998"):
        collect(Check, one, two)


@pytest.mark.parametrize(
    ("version", "evidence"),
    [
        ("v1.13.0", Evidence.SOURCE),
        ("v1.16.15", Evidence.SOURCE),
        ("v1.17.0", Evidence.NOTES),
        ("v1.20.2", Evidence.REAL),
        ("v1.21.14", Evidence.NOTES),
        ("v1.22.3", Evidence.SOURCE),
        ("v1.31.0", Evidence.NOTES),
        ("v1.34.0", Evidence.SOURCE),
        ("v1.37.0", Evidence.NOTES),
    ],
)
def test_history_says_how_each_version_is_known(version: str, evidence: Evidence) -> None:
    rows = history(ALL, Severity.ERROR, v1_20=Evidence.REAL, gaps=Evidence.NOTES)
    fitting = [row for row in rows if parse_version(version) in row.versions]
    assert [row.evidence for row in fitting] == [evidence]


ENDS = ("v1.17.17", "v1.18.0-rc.1", "v1.31.1", "v1.31.2")


def test_history_keeps_to_its_ends() -> None:
    rows = history(ALL, Severity.ERROR, since="1.18", until="1.31.2", subjects=("x",))
    inside = [any(parse_version(text) in row.versions for row in rows) for text in ENDS]
    assert inside == [False, True, True, False]
    assert all(row.subjects == frozenset({"x"}) and not row.own for row in rows)


def part(*messages: str, missing: str = "") -> Iterator[Finding]:
    for message in messages:
        yield Finding(message)
    if missing:
        raise FactMissing(missing)


def test_every_part_is_judged_though_one_cannot_know() -> None:
    parts = every_part(part("a", missing="x"), part(missing="y"), part("b", missing="x"))
    assert [next(parts).message, next(parts).message] == ["a", "b"]
    with pytest.raises(FactMissing, match=r"\Ax; y\Z"):
        next(parts)
    assert [finding.message for finding in every_part(part("a"), part("b"))] == ["a", "b"]


def test_what_a_host_says_is_cut_but_not_changed() -> None:
    assert clip("a\x1b[0m") == "a\x1b[0m"
    assert clip("x" * 300) == "x" * 300
    assert clip("x" * 301) == "x" * 300 + "..."
