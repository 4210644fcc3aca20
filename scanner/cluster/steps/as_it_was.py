"""`kubeadm reset` on a host, and everything removed that it leaves there."""

from __future__ import annotations

import shlex

from scanner.cluster.action import NOTE, Command
from scanner.cluster.plan import Plan
from scanner.kubeadm.config_api import ConfigApi
from scanner.request import ProxyMode
from scanner.target import Target

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
			echo "{note}the cluster's rules of $tables are left, as $tables-restore has failed"
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


def kubeadm_reset(target: Target) -> str:
    """The command that undoes what kubeadm has done on a host, as it can be typed."""
    socket = shlex.quote(ConfigApi.of(target.kubeadm).socket(target.cri_socket))
    return f"kubeadm reset --force --cri-socket {socket}"


def as_it_was(plan: Plan, host: str, reset: str) -> Command:
    """Make a host what it was before: detached, and failed where something is left.

    Args:
        plan: tells kube-proxy's mode.
        host: its label.
        reset: shell text that runs `kubeadm reset`, and ends where that fails.
    """
    tables = _TABLES.get(plan.cluster.proxy_mode, "")
    text = f"{reset}{_LEFTOVERS.format(note=NOTE).lstrip()}{tables}{_NOTHING_LEFT}"
    return Command(host, text, seconds=900.0, detached=True)
