"""kscan's side of a case: its inventory, and the reading of its report."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.parity import kubeadm
from tests.e2e.parity.case import Case, Pair, Phase
from tests.lab.node import Node, Peer

_WORDS = {"warning": "WARNING", "error": "ERROR"}


@dataclass(frozen=True, slots=True)
class Report:
    """kscan's answer about one host."""

    pairs: frozenset[Pair]
    own: frozenset[Pair]
    """The findings of checks that are kscan's own, with kscan's id for the name."""
    unknown: frozenset[str]
    """kubeadm's names that kscan could not answer."""
    words: str


def inventory(case: Case, host: Node, peer: Peer, key: Path) -> str:
    """The same configuration as kubeadm's, as an inventory. JSON, which is YAML too."""
    wanted = case.cluster
    cluster: dict[str, Any] = {
        "kubernetesVersion": wanted.version,
        "bindPort": wanted.bind_port,
    }
    networks = {"podSubnet": wanted.pods, "serviceSubnet": wanted.services}
    cluster["networking"] = {key: value for key, value in networks.items() if value}
    if wanted.proxy_mode:
        cluster["proxyMode"] = wanted.proxy_mode
    if wanted.gates:
        cluster["featureGates"] = dict.fromkeys(wanted.gates, True)
    if wanted.control_plane_endpoint:
        cluster["controlPlaneEndpoint"] = wanted.control_plane_endpoint
    if wanted.etcd is not None:
        cluster["etcd"] = {"external": kubeadm.external(wanted, peer)}
    elif wanted.data_dir:
        cluster["etcd"] = {"local": {"dataDir": wanted.data_dir}}
    if case.phase is not Phase.INIT:
        cluster["controlPlaneEndpoint"] = kubeadm.endpoint(wanted, peer)
    role = "worker" if case.phase is Phase.WORKER else "control-plane"
    own: dict[str, Any] = {
        "name": host.name,
        "address": host.login,
        "port": host.port,
        "user": case.user,
        "roles": [role],
        "advertiseAddress": kubeadm.advertised(wanted, host),
        "criSocket": wanted.cri_socket,
        "nodeName": wanted.node_name,
    }
    hosts: list[dict[str, Any]] = [{name: value for name, value in own.items() if value}]
    if case.phase is not Phase.INIT:
        hosts.append({"name": peer.name, "address": peer.address, "roles": ["control-plane"]})
    document = {"cluster": cluster, "defaults": {"identityFile": str(key)}, "hosts": hosts}
    return json.dumps(document, indent=1) + "\n"


def command(case: Case, inventory_file: Path, home: Path, host: Node, peer: Peer) -> list[str]:
    """kscan looks at the one host; who would be the first control plane is said all the same."""
    master = host.name if case.phase is Phase.INIT else peer.name
    return [
        *("env", f"HOME={home}", sys.executable, "-m", "scanner", "check", str(inventory_file)),
        *("--format", "json", "--limit", host.name, "--master", master),
    ]


def parse(words: str, host: Node) -> Report:
    """Read kscan's JSON document.

    Images are left out, as of kubeadm's answer: it pulls them, and kscan only looks what is there.
    """
    document: dict[str, Any] = json.loads(words)
    found = next(entry for entry in document["hosts"] if entry["name"] == host.name)
    pairs: set[Pair] = set()
    own: set[Pair] = set()
    results = [result for result in found["results"] if result["kubeadm"] != "ImagePull"]
    for result in results:
        for finding in result["findings"]:
            name = result["kubeadm"] or result["check"]
            (pairs if result["kubeadm"] else own).add((_WORDS[finding["severity"]], name))
    unknown = {
        result["kubeadm"]
        for result in results
        if result["kubeadm"] and result["verdict"] == "unknown"
    }
    lines = [
        f"{result['verdict']} {result['kubeadm'] or result['check']}: {result['message']}"
        for result in results
        if result["verdict"] != "pass"
    ]
    return Report(frozenset(pairs), frozenset(own), frozenset(unknown), "\n".join(lines))
