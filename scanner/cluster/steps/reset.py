"""`kscan reset`: a host taken out of the cluster, and what kubeadm leaves on it removed."""

from __future__ import annotations

import shlex

from scanner.cluster.action import NOTE, Action, Command
from scanner.cluster.phase import NODE_LEFT, UNDO_NAME, OnFailure, Phase
from scanner.cluster.plan import Member, Plan
from scanner.cluster.quorum import Leaving
from scanner.cluster.same_machine import WAS_RESET
from scanner.cluster.steps.etcd import has_left, leaves, may_leave, nobody_else
from scanner.cluster.steps.node_of import is_this_machine
from scanner.cluster.steps.own_api import OWN_KUBECTL, by_own_api
from scanner.cluster.steps.without_etcd import reset_without_etcd
from scanner.kubeadm.config_api import ConfigApi
from scanner.request import LocalEtcd, ProxyMode
from scanner.target import Role, Target

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
_DELETE = "{kubectl} delete node {node} --ignore-not-found\n"

# What `kubeadm reset` says itself that it leaves: the CNI's files, rules of iptables, IPVS' tables
# (cmd/reset.go, v1.20.2); and the interfaces of the CNI, which would keep old addresses.
_LEFTOVERS = r"""
for path in /etc/cni/net.d /var/lib/cni; do
	for file in "$path"/*; do
		[ ! -e "$file" ] || rm -rf "$file"
	done
done
for tables in iptables ip6tables; do
	command -v "$tables-save" >/dev/null || continue
	rules=$("$tables-save" 2>/dev/null) || continue
	case $rules in
	*KUBE-* | *CNI-*)
		printf '%s\n' "$rules" | grep -v -e KUBE- -e CNI- | "$tables-restore" ||
			echo "kscan: the cluster's rules of $tables are left, as $tables-restore has failed"
		;;
	esac
done
for device in cni0 flannel.1 kube-ipvs0; do
	[ ! -e "/sys/class/net/$device" ] || ip link delete "$device"
done
"""
_TABLES = {
    ProxyMode.IPVS: "! command -v ipvsadm >/dev/null || ipvsadm --clear\n",
    # pkg/proxy/nftables/proxier.go, v1.29
    ProxyMode.NFTABLES: """\
! command -v nft >/dev/null || for family in ip ip6; do
	nft delete table "$family" kube-proxy 2>/dev/null
done
""",
}
# kubeadm only warns of what it cannot unmount or remove, and ends well (cmd/reset.go, v1.20.2).
_NOTHING_LEFT = """\
left=$(
	while read -r _ at _; do
		case $at in /var/lib/kubelet/*) printf ' %s' "$at" ;; esac
	done </proc/mounts
	for path in /etc/kubernetes/kubelet.conf /etc/kubernetes/pki/ca.crt \\
		/etc/kubernetes/manifests/*.yaml /var/lib/kubelet/config.yaml /var/lib/kubelet/pki; do
		[ ! -e "$path" ] || printf ' %s' "$path"
	done
)
[ -z "$left" ] && exit
printf 'error: kubeadm reset has left%.200s: unmount or remove it, then again\\n' "$left"
exit 1
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
        return (_as_it_was(plan, host, f"{kubeadm} || exit\n"),)
    gone = _leaving(member)
    later = _leaving_all(plan, but=host)
    return (
        leaves(plan.stays, gone, later),
        _as_it_was(plan, host, reset_without_etcd(plan, kubeadm)),
        has_left(plan.stays, gone, later),
    )


def _as_it_was(plan: Plan, host: str, reset: str) -> Command:
    tables = _TABLES.get(plan.cluster.proxy_mode, "")
    text = f"{reset}{_LEFTOVERS.lstrip()}{tables}{_NOTHING_LEFT}"
    return Command(host, text, seconds=900.0, detached=True)


def kubeadm_reset(target: Target) -> str:
    """The command that undoes what kubeadm has done on a host, as it can be typed."""
    socket = shlex.quote(ConfigApi.of(target.kubeadm).socket(target.cri_socket))
    return f"kubeadm reset --force --cri-socket {socket}"


def _delete(plan: Plan, host: str) -> tuple[Action, ...]:
    """A join refuses the name of a Node that was Ready a moment ago."""
    node = shlex.quote(plan.member(host).node)
    delete = Command(plan.stays, by_own_api(_DELETE.format(kubectl=OWN_KUBECTL, node=node)))
    return (is_this_machine(plan, host, WAS_RESET), delete)


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
    lambda plan, host: (is_this_machine(plan, host),),
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
    "the node {host} deleted",
    _while_others_stay,
    _delete,
    on_failure=OnFailure.DROP_HOST,
    settles=frozenset({NODE_LEFT}),
)
DELETE_LEFT = Phase(
    NODE_LEFT,
    "the node {host}, which an earlier reset has left, deleted",
    _left_before,
    _delete,
    on_failure=OnFailure.DROP_HOST,
    settles=frozenset({NODE_LEFT}),
)
