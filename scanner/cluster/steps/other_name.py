"""Is a host in the cluster under another Node name than the inventory's, before it is reset?

Its hostname or its nodeName was changed after the join. Its Node of the new name is not there, and
that looks as if it were deleted by hand: the host would be reset, and its real Node would stay.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from functools import partial

from scanner.checks.rule import clip
from scanner.cluster.action import Command, Decision, Question
from scanner.cluster.plan import Plan
from scanner.cluster.same_machine import Machine, Match, Node, same_ids, same_machine
from scanner.cluster.steps.own_api import OWN_KUBECTL, by_own_api

# No range within the range: an old kubectl stops at an inner one that is empty.
_NODES = (
    '{range .items[*]}{"node "}{.metadata.name}{","}{.status.nodeInfo.machineID}'
    '{","}{.status.nodeInfo.systemUUID}'
    '{","}{.status.addresses[?(@.type=="InternalIP")].address}{"\\n"}{end}'
)
# Of thousands of Nodes only those with an id of the host come back: the output is cut at a length.
_ASK = """\
nodes=$({kubectl} get nodes -o jsonpath={nodes}) || exit 1
printf '%s\\n' "$nodes" | grep -i -F {ids} || :
"""


def no_other_name(plan: Plan, host: str) -> tuple[Question, ...]:
    """Goes on where no Node is this machine; nothing to ask if it has told no id.

    Args:
        plan: with a control plane that stays.
        host: its label, of whose name the API has no Node.
    """
    member = plan.member(host)
    machine = member.machine
    ids = machine and [*filter(None, (machine.machine_id, machine.product_uuid))]
    if machine is None or not ids:
        return ()
    words = " ".join(f"-e {shlex.quote(value)}" for value in ids)
    text = _ASK.format(kubectl=OWN_KUBECTL, nodes=shlex.quote(_NODES), ids=words)
    others = frozenset(other.node for other in plan.members if other.name != host)
    return (
        Question(
            Command(plan.stays, by_own_api(text)),
            f"no Node of another name is {host}",
            partial(_decide, host, member.node, machine, others),
        ),
    )


def _decide(host: str, name: str, machine: Machine, others: frozenset[str], said: str) -> Decision:
    for found, node in _read(said):
        is_it = same_machine(node, machine).match is Match.SAME
        # Its address may have changed too. Of clones in one inventory each has a Node of its own.
        if is_it or (found not in others and same_ids(node, machine)):
            return Decision(
                f"{host} is in the cluster as the Node `{clip(found)}`, not as `{clip(name)}`, "
                f"and nothing was changed for it: give it `nodeName: {clip(found)}` in the "
                "inventory, or, if that Node is a clone of it, a machine-id of its own"
            )
    return Decision()


def _read(text: str) -> Iterator[tuple[str, Node]]:
    """Other lines, such as kubectl's warnings, are left out."""
    for line in text.splitlines():
        mark, _, values = line.partition(" ")
        fields = values.split(",")
        if mark == "node" and len(fields) == 4:  # noqa: PLR2004 - as _NODES prints them
            name, machine_id, uuid, addresses = fields
            yield name, Node(machine_id.lower(), uuid.lower(), tuple(addresses.split()))
