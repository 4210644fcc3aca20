"""What kubeadm would be given on one host: its configuration documents, as text.

JSON, which is YAML too, in the version of kubeadm.k8s.io that the host's own kubeadm writes.
Sources: apis/kubeadm/v1beta2/types.go and util/config/ of v1.20.2, which was run with this; the
pages of the API reference for v1beta1, v1beta3 and v1beta4; release note of 1.24 (PR#107295) for
the scheme that a socket needs.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from scanner.kubeadm import releases
from scanner.request import ContainerRuntime, Host, LocalEtcd, ProxyMode
from scanner.target import Role, Target
from scanner.versions import minor_floor

Document: TypeAlias = Mapping[str, Any]

_SOCKETS_ARE_URLS = minor_floor("1.24")
_WITHOUT_PULL_POLICY = frozenset({"v1beta1", "v1beta2"})
_WITHOUT_TIMEOUTS = frozenset({"v1beta1", "v1beta2", "v1beta3"})
"""They have `discovery.timeout` instead of `timeouts.discovery`."""


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


def documents(target: Target, host: Host, discovery: Discovery | None = None) -> str:
    """All documents for `--config`, in the order of kubeadm's own output.

    Args:
        target: whose role decides between init and join, and whose kubeadm the API version.
        host: what the inventory says of it.
        discovery: for a join; it is not used for init.

    Raises:
        ValueError: a join without discovery.
    """
    if target.role is Role.INIT:
        return text(init_documents(target, host))
    if discovery is None:
        raise ValueError("a join needs a way to find the cluster")
    return text([join_document(target, host, discovery)])


def text(some: Sequence[Document]) -> str:
    """One file of several documents."""
    return "---\n".join(json.dumps(document, indent=1) + "\n" for document in some)


def init_documents(target: Target, host: Host) -> list[Document]:
    """InitConfiguration, ClusterConfiguration, and KubeProxyConfiguration where it has a mode."""
    api = _api(target)
    init = {
        **_kind(api, "InitConfiguration"),
        "localAPIEndpoint": _own_endpoint(target),
        "nodeRegistration": _node(target, host),
    }
    found: list[Document] = [init, _cluster(target)]
    mode = target.cluster.proxy_mode
    if mode is not ProxyMode.IPTABLES:
        kind = _kind("kubeproxy.config.k8s.io/v1alpha1", "KubeProxyConfiguration")
        found.append({**kind, "mode": mode.value})
    return found


def join_document(target: Target, host: Host, discovery: Discovery) -> Document:
    """JoinConfiguration, for a worker or for another control plane."""
    api = _api(target)
    bootstrap: dict[str, Any] = {
        "apiServerEndpoint": discovery.endpoint,
        "token": discovery.token,
    }
    if discovery.ca_cert_hashes:
        bootstrap["caCertHashes"] = [*discovery.ca_cert_hashes]
    else:
        bootstrap["unsafeSkipCAVerification"] = True
    found: dict[str, Any] = {"bootstrapToken": bootstrap}
    document = {
        **_kind(api, "JoinConfiguration"),
        "discovery": found,
        "nodeRegistration": _node(target, host),
    }
    timeout = f"{discovery.seconds}s"
    if _version(api) in _WITHOUT_TIMEOUTS:
        found["timeout"] = timeout
    else:
        document["timeouts"] = {"discovery": timeout}
    if target.role is Role.JOIN_CONTROL_PLANE:
        document["controlPlane"] = {"localAPIEndpoint": _own_endpoint(target)}
    return document


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


def _api(target: Target) -> str:
    return f"kubeadm.k8s.io/{releases.find(target.kubeadm).config_api}"


def _version(api: str) -> str:
    return api.rpartition("/")[2]


def _kind(api: str, kind: str) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind}


def _own_endpoint(target: Target) -> Document:
    return _set({"advertiseAddress": target.advertise_address}) | {
        "bindPort": target.cluster.bind_port
    }


def _node(target: Target, host: Host) -> Document:
    """nodeRegistration: only what the inventory names, so that kubeadm chooses the rest itself.

    A socket that is not named is kubeadm's to find, and of several it is kubeadm's to refuse.
    """
    cluster = target.cluster
    named = host.cri_socket or cluster.container_runtime is not ContainerRuntime.AUTO
    scheme = "unix://" if target.kubeadm >= _SOCKETS_ARE_URLS else ""
    policy = cluster.image_pull_policy
    knows_policy = _version(_api(target)) not in _WITHOUT_PULL_POLICY
    return _set(
        {
            "name": host.node_name,
            "criSocket": f"{scheme}{target.cri_socket}" if named else None,
            "imagePullPolicy": policy if knows_policy else None,
        }
    )


def _cluster(target: Target) -> Document:
    cluster = target.cluster
    networking = {
        "podSubnet": ",".join(cluster.pod_subnets),
        "serviceSubnet": ",".join(cluster.service_subnets),
        "dnsDomain": cluster.dns_domain,
    }
    return _kind(_api(target), "ClusterConfiguration") | _set(
        {
            "kubernetesVersion": f"v{target.kubernetes}",
            "controlPlaneEndpoint": cluster.control_plane_endpoint,
            "networking": _set(networking),
            "imageRepository": cluster.image_repository,
            "featureGates": dict(cluster.feature_gates),
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
