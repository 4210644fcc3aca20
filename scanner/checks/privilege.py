"""What a login without root cannot know, told apart from what is wrong."""

from __future__ import annotations

from scanner.facts.base import FactMissing, Facts
from scanner.facts.identity import Identity, Obstacle
from scanner.facts.programs import Run


def is_root(facts: Facts) -> bool:
    """True if the probe ran with the real user id 0."""
    return facts[Identity].uid == 0


def because_of(facts: Facts) -> str:
    """Why the login is not root, to follow what needs it: `: sudo asks ...`, or nothing."""
    obstacle = facts.get(Obstacle)
    return "" if obstacle is None or is_root(facts) else f": {obstacle.reason}"


def not_refused(facts: Facts, run: Run, program: str) -> None:
    """Go on, unless a program only failed because it was not run by root.

    Raises:
        FactMissing: its words are about a permission, and the login is not root.
    """
    if "permission denied" in f"{run.stdout} {run.stderr}".lower() and not is_root(facts):
        raise FactMissing(f"{program} needs root: {run.words}{because_of(facts)}")
