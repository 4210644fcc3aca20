"""The API asked whether its Node of a host's name is that host, before it is drained or deleted."""

from __future__ import annotations

import shlex

from scanner.cluster.action import Command, Decision, Question
from scanner.cluster.plan import Plan
from scanner.cluster.same_machine import (
    NODE,
    UNTOUCHED,
    read_node,
    refusal,
    same_machine,
)
from scanner.cluster.steps.own_api import OWN_KUBECTL, by_own_api


def is_this_machine(
    plan: Plan, host: str, done: str = UNTOUCHED, missing: tuple[Question, ...] = ()
) -> Question:
    """Goes on where the API has no such Node, or where it proves to be the host.

    Args:
        plan: with a control plane that stays.
        host: its label.
        done: what was done to the host until then; see `refusal`.
        missing: what is asked next where the API has no such Node.
    """
    member = plan.member(host)
    words = (
        f"get node {shlex.quote(member.node)} --ignore-not-found -o jsonpath={shlex.quote(NODE)}"
    )

    def decide(said: str) -> Decision:
        node = read_node(said)
        if node is None:
            return Decision(then=missing)
        return Decision(refusal(host, member.node, same_machine(node, member.machine), done))

    asks = f"the cluster has no Node {member.node}, or {host} has its InternalIP and one of its ids"
    if missing:
        asks = (
            f"{host} has the InternalIP and one of the ids of the Node {member.node}, or the "
            "cluster has neither that Node nor one of another name that is this host"
        )
    return Question(Command(plan.stays, by_own_api(f"{OWN_KUBECTL} {words}\n")), asks, decide)
