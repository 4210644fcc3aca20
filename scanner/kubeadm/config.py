"""What kubeadm is given on one host: its configuration documents, as text.

JSON, which is YAML too and quotes every string, in the version of kubeadm.k8s.io that the host's
own kubeadm writes. Sources: apis/kubeadm/v1beta2/types.go and util/config/ of v1.20.2, which was
run with this; the pages of the API reference for v1beta1, v1beta3 and v1beta4.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from scanner.kubeadm import releases
from scanner.kubeadm.config_api import ConfigApi
from scanner.kubeadm.extra_documents import KUBE_PROXY, ExtraDocument
from scanner.kubeadm.node_registration import node_registration
from scanner.kubeadm.proxy_modes import NFTABLES_GATE, nftables_needs_gate
from scanner.request import Host, LocalEtcd, ProxyMode
from scanner.target import Role, Target

Document: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Discovery:
    """How a join finds the cluster: `discovery.bootstrapToken`."""

    endpoint: str
    """host:port of an API server."""
    token: str
    ca_cert_hashes: tuple[str, ...] = ()
    """`sha256:...`; without any, kubeadm is told not to look."""
    seconds: int = 300
    """After which it gives up; kubeadm's own default."""


@dataclass(frozen=True, slots=True)
class BootstrapToken:
    """`bootstrapTokens`: what init makes in the place of its own token of 24 hours."""

    token: str
    description: str
    ttl: str
    """As Go writes a duration, such as `1h0m0s`."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What a real init or join is given beyond the inventory; the preflight alone needs none."""

    token: BootstrapToken | None = None
    certificate_key: str = ""
    """32 bytes in hex; where there is no field for it, it is not written."""
    patches: str = ""
    """Directory on the host; where there is no field for it, it is not written."""
    control_plane_seconds: int | None = None
    """For the control plane to answer; None leaves kubeadm's four minutes."""
    documents: tuple[ExtraDocument, ...] = ()


NONE = Extras()


def documents(
    target: Target, host: Host, discovery: Discovery | None = None, extras: Extras = NONE
) -> str:
    """All documents for `--config`, in the order of kubeadm's own output.

    Args:
        target: whose role decides between init and join, and whose kubeadm the API version.
        host: what the inventory says of it.
        discovery: for a join; it is not used for init.
        extras: what a real run adds.

    Raises:
        ValueError: a join without discovery.
    """
    if target.role is Role.INIT:
        own = text(init_documents(target, host, extras))
        return "---\n".join((own, *(document.text for document in extras.documents)))
    if discovery is None:
        raise ValueError("a join needs a way to find the cluster")
    return text([join_document(target, host, discovery, extras)])


def text(some: Sequence[Document]) -> str:
    """One file of several documents."""
    return "---\n".join(json.dumps(document, indent=1) + "\n" for document in some)


def init_documents(target: Target, host: Host, extras: Extras = NONE) -> list[Document]:
    """InitConfiguration, ClusterConfiguration, and KubeProxyConfiguration where it has a mode."""
    api = ConfigApi.of(target.kubeadm)
    init = {
        **api.kind("InitConfiguration"),
        **_tokens(extras.token),
        "localAPIEndpoint": _own_endpoint(target),
        "nodeRegistration": node_registration(target, host),
        **_for_a_control_plane(api, extras),
        **_timeouts(api, controlPlaneComponentHealthCheck=extras.control_plane_seconds),
    }
    found: list[Document] = [init, _cluster(target, api, extras)]
    mode = target.cluster.proxy_mode
    given = any(document.kind == KUBE_PROXY for document in extras.documents)
    if mode is not ProxyMode.IPTABLES and not given:
        kind = {"apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": KUBE_PROXY}
        gates = mode is ProxyMode.NFTABLES and nftables_needs_gate(target.kubernetes)
        found.append(
            {
                **kind,
                "mode": mode.value,
                **_set({"featureGates": {NFTABLES_GATE: True} if gates else {}}),
            }
        )
    return found


def join_document(
    target: Target, host: Host, discovery: Discovery, extras: Extras = NONE
) -> Document:
    """JoinConfiguration, for a worker or for another control plane."""
    api = ConfigApi.of(target.kubeadm)
    bootstrap: dict[str, Any] = {
        "apiServerEndpoint": discovery.endpoint,
        "token": discovery.token,
    }
    if discovery.ca_cert_hashes:
        bootstrap["caCertHashes"] = [*discovery.ca_cert_hashes]
    else:
        bootstrap["unsafeSkipCAVerification"] = True
    found: dict[str, Any] = {"bootstrapToken": bootstrap}
    if not api.timeouts:
        found["timeout"] = f"{discovery.seconds}s"
    document = {
        **api.kind("JoinConfiguration"),
        "discovery": found,
        "nodeRegistration": node_registration(target, host),
    }
    patches = _for_a_control_plane(api, extras)
    key = patches.pop("certificateKey", None)
    if target.role is Role.JOIN_CONTROL_PLANE:
        document["controlPlane"] = {
            "localAPIEndpoint": _own_endpoint(target),
            **({"certificateKey": key} if key else {}),
        }
    return {**document, **patches, **_timeouts(api, discovery=discovery.seconds)}


def api_endpoint(target: Target) -> str:
    """host:port that a join is given; empty where the inventory does not tell."""
    cluster = target.cluster
    given = cluster.control_plane_endpoint or target.endpoint
    if not given:
        return ""
    if given.startswith("["):
        return given if "]:" in given else f"{given}:{cluster.bind_port}"
    try:
        bare = f"[{ipaddress.IPv6Address(given)}]"
    except ValueError:
        return given if ":" in given else f"{given}:{cluster.bind_port}"
    return f"{bare}:{cluster.bind_port}"


def _own_endpoint(target: Target) -> Document:
    return _set({"advertiseAddress": target.advertise_address}) | {
        "bindPort": target.cluster.bind_port
    }


def _tokens(token: BootstrapToken | None) -> dict[str, Any]:
    if token is None:
        return {}
    entry = {"token": token.token, "description": token.description, "ttl": token.ttl}
    return {"bootstrapTokens": [entry]}


def _for_a_control_plane(api: ConfigApi, extras: Extras) -> dict[str, Any]:
    key = extras.certificate_key if api.certificate_key else ""
    patches = {"directory": extras.patches} if api.patches_field and extras.patches else {}
    return _set({"certificateKey": key, "patches": patches})


def _timeouts(api: ConfigApi, **seconds: int | None) -> dict[str, Any]:
    """v1beta4's object; before that version they stand where they are used."""
    some = {name: f"{value}s" for name, value in seconds.items() if value is not None}
    return {"timeouts": some} if some and api.timeouts else {}


def _cluster(target: Target, api: ConfigApi, extras: Extras) -> Document:
    cluster = target.cluster
    networking = {
        "podSubnet": ",".join(cluster.pod_subnets),
        "serviceSubnet": ",".join(cluster.service_subnets),
        "dnsDomain": cluster.dns_domain,
    }
    seconds = None if api.timeouts else extras.control_plane_seconds
    return api.kind("ClusterConfiguration") | _set(
        {
            "clusterName": cluster.name,
            "kubernetesVersion": f"v{target.kubernetes}",
            "controlPlaneEndpoint": cluster.control_plane_endpoint,
            "networking": _set(networking),
            "imageRepository": cluster.image_repository,
            "featureGates": dict(cluster.feature_gates),
            "apiServer": {"timeoutForControlPlane": f"{seconds}s"} if seconds else {},
            "etcd": _etcd(target),
        }
    )


def _etcd(target: Target) -> Document:
    etcd = target.cluster.etcd
    if isinstance(etcd, LocalEtcd):
        return {"local": {"dataDir": etcd.data_dir}}
    files = {"caFile": etcd.ca_file, "certFile": etcd.cert_file, "keyFile": etcd.key_file}
    knows_http = releases.find(target.kubeadm).etcd_http_endpoints
    http = {"httpEndpoints": [*etcd.http_endpoints] if knows_http else []}
    return {"external": {"endpoints": [*etcd.endpoints], **_set(files), **_set(http)}}


def _set(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Only the fields that say something."""
    return {name: value for name, value in fields.items() if value}
