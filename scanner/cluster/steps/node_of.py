"""The API asked whether its Node of a host's name is that host, before it is drained or deleted."""

from __future__ import annotations

import shlex
from functools import partial

from scanner.cluster.action import Command, Decision, Question
from scanner.cluster.plan import Plan
from scanner.cluster.same_machine import (
    NODE,
    UNTOUCHED,
    Machine,
    read_node,
    refusal,
    same_machine,
)
from scanner.cluster.steps.own_api import OWN_KUBECTL, by_own_api


def is_this_machine(plan: Plan, host: str, done: str = UNTOUCHED) -> Question:
    """Goes on where the API has no such Node, or where it proves to be the host.

    Args:
        plan: with a control plane that stays.
        host: its label.
        done: what was done to the host until then; see `refusal`.
    """
    member = plan.member(host)
    words = (
        f"get node {shlex.quote(member.node)} --ignore-not-found -o jsonpath={shlex.quote(NODE)}"
    )
    return Question(
        Command(plan.stays, by_own_api(f"{OWN_KUBECTL} {words}\n")),
        f"the cluster has no Node {member.node}, or {host} has its InternalIP and one of its ids",
        partial(_decide, host, member.node, member.machine, done),
    )


def _decide(host: str, name: str, machine: Machine | None, done: str, said: str) -> Decision:
    node = read_node(said)
    if node is None:
        return Decision()
    return Decision(refusal(host, name, same_machine(node, machine), done))
