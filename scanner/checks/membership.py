"""Is the host a node already: of this cluster, of another one, or of none as a whole?"""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import ALL, Finding, Severity, applies, check, clip
from scanner.facts.base import FactMissing, Facts
from scanner.facts.node import Node
from scanner.membership import State
from scanner.target import Target

_HALF_DONE = (
    "See `journalctl -u kubelet` for what stopped it. If the host was a good member before, start "
    "what is missing (`systemctl enable --now kubelet`); if an init or a join did not end, undo it "
    "with `kubeadm reset` and begin again."
)
_OTHER = (
    "Take the host out of the inventory; or, if that cluster does not need it any more, remove it "
    "there (`kubectl delete node`) and run `kubeadm reset` on it."
)


@check(
    "KS317",
    "membership of a cluster",
    applies(ALL, Severity.ERROR, own=True),
    kubeadm=None,
    remedy=_HALF_DONE,
)
def membership(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Look for the signs of a member of the cluster; passes with all of them, or with none.

    They are: /etc/kubernetes/kubelet.conf; a kubelet service that is active and says ok on port
    10248; a client certificate of the kubelet that is valid; on a control plane kube-apiserver,
    kube-controller-manager, kube-scheduler and a local etcd holding their ports; and the CA of the
    first control plane. With all of them the host is a member, and its ports and files are judged
    as held by the process they belong to. With some it is half done, and kubeadm would refuse it or
    break what there is.
    """
    found = target.membership
    there = clip(", ".join(found.there))
    lacking = clip(", ".join(found.lacking))
    if found.state is State.HALF_DONE:
        yield Finding(
            f"the host is half-way in a cluster: there is {there}, but not {lacking}",
            have=there,
            need=lacking,
            source="/etc/kubernetes, /var/lib/kubelet, /proc",
        )
    elif found.state is State.OTHER_CLUSTER:
        yield Finding(
            f"the host is a member of another cluster: there is {there}, but not {lacking} of the "
            "first control plane",
            have=there,
            need=lacking,
            source="/etc/kubernetes/pki/ca.crt",
            remedy=_OTHER,
        )
    if found.unknown:
        raise FactMissing(clip("; ".join(found.unknown)))
    _looked_at = facts[Node]
