"""Nodes that a reset may have left, because no control plane worked: known until they are gone.

The journal has them from before the reset until the Node is deleted, by the reset itself or by a
later run in which the host takes part, or until the host is a node again.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from scanner.cluster.journal import Event
from scanner.cluster.phase import NODE_LEFT
from scanner.cluster.place import Place
from scanner.cluster.plan import Plan


def settle_members(place: Place, plan: Plan) -> None:
    """Take note of those that are nodes again, whoever has joined them."""
    settle(place, (member.name for member in plan.members if member.joined))


def settle(place: Place, hosts: Iterable[str]) -> None:
    """Take note that these have left no Node, or that there is no cluster any more."""
    for host in sorted(place.journal.nodes_left & frozenset(hosts)):
        place.note(NODE_LEFT, host, Event.DONE)


def left_lines(plan: Plan, inventory: frozenset[str], source: str) -> Iterator[str]:
    """What the user must know of hosts that take no part in this run, where it could be mended.

    Args:
        plan: of those that take part.
        inventory: the names of all hosts; of others nothing is said any more.
        source: its path.
    """
    if not plan.stays:
        return
    here = {member.name for member in plan.members}
    for host in sorted((plan.nodes_left & inventory) - here):
        yield (
            f"{host}: an earlier run has reset it, and its Node may still be in the cluster: "
            f"`{shlex.join(('kscan', 'reset', host, '-i', source))}` deletes it"
        )
