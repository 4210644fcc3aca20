"""What the user asked for: the inventory and the command line as frozen values, nothing measured.

Field names are kubeadm's where kubeadm has the field, in snake case.
"""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from scanner.rules.rule import UserRule
from scanner.secrets.secret import Secret
from scanner.versions import Version


class NodeRole(StrEnum):
    """What a host becomes in the cluster; a host may have both."""

    CONTROL_PLANE = "control-plane"
    WORKER = "worker"


class ContainerRuntime(StrEnum):
    """`containerRuntime`; AUTO is found on the host as kubeadm finds it."""

    AUTO = "auto"
    DOCKER = "docker"
    CONTAINERD = "containerd"
    CRIO = "cri-o"


class ProxyMode(StrEnum):
    """kube-proxy's mode."""

    IPTABLES = "iptables"
    IPVS = "ipvs"
    NFTABLES = "nftables"


class CniProfile(StrEnum):
    """`cni.profile`: whose ports the hosts must reach each other on."""

    NONE = "none"
    FLANNEL = "flannel"
    CALICO = "calico"
    CILIUM = "cilium"


class Sudo(StrEnum):
    """How to become root: AUTO uses sudo or doas where the login is not root, OFF never does."""

    AUTO = "auto"
    OFF = "off"


class HostKeyPolicy(StrEnum):
    """What an unknown host key means; a changed one is always refused unless OFF."""

    STRICT = "strict"
    ACCEPT_NEW = "accept-new"
    OFF = "off"


HostKeys: TypeAlias = HostKeyPolicy | tuple[str, ...]
"""A policy, or the pinned fingerprints (`SHA256:...`, as ssh-keygen -l prints them)."""


@dataclass(frozen=True, slots=True)
class LocalEtcd:
    """`etcd.local`."""

    data_dir: str = "/var/lib/etcd"


@dataclass(frozen=True, slots=True)
class ExternalEtcd:
    """`etcd.external`; the files lie on the control-plane hosts."""

    endpoints: tuple[str, ...]
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    http_endpoints: tuple[str, ...] = ()
    """Where kubeadm 1.35 and later asks for the version; empty = at the endpoints."""

    @property
    def files(self) -> tuple[str, ...]:
        """The certificate files that are set, in kubeadm's order."""
        return tuple(path for path in (self.ca_file, self.cert_file, self.key_file) if path)


def is_url(manifest: str) -> bool:
    """True if kubectl would fetch it; by its own rule, everything else is a path."""
    return manifest.startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest to apply after init: an add-on or the CNI."""

    name: str
    manifest: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster to be made; defaults are kubeadm's own."""

    name: str = "kubernetes"
    kubernetes_version: Version | None = None
    control_plane_endpoint: str = ""
    """host[:port], or empty."""
    bind_port: int = 6443
    pod_subnets: tuple[str, ...] = ()
    service_subnets: tuple[str, ...] = ("10.96.0.0/12",)
    dns_domain: str = "cluster.local"
    container_runtime: ContainerRuntime = ContainerRuntime.AUTO
    image_repository: str = ""
    image_pull_policy: str = "IfNotPresent"
    proxy_mode: ProxyMode = ProxyMode.IPTABLES
    feature_gates: tuple[tuple[str, bool], ...] = ()
    etcd: LocalEtcd | ExternalEtcd = LocalEtcd()
    cni_manifest: str = ""
    cni_profile: CniProfile = CniProfile.NONE
    addons: tuple[Manifest, ...] = ()
    extra_documents: tuple[str, ...] = ()
    patches: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """How to reach one machine over SSH; None leaves it to ~/.ssh/config and OpenSSH's defaults."""

    address: str
    """An IP address, a name, or a Host alias of ~/.ssh/config."""
    port: int | None = None
    user: str | None = None
    identity_file: Path | None = None
    sudo: Sudo = Sudo.AUTO
    host_keys: HostKeys | None = None
    """None = StrictHostKeyChecking of ~/.ssh/config, else strict."""
    jump: Login | None = None
    """The last jump host before this one; None = ProxyJump of ~/.ssh/config, if it has one."""
    direct: bool = False
    """Without a jump host, whatever ~/.ssh/config says."""
    local: bool = False
    """This machine itself, without SSH."""
    password: Secret | None = None
    """For SSH's password and keyboard-interactive methods; tried after the keys."""
    passphrase: Secret | None = None
    """Of the key files."""
    sudo_password: Secret | None = None
    """None = sudo must not ask."""


@dataclass(frozen=True, slots=True)
class Host:
    """One machine of the inventory, with every default and group already applied."""

    name: str
    """kscan's label; unique, printable, usable as a file name."""
    login: Login
    roles: frozenset[NodeRole] = frozenset({NodeRole.WORKER})
    node_name: str | None = None
    """nodeRegistration.name; None = the host's own hostname in lower case."""
    internal_address: str | None = None
    advertise_address: str | None = None
    """localAPIEndpoint.advertiseAddress; an IP address, or None where only a name is known."""
    cri_socket: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    taints: tuple[str, ...] | None = None
    """None = kubeadm's default; empty = none at all, on a control plane too."""
    group: str | None = None
    """The inventory's group it was listed in; only for selecting hosts."""

    @property
    def is_control_plane(self) -> bool:
        """True if this host runs the API server."""
        return NodeRole.CONTROL_PLANE in self.roles


@dataclass(frozen=True, slots=True)
class Ignore:
    """An accepted result: FAIL becomes WARN and stays visible."""

    check: str
    """kubeadm's name or ours, compared without case; `all` for every check."""
    hosts: frozenset[str] | None = None
    """Host names; None = every host."""
    reason: str = ""
    until: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Size:
    """How many hosts an inventory has."""

    nodes: int
    control_planes: int


@dataclass(frozen=True)
class Request:
    """Everything the run needs to know before it has talked to a host."""

    hosts: tuple[Host, ...]
    cluster: Cluster = field(default_factory=Cluster)
    ignore: tuple[Ignore, ...] = ()
    source: str = ""
    """What to call the inventory in messages: its path, or "this machine"."""
    master: str | None = None
    """The host that `kubeadm init` runs on; None = the first control plane."""
    endpoint: str = ""
    """Host part of the API endpoint for joins; empty = follows from the cluster and its hosts."""
    size: Size | None = None
    """Of the whole inventory; None = these hosts are all of it."""
    rules: tuple[UserRule, ...] = ()
    """The user's own checks, in the order of their files."""

    @functools.cached_property
    def init_host(self) -> Host | None:
        """The host that `kubeadm init` runs on, if it is among these; looked for once."""
        if self.master is not None:
            return next((host for host in self.hosts if host.name == self.master), None)
        return next((host for host in self.hosts if host.is_control_plane), None)
