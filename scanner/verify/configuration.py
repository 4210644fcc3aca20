"""Step 1: what kubeadm keeps of the cluster's configuration."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import Finding, Severity, clip
from scanner.facts.base import FactMissing
from scanner.kubeadm.after_init import BOOTSTRAPPERS, NODES, config_apis
from scanner.verify.components import flag, pods_of
from scanner.verify.documents import of_kind
from scanner.verify.objects import Object, Ref, text
from scanner.verify.observed import Listed, Observed
from scanner.verify.rbac import Right, absent, granted, groups, in_namespace
from scanner.verify.step import Seen, step
from scanner.versions import parse_version

KUBEADM_CONFIG = Ref("ConfigMap", "kubeadm-config", "kube-system")
CONFIG_MAP = "ConfigMap"
RBAC = "RBAC"
_SOURCE = f"{KUBEADM_CONFIG.path} ClusterConfiguration"
_RUNS_WITH = (
    ("serviceSubnet", "kube-apiserver", "service-cluster-ip-range"),
    ("podSubnet", "kube-controller-manager", "cluster-cidr"),
)
"""Field of networking, component, and the flag that kubeadm makes of it (phases/controlplane)."""
READERS = groups(BOOTSTRAPPERS, NODES)
_KUBEADM_GRANT = in_namespace(
    "kube-system",
    "kubeadm:nodes-kubeadm-config",
    READERS,
    Right("get", "configmaps", "kubeadm-config"),
)


def cluster_configuration(observed: Observed) -> Object | None:
    """ClusterConfiguration of kubeadm-config; None if there is none.

    Raises:
        FactMissing: kubeadm-config could not be read.
    """
    found = observed.get(KUBEADM_CONFIG)
    if found is None:
        return None
    return of_kind(text(found, "data", "ClusterConfiguration"), "ClusterConfiguration")


@step(
    "KS801",
    "kubeadm-config",
    number=1,
    remedy="Upload it again: `kubeadm init phase upload-config kubeadm --config FILE` on a control "
    "plane.",
    reads=lambda _version: (KUBEADM_CONFIG, *_KUBEADM_GRANT.refs),
    subjects=(CONFIG_MAP, RBAC),
)
def kubeadm_config(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read ConfigMap kube-system/kubeadm-config, and who may read it.

    Passes if its ClusterConfiguration can be read by this version's kubeadm, names the API
    server's version and what the inventory names of the endpoint, and who joins and each node may
    get it. Another patch or endpoint is a warning, and so are networks that are not those that the
    API server and controller-manager are started with. Source: phases/uploadconfig and
    util/config/cluster.go of v1.20.2.
    """
    if subject == RBAC:
        yield from granted(seen.observed, _KUBEADM_GRANT)
        return
    if seen.observed.get(KUBEADM_CONFIG) is None:
        yield absent(KUBEADM_CONFIG)
        return
    found = cluster_configuration(seen.observed)
    if found is None:
        message = f"{KUBEADM_CONFIG} has no ClusterConfiguration that can be read"
        yield Finding(message, source=_SOURCE)
        return
    yield from other_api(found, config_apis(seen.observed.version), _SOURCE)
    yield from _version(seen, found)
    yield from _endpoint(seen, found)
    yield from _networks(seen, found)


def other_api(found: Object, need: tuple[str, ...], source: str) -> Iterator[Finding]:
    """What is wrong with a document's apiVersion: kubeadm reads these; none: it is not known."""
    have = text(found, "apiVersion")
    if need and have not in need:
        yield Finding(
            f"its apiVersion is {clip(have) or 'empty'}, and kubeadm reads {' or '.join(need)}",
            have=clip(have),
            need=" or ".join(need),
            source=source,
        )


def _version(seen: Seen, found: Object) -> Iterator[Finding]:
    have, api = text(found, "kubernetesVersion"), seen.observed.version
    try:
        named = parse_version(have)
    except ValueError:
        named = None
    if named is not None and named.to_tuple()[:3] == api.to_tuple()[:3]:
        return
    same_minor = named is not None and (named.major, named.minor) == (api.major, api.minor)
    yield Finding(
        f"it names Kubernetes {clip(have) or 'nothing'}, and the API server is v{api}",
        have=clip(have),
        need=f"v{api}",
        source=_SOURCE,
        # joins look for that minor's configuration of the kubelets, and install that version
        severity=Severity.WARNING if same_minor else Severity.ERROR,
        remedy="Finish the upgrade: `kubeadm upgrade apply` writes it.",
    )


def _endpoint(seen: Seen, found: Object) -> Iterator[Finding]:
    asked = seen.expected.cluster.control_plane_endpoint
    endpoint = text(found, "controlPlaneEndpoint")
    if asked and endpoint.removesuffix(f":{seen.expected.cluster.bind_port}") != asked.removesuffix(
        f":{seen.expected.cluster.bind_port}"
    ):
        yield Finding(
            f"its controlPlaneEndpoint is {clip(endpoint) or 'empty'}, the inventory's is {asked}",
            have=clip(endpoint),
            need=asked,
            source=_SOURCE,
            severity=Severity.WARNING,
            remedy="Correct the inventory, or kubeadm-config: joins take the endpoint from there.",
        )


def _networks(seen: Seen, found: Object) -> Iterator[Finding]:
    """Compare with what runs: a control plane that joins is given the networks that stand here."""
    try:
        pods = seen.observed.all(Listed.CONTROL_PLANE_PODS)
    except FactMissing:
        return
    for key, component, name in _RUNS_WITH:
        have = text(found, "networking", key)
        runs = {flag(pod, name) for pod in pods_of(component, pods)} - {""}
        for other in sorted(runs - {have}) if have else ():
            yield Finding(
                f"its {key} is {clip(have)}, and {component} runs with {clip(other)}",
                have=clip(have),
                need=clip(other),
                source=_SOURCE,
                severity=Severity.WARNING,
                remedy="Correct it: `kubectl -n kube-system edit configmap kubeadm-config`.",
            )


def service_subnet(seen: Seen) -> str:
    """The cluster's networks of services: as kubeadm has them, else as the inventory says."""
    try:
        found = text(cluster_configuration(seen.observed), "networking", "serviceSubnet")
    except FactMissing:
        found = ""
    return found or ",".join(seen.expected.cluster.service_subnets)


def disabled(seen: Seen, key: str) -> bool:
    """True if ClusterConfiguration says that an add-on is not wanted (v1beta4)."""
    try:
        found = cluster_configuration(seen.observed)
    except FactMissing:
        return False
    return text(found, key, "disabled") == "true"
