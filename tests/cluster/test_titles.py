"""The tests on real hosts wait for lines of kscan's: each is still one that a phase says."""

from __future__ import annotations

import re

import pytest

from scanner.cluster.sequence import FINISH, INIT, JOIN, RESET
from tests.e2e.init.fleet import PROOF
from tests.e2e.init.kills import PHASES, ROUNDS, Round

NODES = ("node1", "node2", "node3")


def said(*phases: str) -> list[str]:
    titles = {phase.title for phase in (*INIT, *JOIN, *FINISH, *RESET)}
    lines = {title.format(host=name) for title in titles for name in NODES} | {PROOF}
    return [phase for phase in phases if any(re.fullmatch(phase, line) for line in lines)]


@pytest.mark.parametrize("found", ROUNDS.values(), ids=ROUNDS)
def test_each_phase_in_which_kscan_is_killed_is_one(found: Round) -> None:
    phases = [phase for phase, _ in found.phases]
    assert said(*phases) == phases


def test_each_phase_of_the_short_story_is_one() -> None:
    assert said(*PHASES) == list(PHASES)
    assert said("a phase of nobody's") == []
