"""kubeadm's side of a case: its configuration, and the reading of what it printed."""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import Any

from tests.e2e.parity.case import Case, Cluster, Pair, Phase
from tests.e2e.parity.versions import CONFIG_API
from tests.lab.node import Node, Peer

API = f"kubeadm.k8s.io/{CONFIG_API}"
TOKEN = "abcdef.0123456789abcdef"  # noqa: S105 - nothing will ever accept it

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LINE = re.compile(r"^\t\[(WARNING|ERROR) ([^\]]+)\]: (.*)$")
_STARTED = "[preflight] Running pre-flight checks"
_FIRST_STAGE = re.compile(
    r"DirAvailable--etc-kubernetes-manifests|FileAvailable--etc-kubernetes-(bootstrap-)?kubelet"
    r"\.conf|CRI|Service-\w+|IsDockerSystemdCheck|FileContent-.*|Swap|FileExisting-.*"
    r"|SystemVerification|Hostname|KubeletVersion|Port-10250|HTTPProxy|IsPrivilegedUser"
)
"""What `kubeadm join --control-plane` checks before it asks the API for the cluster."""


@dataclass(frozen=True, slots=True)
class Said:
    """What kubeadm printed; `words` holds all of it for the test's report."""

    started: bool
    pairs: frozenset[Pair]
    words: str


def parse(words: str) -> Said:
    """Read kubeadm's lines; a message may span several, and only its first has the pattern.

    Images are left out: pulling them needs a registry, and kscan only reads.
    """
    plain = _COLOUR.sub("", words)
    found = [match for line in plain.splitlines() if (match := _LINE.match(line))]
    pairs = frozenset((match[1], match[2]) for match in found if match[2] != "ImagePull")
    return Said(_STARTED in plain, pairs, plain)


def path(case: Case) -> str:
    """Where on the host the case's configuration is; several cases may be asked at once."""
    return f"/etc/kscan-parity/{zlib.crc32(str(case).encode()):08x}.yaml"


def command(case: Case) -> str:
    """The command line for a login of the case's user."""
    verb = "init" if case.phase is Phase.INIT else "join"
    become = "sudo -n " if case.user == "ops" else ""
    return f"{become}kubeadm {verb} phase preflight --config {path(case)} 2>&1"


def stage(case: Case, said: Said, pairs: frozenset[Pair]) -> frozenset[Pair]:
    """The part of kscan's answer that kubeadm has come to."""
    if {name for _, name in said.pairs} == {"IsPrivilegedUser"}:
        # It is asked first and alone.
        return frozenset(pair for pair in pairs if pair[1] == "IsPrivilegedUser")
    if case.phase is Phase.CONTROL_PLANE:
        return frozenset(pair for pair in pairs if _FIRST_STAGE.fullmatch(pair[1]))
    return pairs


def config(case: Case, host: Node, peer: Peer) -> str:
    """kubeadm's configuration file. JSON, which is YAML too."""
    documents: list[dict[str, Any]] = (
        [_init(case, host), _cluster(case.cluster, peer)]
        if case.phase is Phase.INIT
        else [_join(case, host, peer)]
    )
    if case.cluster.proxy_mode:
        documents.append(
            {
                "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
                "kind": "KubeProxyConfiguration",
                "mode": case.cluster.proxy_mode,
            }
        )
    return "\n---\n".join(json.dumps(document, indent=1) for document in documents) + "\n"


def endpoint(cluster: Cluster, peer: Peer) -> str:
    """host:port of the API server that a join is given."""
    host = cluster.endpoint or (f"[{peer.address6}]" if cluster.ipv6 else peer.address)
    return f"{host}:6443"


def _node(cluster: Cluster) -> dict[str, str]:
    wanted = {"criSocket": cluster.cri_socket, "name": cluster.node_name}
    return {key: value for key, value in wanted.items() if value}


def _own(cluster: Cluster, host: Node) -> dict[str, Any]:
    return {"advertiseAddress": advertised(cluster, host), "bindPort": cluster.bind_port}


def advertised(cluster: Cluster, host: Node) -> str:
    """localAPIEndpoint.advertiseAddress, which kubeadm and the inventory spell alike."""
    return cluster.advertise or (host.address6 if cluster.ipv6 else host.address)


def _init(case: Case, host: Node) -> dict[str, Any]:
    return {
        "apiVersion": API,
        "kind": "InitConfiguration",
        "localAPIEndpoint": _own(case.cluster, host),
        "nodeRegistration": _node(case.cluster),
    }


def _cluster(cluster: Cluster, peer: Peer) -> dict[str, Any]:
    networks = {"podSubnet": cluster.pods, "serviceSubnet": cluster.services}
    document: dict[str, Any] = {
        "apiVersion": API,
        "kind": "ClusterConfiguration",
        "kubernetesVersion": cluster.version,
        "networking": {key: value for key, value in networks.items() if value},
    }
    if cluster.gates:
        document["featureGates"] = dict.fromkeys(cluster.gates, True)
    if cluster.control_plane_endpoint:
        document["controlPlaneEndpoint"] = cluster.control_plane_endpoint
    if cluster.etcd is not None:
        document["etcd"] = {"external": external(cluster, peer)}
    elif cluster.data_dir:
        document["etcd"] = {"local": {"dataDir": cluster.data_dir}}
    return document


def external(cluster: Cluster, peer: Peer) -> dict[str, Any]:
    """etcd.external, which kubeadm and the inventory spell alike."""
    etcd = cluster.etcd
    assert etcd is not None
    found = {
        "endpoints": [url.replace("PEER", peer.address) for url in etcd.endpoints],
        "caFile": etcd.ca,
        "certFile": etcd.cert,
        "keyFile": etcd.key,
    }
    return {key: value for key, value in found.items() if value}


def _join(case: Case, host: Node, peer: Peer) -> dict[str, Any]:
    discovery = {
        "bootstrapToken": {
            "apiServerEndpoint": endpoint(case.cluster, peer),
            "token": TOKEN,
            "unsafeSkipCAVerification": True,
        },
        # Nothing answers there; the preflight is over by then.
        "timeout": "1s",
    }
    document: dict[str, Any] = {
        "apiVersion": API,
        "kind": "JoinConfiguration",
        "discovery": discovery,
        "nodeRegistration": _node(case.cluster),
    }
    if case.phase is Phase.CONTROL_PLANE:
        document["controlPlane"] = {"localAPIEndpoint": _own(case.cluster, host)}
    return document
