"""Which hosts may be reset, and what stays of them in a cluster that cannot be asked."""

from __future__ import annotations

from scanner.cluster.make_plan import Taken
from scanner.cluster.plan import Plan
from scanner.membership import State
from scanner.request import LocalEtcd, Request
from scanner.target import Role


def others_members(plan: Plan, taken: Taken, known: str) -> tuple[str, ...]:
    """Why named hosts must not be reset: they are nodes of a cluster that is not of this inventory.

    A host without a CA is not known to be anybody's: what a reset left half done looks like that.

    Args:
        plan: who is named.
        taken: the CAs found on them.
        known: the journal's CA, for when the master has lost its own; empty if there is none.
    """
    return tuple(
        f"{member.name}: node is a member of another cluster: reset it from its own inventory"
        for member in plan.members
        if member.name in plan.named
        and member.target.membership.state is State.OTHER_CLUSTER
        and taken.cas.get(member.name, "") not in {"", taken.cas.get(plan.master) or known}
    )


def hidden_control_planes(plan: Plan, taken: Taken) -> tuple[str, ...]:
    """Named workers that are none: their member of etcd would go without a question."""
    return tuple(
        f"{member.name}: an API server runs there, and the inventory has it as a worker: give it "
        "the role control-plane, so that etcd is asked before it is reset"
        for member in plan.members
        if member.name in plan.named
        and member.target.role is Role.JOIN_WORKER
        and member.name in taken.serving
    )


def nobody_to_ask(plan: Plan, request: Request) -> tuple[str, ...]:
    """Why it is not known whether the cluster ends with the hosts that are named.

    Args:
        plan: of the hosts that were seen.
        request: all who take part.
    """
    if plan.stays or not isinstance(plan.cluster.etcd, LocalEtcd):
        return ()
    if not any(host.is_control_plane for host in request.hosts if host.name in plan.named):
        return ()
    seen = {member.name for member in plan.members}
    return tuple(
        f"{name}: {'shows signs of' if name in seen else 'may be'} a control plane, and cannot be "
        "asked whether etcd can do without what is reset: if it stays, repair it, or give one that "
        "works as --master; if it goes, name it too, or take it out of the inventory"
        for name in doubtful(plan, request)
    )


def doubtful(plan: Plan, request: Request) -> tuple[str, ...]:
    """Control planes that are not named, and may run a cluster though they do not work."""
    seen = {member.name: member.target.membership.state for member in plan.members}
    return tuple(
        host.name
        for host in request.hosts
        if host.is_control_plane
        and host.name not in plan.named
        and seen.get(host.name) is not State.NONE
    )


def nodes_that_stay(plan: Plan, request: Request) -> str:
    """What a reset leaves in a cluster that cannot be asked for it; empty if it leaves nothing."""
    if plan.stays or ends(plan, request):
        return ""
    return (
        f"no control plane works ({', '.join(doubtful(plan, request))}): pods are not moved away, "
        "no Node is compared with its host, and the Nodes stay: when one works again, the same "
        "command deletes them, as does a join of the hosts, and `kubectl delete node`"
    )


def ends(plan: Plan, request: Request) -> bool:
    """True if no control plane is left that could have a Node of theirs."""
    return not (plan.stays or doubtful(plan, request))
