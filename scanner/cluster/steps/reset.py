"""`kscan reset`: a host taken out of the cluster, its member out of etcd, its Node deleted."""

from __future__ import annotations

import shlex

from scanner.cluster.action import NOTE, Action, Command
from scanner.cluster.phase import NODE_LEFT, UNDO_NAME, OnFailure, Phase
from scanner.cluster.plan import Member, Plan
from scanner.cluster.quorum import Leaving
from scanner.cluster.same_machine import WAS_RESET
from scanner.cluster.steps.as_it_was import as_it_was, kubeadm_reset
from scanner.cluster.steps.etcd import has_left, leaves, may_leave, nobody_else
from scanner.cluster.steps.node_of import is_this_machine
from scanner.cluster.steps.other_name import no_other_name
from scanner.cluster.steps.own_api import OWN_KUBECTL, by_own_api
from scanner.cluster.steps.without_etcd import reset_without_etcd
from scanner.request import LocalEtcd
from scanner.target import Role

DRAIN_SECONDS = 120

# --delete-local-data was renamed in 1.20 (PR#95076); both are not there in every version.
_DRAIN = """\
found=$({kubectl} get node {node} --ignore-not-found -o name) || exit 1
[ -n "$found" ] || {{ echo 'the API has no such node'; exit 0; }}
data=--delete-emptydir-data
{kubectl} drain --help | grep -q -e "$data" || data=--delete-local-data
{kubectl} drain {node} --ignore-daemonsets --force "$data" --timeout={seconds}s ||
	echo '{note}not all pods could be moved away, and it goes on: see the log of {at}'
"""
_DELETE = """\
gone=$({kubectl} delete node {node} --ignore-not-found) || exit 1
printf '%s\\n' "${{gone:-{note}the API had no such node: nothing was deleted}}"
"""


def _drain(plan: Plan, host: str) -> tuple[Action, ...]:
    node = shlex.quote(plan.member(host).node)
    text = _DRAIN.format(
        kubectl=OWN_KUBECTL, node=node, seconds=DRAIN_SECONDS, note=NOTE, at=plan.stays
    )
    return (Command(plan.stays, by_own_api(text), seconds=DRAIN_SECONDS + 60.0),)


def _reset(plan: Plan, host: str) -> tuple[Action, ...]:
    """A member leaves etcd first, while it still counts.

    `kubeadm reset` may fail to remove it, exits with 0 then too, and stops it: of two members the
    one that stays has no quorum any more, and can remove nobody. Where kscan ends in between, the
    same command goes on: the list has no such member then, and the host is reset.
    """
    member = plan.member(host)
    kubeadm = kubeadm_reset(member.target)
    if not (plan.stays and _in_etcd(plan, member)):
        return (as_it_was(plan, host, f"{kubeadm} || exit\n"),)
    gone = _leaving(member)
    later = _leaving_all(plan, but=host)
    return (
        leaves(plan.stays, gone, later),
        as_it_was(plan, host, reset_without_etcd(plan, kubeadm)),
        has_left(plan.stays, gone, later),
    )


def _delete(plan: Plan, host: str) -> tuple[Action, ...]:
    """A join refuses the name of a Node that was Ready a moment ago."""
    node = shlex.quote(plan.member(host).node)
    text = _DELETE.format(kubectl=OWN_KUBECTL, node=node, note=NOTE)
    return (is_this_machine(plan, host, WAS_RESET), Command(plan.stays, by_own_api(text)))


def _ask_etcd(plan: Plan, host: str) -> tuple[Action, ...]:
    """Before anything is changed, for all that go: the members that none of them has."""
    leaving = _leaving_all(plan)
    if not plan.stays:
        return (nobody_else(host, leaving),)
    return (may_leave(plan.stays, leaving),)


def _etcd_asked(plan: Plan) -> tuple[str, ...]:
    """Whom: the control plane that stays; where none does, the last that is reset."""
    going = _going(plan)
    return (plan.stays or going[-1],) if going else ()


def _going(plan: Plan) -> tuple[str, ...]:
    """Those whose members go."""
    return tuple(host for host in _control_planes(plan) if _in_etcd(plan, plan.member(host)))


def _member_gone(plan: Plan, host: str) -> tuple[Action, ...]:
    return (has_left(plan.stays, _leaving(plan.member(host))),)


def _in_etcd(plan: Plan, member: Member) -> bool:
    """True if etcd runs on the host; an external one is left alone."""
    is_control_plane = member.target.role is not Role.JOIN_WORKER
    return is_control_plane and isinstance(plan.cluster.etcd, LocalEtcd)


def _leaving(member: Member) -> Leaving:
    addresses = member.machine.addresses if member.machine is not None else ()
    return Leaving(member.name, member.node, addresses)


def _leaving_all(plan: Plan, but: str = "") -> tuple[Leaving, ...]:
    return tuple(_leaving(plan.member(host)) for host in _going(plan) if host != but)


_ORDER = {Role.JOIN_WORKER: 0, Role.JOIN_CONTROL_PLANE: 1, Role.INIT: 2}


def _in_order(plan: Plan) -> tuple[str, ...]:
    """Workers first, and the master last: the others need it for their way out."""
    members = sorted(plan.members, key=lambda member: _ORDER[member.target.role])
    return tuple(member.name for member in members if member.name in plan.named)


def _workers(plan: Plan) -> tuple[str, ...]:
    worker = Role.JOIN_WORKER
    return tuple(host for host in _in_order(plan) if plan.member(host).target.role is worker)


def _control_planes(plan: Plan) -> tuple[str, ...]:
    """One after the other, because each takes its member out of etcd."""
    workers = _workers(plan)
    return tuple(host for host in _in_order(plan) if host not in workers)


def _left_before(plan: Plan) -> tuple[str, ...]:
    """Hosts that are none of the cluster any more; a member's Node is its own again."""
    hosts = (member.name for member in plan.members if not member.joined)
    return tuple(host for host in hosts if plan.stays and host in plan.nodes_left)


def _while_others_stay(plan: Plan) -> tuple[str, ...]:
    """Those that are taken out of a cluster that goes on; of one that ends nobody is asked."""
    return _in_order(plan) if plan.stays else ()


SAME_MACHINE = Phase(
    "same-machine",
    "the cluster's Node of {host} compared with the host",
    _while_others_stay,
    lambda plan, host: (is_this_machine(plan, host, missing=no_other_name(plan, host)),),
    on_failure=OnFailure.DROP_HOST,
)
ETCD_WITHOUT = Phase(
    "etcd",
    "etcd on {host} asked whether it can do without what is reset",
    _etcd_asked,
    _ask_etcd,
)
DRAIN = Phase(
    "drain",
    "pods moved away from {host}",
    _while_others_stay,
    _drain,
)
RESET_WORKERS = Phase(
    "reset",
    "kubeadm reset on {host}, and what it leaves removed",
    _workers,
    _reset,
    on_failure=OnFailure.DROP_HOST,
    window=16,
    owes=NODE_LEFT,
)
RESET_CONTROL_PLANES = Phase(
    "reset",
    "kubeadm reset on {host}, and what it leaves removed",
    _control_planes,
    _reset,
    # the next one could cost etcd its quorum
    on_failure=OnFailure.STOP,
    owes=NODE_LEFT,
)
UNDO = Phase(
    UNDO_NAME,
    "kubeadm reset on {host}, and what it leaves removed",
    _in_order,
    _reset,
    keeps_evidence=True,
)
MEMBER_GONE = Phase(
    "etcd-member",
    "etcd without the member of {host}",
    lambda plan: _going(plan) if plan.stays else (),
    _member_gone,
)
DELETE = Phase(
    "delete-node",
    "the cluster without the node {host}",
    _while_others_stay,
    _delete,
    on_failure=OnFailure.DROP_HOST,
    settles=frozenset({NODE_LEFT}),
)
DELETE_LEFT = Phase(
    NODE_LEFT,
    "the cluster without the node {host}, which an earlier reset has left",
    _left_before,
    _delete,
    on_failure=OnFailure.DROP_HOST,
    settles=frozenset({NODE_LEFT}),
)
