"""What `kubeadm init` leaves in the API, by version: names, labels, taints, what is asked at all.

Sources: cmd/kubeadm of v1.14.10, v1.20.2, 1.22 and v1.28.7 (phases/uploadconfig, kubelet,
markcontrolplane, bootstraptoken, addons); release notes and pull requests as named beside each row.
A cluster that was upgraded has what the newer kubeadm leaves.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanner.kubeadm import releases
from scanner.kubeadm.evidence import Evidence
from scanner.versions import Version, VersionRange, minor_floor

MASTER = "node-role.kubernetes.io/master"
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"
EXCLUDE = "node.kubernetes.io/exclude-from-external-load-balancers"
CRI_SOCKET = "kubeadm.alpha.kubernetes.io/cri-socket"

BOOTSTRAPPERS = "system:bootstrappers:kubeadm:default-node-token"
NODES = "system:nodes"
TOKEN_TYPE = "bootstrap.kubernetes.io/token"  # noqa: S105 - a type of Secret

_READ = {
    (1, 14): Evidence.SOURCE,
    (1, 20): Evidence.REAL,
    (1, 22): Evidence.SOURCE,
    (1, 28): Evidence.SOURCE,
}
"""Of the others release notes and pull requests tell."""

KUBELET_API = "kubelet.config.k8s.io/v1beta1"
KUBE_PROXY_API = "kubeproxy.config.k8s.io/v1alpha1"
"""In every version of kubeadm that is known."""
_CONFIG_APIS = {
    "kubeadm.k8s.io/v1beta1": VersionRange.parse("1.13", "1.22"),
    "kubeadm.k8s.io/v1beta2": VersionRange.parse("1.15", "1.27"),
    "kubeadm.k8s.io/v1beta3": VersionRange.parse("1.22", "1.37"),
    "kubeadm.k8s.io/v1beta4": VersionRange.parse("1.31", None),
}
"""Which kubeadm reads which: RN 1.22 PR#101129, RN 1.27 PR#114540, RN 1.37 PR#136016."""


def config_apis(version: Version) -> tuple[str, ...]:
    """The versions of kubeadm.k8s.io that a kubeadm reads; empty for one that is not known."""
    if version not in releases.SUPPORTED:
        return ()
    return tuple(api for api, versions in _CONFIG_APIS.items() if version in versions)


@dataclass(frozen=True, slots=True)
class AfterInit:
    """What one version leaves."""

    kubelet_configs: tuple[str, ...]
    """Names that the ConfigMap of the kubelets may have, the usual one first."""
    labels: tuple[str, ...]
    """Of a control plane's Node."""
    taints: tuple[str, ...]
    """The same, effect NoSchedule."""
    cri_socket: bool
    """Each Node has the annotation of its CRI socket."""
    get_nodes: bool
    """Who joins may look whether its name is taken (PR#81056)."""
    dynamic_kubelet: bool
    """`kubeadm alpha kubelet config enable-dynamic` exists (until 1.19, CHANGELOG-1.20 #94668)."""
    self_hosting: bool
    """`kubeadm alpha selfhosting pivot` exists (until 1.20, PR#97627)."""
    kube_dns: bool
    """dns.type kube-dns exists (until 1.20, PR#99646)."""
    evidence: Evidence


def after_init(version: Version) -> AfterInit:
    """What the kubeadm of this version leaves; the version of the API server decides."""

    def since(minor: str) -> bool:
        return version >= minor_floor(minor)

    numbered = f"kubelet-config-{version.major}.{version.minor}"
    if since("1.25"):
        kubelet_configs: tuple[str, ...] = ("kubelet-config",)  # PR#110327
    elif since("1.24"):
        kubelet_configs = ("kubelet-config", numbered)  # the gate can be off, PR#108027
    elif since("1.23"):
        kubelet_configs = (numbered, "kubelet-config")  # by a feature gate, PR#105741
    else:
        kubelet_configs = (numbered,)
    return AfterInit(
        kubelet_configs,
        _labels(since_1_20=since("1.20"), since_1_21=since("1.21"), since_1_24=since("1.24")),
        _taints(since_1_24=since("1.24"), since_1_25=since("1.25")),
        cri_socket=not since("1.34"),  # in a file of the node, PR#131981
        get_nodes=since("1.18"),
        dynamic_kubelet=not since("1.20"),
        self_hosting=not since("1.21"),
        kube_dns=not since("1.21"),
        evidence=_evidence(version),
    )


def _labels(*, since_1_20: bool, since_1_21: bool, since_1_24: bool) -> tuple[str, ...]:
    """Value "" each; PR#98269 for the one about load balancers, PR#107533 for the end of master."""
    labels = [] if since_1_24 else [MASTER]
    if since_1_20:
        labels.append(CONTROL_PLANE)
    if since_1_21:
        labels.append(EXCLUDE)
    return tuple(labels)


def _taints(*, since_1_24: bool, since_1_25: bool) -> tuple[str, ...]:
    """PR#107533, PR#110095."""
    if since_1_25:
        return (CONTROL_PLANE,)
    return (MASTER, CONTROL_PLANE) if since_1_24 else (MASTER,)


def _evidence(version: Version) -> Evidence:
    return _READ.get((version.major, version.minor), Evidence.NOTES)
