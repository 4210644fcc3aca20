"""`kscan reset`: a host taken out of the cluster, and what kubeadm leaves on it removed."""

from __future__ import annotations

import shlex

from scanner.cluster.action import KUBECTL, Action, Command
from scanner.cluster.phase import OnFailure, Phase
from scanner.cluster.plan import Plan
from scanner.kubeadm.config_api import ConfigApi
from scanner.request import Cluster, ProxyMode
from scanner.target import Role, Target

DRAIN_SECONDS = 120

# --delete-local-data was renamed in 1.20 (PR#95076); both are not there in every version.
_DRAIN = """\
found=$({kubectl} get node {node} --ignore-not-found -o name) || exit 1
[ -n "$found" ] || {{ echo 'the API has no such node'; exit 0; }}
data=--delete-emptydir-data
{kubectl} drain --help | grep -q -e "$data" || data=--delete-local-data
{kubectl} drain {node} --ignore-daemonsets --force "$data" --timeout={seconds}s ||
	echo 'the node was not drained in time: it is reset all the same'
"""
_DELETE = "{kubectl} delete node {node} --ignore-not-found"

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
		printf '%s\n' "$rules" | grep -v -e KUBE- -e CNI- | "$tables-restore"
		;;
	esac
done
for device in cni0 flannel.1 kube-ipvs0; do
	[ ! -e "/sys/class/net/$device" ] || ip link delete "$device"
done
"""
_IPVS = "! command -v ipvsadm >/dev/null || ipvsadm --clear\n"


def _others(plan: Plan, host: str) -> bool:
    """True if there is a cluster left to take the node out of."""
    alive = plan.member(plan.master).joined and plan.master not in plan.named
    return alive and host != plan.master


def _drain(plan: Plan, host: str) -> tuple[Action, ...]:
    node = shlex.quote(plan.member(host).node)
    text = _DRAIN.format(kubectl=KUBECTL, node=node, seconds=DRAIN_SECONDS)
    return (Command(plan.master, text, seconds=DRAIN_SECONDS + 60.0),)


def _reset(plan: Plan, host: str) -> tuple[Action, ...]:
    text = undo(plan.cluster, plan.member(host).target)
    return (Command(host, text, seconds=900.0, detached=True),)


def undo(cluster: Cluster, target: Target) -> str:
    """The shell text that makes a host what it was before kubeadm."""
    socket = shlex.quote(ConfigApi.of(target.kubeadm).socket(target.cri_socket))
    ipvs = _IPVS if cluster.proxy_mode is ProxyMode.IPVS else ""
    return f"kubeadm reset --force --cri-socket {socket} || exit\n{_LEFTOVERS.lstrip()}{ipvs}"


def _delete(plan: Plan, host: str) -> tuple[Action, ...]:
    return (delete_node(plan.master, plan.member(host).node),)


def delete_node(master: str, node: str) -> Command:
    """Take a node out of the API; a join refuses the name of one that was Ready a moment ago."""
    return Command(master, _DELETE.format(kubectl=KUBECTL, node=shlex.quote(node)))


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


DRAIN = Phase(
    "drain",
    "pods moved away from {host}",
    lambda plan: tuple(host for host in _in_order(plan) if _others(plan, host)),
    _drain,
)
RESET_WORKERS = Phase(
    "reset",
    "kubeadm reset on {host}, and what it leaves removed",
    _workers,
    _reset,
    on_failure=OnFailure.DROP_HOST,
    window=16,
)
RESET_CONTROL_PLANES = Phase(
    "reset",
    "kubeadm reset on {host}, and what it leaves removed",
    _control_planes,
    _reset,
    # the next one could cost etcd its quorum
    on_failure=OnFailure.STOP,
)
DELETE = Phase(
    "delete-node",
    "the node {host} deleted",
    lambda plan: tuple(host for host in _in_order(plan) if _others(plan, host)),
    _delete,
    on_failure=OnFailure.DROP_HOST,
)
