"""Which kube-proxy has the mode nftables.

It is alpha in 1.29, beta and on from 1.31. kubeadm hands the mode on and kube-proxy, which has the
cluster's version, does not start with one that it does not know. Source: KEP-3866 and the table of
feature gates on kubernetes.io.
"""

from __future__ import annotations

from scanner.versions import Version, minor_floor

_KNOWN = minor_floor("1.29")
_ON = minor_floor("1.31")
NFTABLES_GATE = "NFTablesProxyMode"
"""Of kube-proxy's own `featureGates`, not of kubeadm's."""


def has_nftables(kubernetes: Version) -> bool:
    """Whether there is such a mode."""
    return kubernetes >= _KNOWN


def nftables_needs_gate(kubernetes: Version) -> bool:
    """Whether it must be switched on."""
    return _KNOWN <= kubernetes < _ON
