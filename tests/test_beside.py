"""kubeadm's words beside ours: each finds its row, and silence counts only where it was asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.beside import beside
from scanner.checks.rule import Finding, Severity
from scanner.disagreements import disagreements
from scanner.evaluate import Ignored, Result
from scanner.probe.preflight import Preflight
from scanner.render.own_kubeadm import headline, not_reached, sides
from scanner.report import HostReport, HostStatus
from scanner.target import Role
from scanner.verdict import Verdict
from tests.kubeadm.said import JOIN, OLD, REFUSED, ROOT, START, WARNED

PASS = Result("KS1", "Mem", "", Verdict.PASS, "")
PORT = Result("KS2", "Port-6443", "6443", Verdict.PASS, "")
SWAP = Result("KS3", "Swap", "", Verdict.PASS, "")
SKIPPED = Result("KS4", "Port-10251", "10251", Verdict.SKIP, "not asked")
OWN = Result("KS5", None, "", Verdict.PASS, "")
ROWS = (PASS, PORT, SWAP, SKIPPED, OWN)
ERROR = Finding("broken", severity=Severity.ERROR)
WARNING = Finding("odd", severity=Severity.WARNING)


def said(words: str, role: Role = Role.INIT, status: int | None = 1, ended: str = "") -> Preflight:
    return Preflight(role, "", words, status, ended)


def host(name: str, *results: Result, notes: tuple[str, ...] = ()) -> HostReport:
    return HostReport(
        name, name, "", (), "init", HostStatus.READY, notes=notes, results=tuple(results)
    )


def test_words_silence_and_what_was_not_asked() -> None:
    placed = beside(ROWS, said(OLD), Role.INIT)
    assert [row.kubeadm_says for row in placed.results] == [
        (),
        ("[ERROR Port-6443]: Port 6443 is in use",),
        (WARNED.strip(),),
        None,
        None,
    ]
    assert len(placed.notes) == 1, "CRI has no row here"
    assert placed.notes[0].startswith("kubeadm says [ERROR CRI]: container runtime")


def test_nobody_was_asked() -> None:
    assert beside(ROWS, None, Role.INIT).results == ROWS


@pytest.mark.parametrize(
    ("preflight", "note"),
    [
        (said(REFUSED), "kubeadm ended before its first check: Found multiple CRI sockets"),
        (
            said("", status=127),
            "kubeadm ended before its first check: nothing, and exit status 127",
        ),
        (said("", status=None, ended="was not run: because"), "kubeadm was not run: because"),
        (said(JOIN, Role.JOIN_WORKER), "kubeadm was asked as join-worker"),
    ],
)
def test_a_kubeadm_that_came_to_no_check(preflight: Preflight, note: str) -> None:
    placed = beside(ROWS, preflight, Role.INIT)
    assert placed.results == ROWS
    assert [line.startswith(note) for line in placed.notes] == [True]


def test_lines_seen_before_the_time_was_up_are_kept() -> None:
    late = said(START + WARNED, status=None, ended="did not end within 9 s; see --timeout")
    placed = beside(ROWS, late, Role.INIT)
    assert [row.kubeadm_says for row in placed.results] == [
        None,
        None,
        (WARNED.strip(),),
        None,
        None,
    ]
    assert placed.notes == ("kubeadm did not end within 9 s; see --timeout",)


def test_that_nobody_accepts_the_token_of_a_join_is_no_news() -> None:
    assert beside((SWAP,), said(JOIN, Role.JOIN_WORKER), Role.JOIN_WORKER).notes == ()


def test_the_same_words_are_no_disagreement() -> None:
    fails = replace(PORT, verdict=Verdict.FAIL, findings=(ERROR,), kubeadm_says=("[ERROR a]: b",))
    ignored = replace(fails, verdict=Verdict.WARN, ignored=Ignored("known", ""))
    unknown = replace(SWAP, verdict=Verdict.UNKNOWN, kubeadm_says=())
    found = disagreements([host("a", fails, unknown), host("b", ignored)])
    assert found.differences == ()
    assert headline(found) == "kubeadm on 2 hosts said the same"


DIFFERENT = [
    (replace(PASS, kubeadm_says=("[ERROR Mem]: x",)), "kscan says ok, kubeadm ERROR"),
    (
        replace(PASS, verdict=Verdict.FAIL, findings=(ERROR,), kubeadm_says=()),
        "kscan says ERROR, kubeadm nothing",
    ),
    (
        replace(PASS, verdict=Verdict.FAIL, findings=(ERROR,), kubeadm_says=("[WARNING Mem]: x",)),
        "kscan says ERROR, kubeadm WARNING",
    ),
    (
        replace(PASS, verdict=Verdict.WARN, findings=(WARNING,), kubeadm_says=()),
        "kscan says WARNING, kubeadm nothing",
    ),
    (
        replace(PASS, verdict=Verdict.UNKNOWN, kubeadm_says=("[ERROR Mem]: x",)),
        "kscan says UNKNOWN, kubeadm ERROR",
    ),
    (
        replace(SKIPPED, kubeadm_says=("[ERROR Port-10251]: x",)),
        "kscan says not asked, kubeadm ERROR",
    ),
]


@pytest.mark.parametrize(("row", "expected"), DIFFERENT)
def test_each_kind_of_disagreement(row: Result, expected: str) -> None:
    found = disagreements([host("a", row), host("b", row)])
    assert [sides(difference) for difference in found.differences] == [expected]
    assert found.differences[0].hosts == ("a", "b")
    assert headline(found) == "kubeadm on 2 hosts said something else in 1 row"


def test_silence_after_the_end_is_not_reached_and_no_disagreement() -> None:
    rows = (
        Result("KS0", "IsPrivilegedUser", "", Verdict.FAIL, "", findings=(ERROR,)),
        replace(PORT, verdict=Verdict.FAIL, findings=(ERROR,)),
        PASS,
        SKIPPED,
    )
    found = disagreements([host("a", *beside(rows, said(ROOT), Role.INIT).results)])
    assert found.differences == ()
    assert [*not_reached(found)] == [("not reached, because it had ended: 2 checks", ("a",))]


def test_without_the_option_there_is_nothing_to_show() -> None:
    assert not disagreements([host("a", *ROWS, notes=("stderr: x",))]).asked
