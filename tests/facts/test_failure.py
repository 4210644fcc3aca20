"""Why a section gives no fact: each way to end has a reason that tells what to do."""

from __future__ import annotations

import pytest

from scanner.facts.failure import failure, shortage
from scanner.probe.frames import FORGED, NO_NULL, NO_TOOL, NOT_MOUNTED, TOO_MUCH, Section

FEW = "the host lets this login start no more processes: see ulimit -u, TasksMax and memory"
ENDED = [
    (NO_TOOL, "missing=awk\n", "the host has no awk, which section cpu needs"),
    (
        NOT_MOUNTED,
        "unmounted=/proc\n",
        "/proc is not mounted there, which section cpu reads: mount -t proc proc /proc",
    ),
    (
        NOT_MOUNTED,
        "unmounted=/sys\n",
        "/sys is not mounted there, which section cpu reads: mount -t sysfs sysfs /sys",
    ),
    (NOT_MOUNTED, "unmounted=/etc; rm -rf /\n", "section cpu ended with status 95"),
    (TOO_MUCH, "", "section cpu printed more than 60,000 bytes"),
    (FORGED, "", "something else on the host wrote into the answer of section cpu"),
    (137, "", "section cpu did not end within its deadline"),
    (2, "", "section cpu ended with status 2"),
]


@pytest.mark.parametrize(("status", "text", "why"), ENDED)
def test_each_way_to_end_has_its_reason(status: int, text: str, why: str) -> None:
    assert failure("cpu", Section(status, text)) == why


def test_without_a_null_device_the_reason_names_the_way_to_make_one() -> None:
    assert "mknod -m 666 /dev/null c 1 3" in failure("cpu", Section(NO_NULL, ""))


SAID = [
    "sh: 0: Cannot fork",
    "sh: can't fork: Resource temporarily unavailable",
    "bash: fork: retry: Resource temporarily unavailable",
    "/bin/sh: fork: Cannot allocate memory",
]


@pytest.mark.parametrize("said", SAID)
def test_every_shell_that_cannot_fork_is_understood(said: str) -> None:
    assert shortage(said) == FEW


def test_other_words_are_no_shortage() -> None:
    assert shortage("a fork in the road") == ""
