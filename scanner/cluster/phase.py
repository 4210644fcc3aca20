"""A phase: what is done on which hosts, how many at once, and what a failure means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from scanner.cluster.action import Action, Command
from scanner.cluster.plan import Plan

UNDO_NAME = "undo"
"""In the journal: what an earlier run has left half done is undone."""

NODE_LEFT = "node-left"
"""In the journal: a host was or is being reset, and its Node is to be deleted; of each host."""


class OnFailure(StrEnum):
    """What becomes of the run when a host's actions fail."""

    STOP = "stop"
    DROP_HOST = "drop_host"
    """The host takes no further part, and the others go on."""


def nothing_done(_plan: Plan, _host: str) -> Command | None:
    """There is no way to see that it was done before."""
    return None


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of the way to a cluster; it knows nothing of connections."""

    name: str
    """Key of the journal, with the host."""
    title: str
    """What it does, as a line for people; `{host}` stands for the host."""
    hosts: Callable[[Plan], tuple[str, ...]]
    """For whom something is to be done, in this order; none if nothing is."""
    actions: Callable[[Plan, str], tuple[Action, ...]]
    """What is done for one of them, in this order."""
    done: Callable[[Plan, str], Command | None] = nothing_done
    """A command that only reads: its exit status 0 says that nothing is to be done."""
    on_failure: OnFailure = OnFailure.STOP
    window: int = 1
    """Hosts at once."""
    changes_host: bool = False
    """kubeadm changes the host itself, and `kubeadm reset` is what undoes it."""
    always: bool = False
    """Also after a phase that failed: it takes back what must not stay."""
    owes: str = ""
    """Takes back what this one makes: the journal has it begun before, for when kscan is killed."""
    settles: frozenset[str] = frozenset()
    """What is owed no more when this one is done."""
    keeps_evidence: bool = False
    """What an earlier command has left below /run on the host is still needed after it."""
