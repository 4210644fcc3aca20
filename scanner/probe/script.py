"""The text that one host is sent: the variables, the sections and the driver that frames them."""

from __future__ import annotations

import functools
import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from scanner.kubeadm.kernel_options import ALL_OPTIONS
from scanner.kubeadm.registry import manifest_url
from scanner.measure import NOTHING, Measure
from scanner.request import Cluster, ExternalEtcd, Host, LocalEtcd
from scanner.resolve import endpoint_host, is_address
from scanner.rules.rule import UserRule, Where

DEADLINES = {
    "addresses": 5,
    "binaries": 5,
    "cri": 20,
    "docker": 20,
    "etcd": 20,
    "files": 5,
    "firewall": 5,
    "kubeadm": 20,
    "kubelet": 20,
    "lookup": 12,
    "node": 8,
    "services": 10,
    "storage": 5,
}
"""Seconds for each section of sections.sh that runs by itself, because it asks a program or a
file system that may hang; a name lookup may take DNS two tries of 5 s."""

QUICK = (
    "certificates",
    "cgroups",
    "clock",
    "containerd",
    "cpu",
    "environment",
    "identity",
    "kernel",
    "kernelconfig",
    "kubeletconfig",
    "leftovers",
    "listeners",
    "memory",
    "modules",
    "os",
    "resolver",
    "routes",
    "security",
    "sockets",
    "swap",
    "sysctls",
)
"""Sections that read /proc, /sys and /etc and hardly ever hang: one shell runs them all."""
QUICK_SECONDS = 5

MEASURES = {Measure.FSYNC: 30, Measure.REGISTRY: 25}
"""The same for the sections of measure.sh, each of which a run must ask for."""

CRI_SOCKETS = (
    "/run/containerd/containerd.sock",
    "/var/run/crio/crio.sock",
    "/var/run/cri-dockerd.sock",
)
"""The sockets that kubeadm looks for, without dockershim's."""

KUBEADM_PORTS = (6443, 10250, 10251, 10252, 10257, 10259, 2379, 2380)
MANIFESTS = "/etc/kubernetes/manifests"
KUBEADM_FILES = (
    MANIFESTS,
    f"{MANIFESTS}/kube-apiserver.yaml",
    f"{MANIFESTS}/kube-controller-manager.yaml",
    f"{MANIFESTS}/kube-scheduler.yaml",
    f"{MANIFESTS}/etcd.yaml",
    "/etc/kubernetes/kubelet.conf",
    "/etc/kubernetes/bootstrap-kubelet.conf",
    "/etc/kubernetes/pki/ca.crt",
)


DATA_PATHS = (
    "/var/lib/kubelet",
    "/var/lib/containerd",
    "/var/lib/docker",
    "/var/lib/containers",
    "/var/log",
)
"""Where a node's data goes unless somebody has configured it elsewhere."""


@dataclass(frozen=True, slots=True)
class Script:
    """What is written to `sh -s`, and the boundary that its answer is framed with."""

    own: bytes
    """What only this host is sent."""
    common: bytes
    """What follows, the same object for all hosts of a run."""
    boundary: str
    sections: int
    """How many it asks for."""
    rules: bool = False
    """True if the user's rules follow the probe."""

    @property
    def text(self) -> bytes:
        """All of it."""
        return self.own + self.common

    @property
    def last_line(self) -> bytes:
        """The line without its newline after which nothing follows."""
        if self.rules:
            return f"{self.boundary} rules end".encode()
        return f"{self.boundary} end {self.sections}".encode()


def build(
    cluster: Cluster,
    host: Host,
    rules: tuple[UserRule, ...] = (),
    *,
    measures: frozenset[Measure] = NOTHING,
    shell: str = "sh",
) -> Script:
    """Write the script for one host.

    Args:
        cluster: ports, directories and etcd to ask about.
        host: its node name and CRI socket.
        rules: the user's; those of the host's role are run after the probe.
        measures: sections of measure.sh; without one the host is not sent that file.
        shell: the command that runs each section; tests name dash, bash and busybox here.
    """
    # Random for each host and run: no file on a host can hold a frame.
    boundary = f"kscan-{secrets.token_hex(16)}"
    own = {
        "KSCAN_BOUNDARY": boundary,
        # No secret: what finds the processes of this run again.
        "KSCAN_RUN": secrets.token_hex(8),
        **_questions(cluster, host),
    }
    if Measure.FSYNC in measures:
        own["KSCAN_FSYNC_DIR"] = _etcd_directory(cluster, host)
    role = Where.CONTROL_PLANE if host.is_control_plane else Where.WORKER
    asked = tuple(rule for rule in rules if role in rule.roles)
    common = _same_for_all(cluster, asked, shell, measures)
    return Script(_assignments(own), common, boundary, _count(measures), bool(asked))


def _count(measures: frozenset[Measure]) -> int:
    return len(QUICK) + len(DEADLINES) + len(measures)


def _etcd_directory(cluster: Cluster, host: Host) -> str:
    """Where this host's etcd will write; empty where it runs none."""
    if not host.is_control_plane or not isinstance(cluster.etcd, LocalEtcd):
        return ""
    return cluster.etcd.data_dir


@functools.lru_cache(maxsize=8)
def _same_for_all(
    cluster: Cluster,
    rules: tuple[UserRule, ...],
    shell: str,
    measures: frozenset[Measure] = NOTHING,
) -> bytes:
    """What all hosts of a run are sent: built for the first one, and only copied for the others."""
    asked = {str(name): seconds for name, seconds in MEASURES.items() if name in measures}
    variables = {
        "QUICK": " ".join((str(QUICK_SECONDS), *QUICK)),
        "OTHERS": " ".join(f"{name}:{seconds}" for name, seconds in (DEADLINES | asked).items()),
        "COUNT": str(_count(measures)),
        "SECTIONS": (_text("measure.sh") if asked else "") + _text("sections.sh"),
        **_cluster_questions(cluster),
        **({"KSCAN_REGISTRY": manifest_url(cluster)} if Measure.REGISTRY in measures else {}),
        "KSCAN_SH": shell,
    }
    of_host = (*HOST_VARIABLES, *(("KSCAN_FSYNC_DIR",) if Measure.FSYNC in measures else ()))
    exported = (*of_host, *(name for name in variables if name.startswith("KSCAN_")))
    driver = f"export {' '.join(exported)}\n{_text('driver.sh')}".encode()
    return _assignments(variables) + _rules(rules) + driver


def _rules(rules: tuple[UserRule, ...]) -> bytes:
    """What driver.sh calls `rules`; nothing where there are none."""
    if not rules:
        return b""
    names = " ".join(f"{rule.name}:{rule.digest}:{rule.seconds}" for rule in rules)
    commands = {f"RULE_{number}": rule.command for number, rule in enumerate(rules, start=1)}
    return _assignments({"RULES": names, **commands}) + _text("rules.sh").encode()


def _assignments(variables: Mapping[str, str]) -> bytes:
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items()).encode()


HOST_VARIABLES = (
    "KSCAN_BOUNDARY",
    "KSCAN_RUN",
    "KSCAN_NODE_NAME",
    "KSCAN_CRI_SOCKETS",
    "KSCAN_IMAGES",
    "KSCAN_ETCD_ENDPOINTS",
)
"""The variables of driver.sh and sections.sh that differ from host to host."""


def _questions(cluster: Cluster, host: Host) -> dict[str, str]:
    """What is asked of this host."""
    external = _external(cluster)
    endpoints = dict.fromkeys((*external.endpoints, *external.http_endpoints))
    return {
        "KSCAN_NODE_NAME": host.node_name or "",
        "KSCAN_CRI_SOCKETS": " ".join(dict.fromkeys([*_socket(host), *CRI_SOCKETS])),
        # Only a control plane's preflight asks for images.
        "KSCAN_IMAGES": "yes" if host.is_control_plane else "",
        # Only a control plane talks to etcd.
        "KSCAN_ETCD_ENDPOINTS": " ".join(endpoints) if host.is_control_plane else "",
    }


def _cluster_questions(cluster: Cluster) -> dict[str, str]:
    """What is asked of every host of a cluster."""
    external = _external(cluster)
    paths = [*KUBEADM_FILES, *external.files]
    if isinstance(cluster.etcd, LocalEtcd):
        paths.append(cluster.etcd.data_dir)
    data_paths = list(DATA_PATHS)
    if isinstance(cluster.etcd, LocalEtcd):
        data_paths.append(cluster.etcd.data_dir)
    ports = sorted({*KUBEADM_PORTS, cluster.bind_port})
    return {
        "KSCAN_FILES": "\n".join(paths),
        "KSCAN_DATA_PATHS": "\n".join(data_paths),
        "KSCAN_ENDPOINT": _endpoint_name(cluster),
        "KSCAN_PORTS_HEX": "|".join(f"{port:04X}" for port in ports),
        "KSCAN_KERNEL_OPTIONS": "|".join(ALL_OPTIONS),
        "KSCAN_ETCD_CA": external.ca_file,
        "KSCAN_ETCD_CERT": external.cert_file,
        "KSCAN_ETCD_KEY": external.key_file,
    }


def _endpoint_name(cluster: Cluster) -> str:
    """The name that every host must know; empty where the endpoint is an address, or not set."""
    host = endpoint_host(cluster.control_plane_endpoint)
    return "" if is_address(host) else host


def _external(cluster: Cluster) -> ExternalEtcd:
    return cluster.etcd if isinstance(cluster.etcd, ExternalEtcd) else ExternalEtcd(())


def _socket(host: Host) -> tuple[str, ...]:
    """The configured socket, if it is not one of those that are asked anyhow."""
    path = (host.cri_socket or "").removeprefix("unix://")
    usual = {socket.removeprefix("/var") for socket in CRI_SOCKETS}
    return () if not path or path.removeprefix("/var") in usual else (path,)


def _text(name: str) -> str:
    return files("scanner.probe").joinpath(name).read_text(encoding="utf-8")
