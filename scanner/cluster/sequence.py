"""The order of the phases, for each command."""

from __future__ import annotations

from scanner.cluster.phase import Phase
from scanner.cluster.steps import kubeadm, kubeconfig, manifests, nodes, reset, token

INIT: tuple[Phase, ...] = (
    token.LEFT,
    reset.DELETE_LEFT,
    kubeadm.INIT,
    kubeconfig.FETCH,
    # waited for at the end: hosts join while the network of the first one comes up
    manifests.CNI,
    token.MINT,
    token.UPLOAD_CERTIFICATES,
    kubeadm.JOIN_CONTROL_PLANE,
    kubeadm.JOIN_WORKER,
    nodes.LABELS,
    nodes.READY,
    nodes.THERE,
    nodes.CNI_ROLLED_OUT,
    manifests.SYSTEM_ROLLED_OUT,
    manifests.ADDONS,
)
FINISH: tuple[Phase, ...] = (token.REVOKE_UPLOADED, token.REVOKE_TOKENS)
"""After the cluster was verified, which needs the token."""

JOIN: tuple[Phase, ...] = (
    token.LEFT,
    reset.DELETE_LEFT,
    kubeconfig.FETCH,
    token.MINT,
    token.UPLOAD_CERTIFICATES,
    kubeadm.JOIN_CONTROL_PLANE,
    kubeadm.JOIN_WORKER,
    nodes.LABELS,
    nodes.READY,
    nodes.THERE,
)
RESET: tuple[Phase, ...] = (
    # both only ask, of all that are named, before the first change
    reset.SAME_MACHINE,
    reset.ETCD_WITHOUT,
    reset.DRAIN,
    reset.RESET_WORKERS,
    reset.RESET_CONTROL_PLANES,
    reset.DELETE,
)
UNDO: tuple[Phase, ...] = (
    reset.SAME_MACHINE,
    reset.ETCD_WITHOUT,
    reset.UNDO,
    reset.DELETE,
)
"""What an earlier run has left half done; no pods are moved, as nothing was to run there yet."""
FINISH_UNDO: tuple[Phase, ...] = (reset.SAME_MACHINE, reset.MEMBER_GONE, reset.DELETE)
"""On a host that is clean again, and whose Node and member of etcd may still be there."""
