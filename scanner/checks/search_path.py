"""Where kubeadm would find a program: on the search path that it inherits."""

from __future__ import annotations

from dataclasses import dataclass

from scanner.checks.privilege import because_of, is_root
from scanner.facts.base import FactMissing, Facts
from scanner.facts.environment import Binaries


@dataclass(frozen=True, slots=True)
class Place:
    """Where a program lies."""

    path: str
    """On kubeadm's search path; empty if it is not there."""
    elsewhere: str
    """In a system directory that is not on that path; empty if not there either."""

    @property
    def found(self) -> bool:
        """True if kubeadm would find it."""
        return bool(self.path)


def locate(facts: Facts, program: str) -> Place:
    """Look a program up as kubeadm would.

    Raises:
        FactMissing: the host was not asked about it; or this login's path lacks it, while root's
            may have it.
    """
    binaries = facts[Binaries]
    if program not in binaries.asked:
        raise FactMissing(f"the host was not asked about {program}")
    place = Place(binaries.found.get(program, ""), binaries.elsewhere.get(program, ""))
    if place.elsewhere and not is_root(facts):
        raise FactMissing(
            f"{place.elsewhere} is not on this login's PATH, and root's PATH is not known"
            f"{because_of(facts)}"
        )
    return place
