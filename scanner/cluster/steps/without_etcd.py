"""`kubeadm reset` of a control plane whose member of etcd was removed before.

The API server there answers nothing any more, as it knows no other etcd. What kubeadm reads and
writes on its way out (its configuration, up to 1.21 the ClusterStatus, which later joins go by)
goes to the API server of the control plane that stays, where that one can be reached and proves by
the cluster's CA that it is the one; else where admin.conf says. kubeadm only warns where neither
answers (cmd/reset.go, v1.20.2).

Where its member is gone kubeadm tries for three minutes to remove member 0 (mended in 2023
by PR#117724, and as far back as 1.24). That phase is left out where kubeadm's reset has phases, and
what it does besides, emptying etcd's data directory, is done here.
"""

from __future__ import annotations

import ipaddress
import shlex

from scanner.cluster.plan import Member, Plan
from scanner.cluster.steps.manifest_flag import FLAG
from scanner.request import LocalEtcd

# The manifest goes with the reset: where an earlier one was cut off, the inventory must do.
_TEXT = """\
{flag}\
conf=/etc/kubernetes/admin.conf
data=$(flag etcd data-dir)
set --
! kubeadm reset --help 2>/dev/null | grep -q -e --skip-phases ||
	set -- --skip-phases=remove-etcd-member
{through}\
{kubeadm} "$@" || exit
case ${{data:={data}}} in
/[!/.]*) [ ! -d "$data" ] || rm -rf "$data"/* || exit ;;
esac
"""
# The operator's proxy is not for the hosts' own addresses; kubeadm goes by NO_PROXY.
_THROUGH = """\
if [ -e "$conf" ] && curl -g -s --noproxy '*' --max-time 5 -o /dev/null \\
	--cacert /etc/kubernetes/pki/ca.crt '{url}'; then
	sed 's|^\\( *server: \\).*|\\1{url}|' "$conf" >admin.conf || exit
	set -- "$@" --kubeconfig admin.conf
	NO_PROXY=${{NO_PROXY:-${{no_proxy-}}}},{address}
	export NO_PROXY
fi
"""


def reset_without_etcd(plan: Plan, kubeadm: str) -> str:
    """The shell text; its exit status is kubeadm's where that is bad.

    Args:
        plan: with a control plane that stays.
        kubeadm: the command.
    """
    etcd = plan.cluster.etcd
    data = etcd.data_dir if isinstance(etcd, LocalEtcd) else ""
    through = _through(plan.member(plan.stays))
    return _TEXT.format(flag=FLAG, kubeadm=kubeadm, data=shlex.quote(data), through=through)


def _through(stays: Member) -> str:
    """Empty if it is not known at which address the API server listens there."""
    try:
        address = ipaddress.ip_address(stays.target.advertise_address or "")
    except ValueError:
        return ""
    host = f"[{address}]" if isinstance(address, ipaddress.IPv6Address) else str(address)
    url = f"https://{host}:{stays.target.cluster.bind_port}"
    return _THROUGH.format(url=url, address=address)
