"""A host on which every check passes, to be spoiled one fact at a time."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from ipaddress import ip_network

from scanner.facts.base import Facts
from scanner.facts.certificates import Certificates
from scanner.facts.clock import Clock
from scanner.facts.environment import Binaries, Environment
from scanner.facts.firewall import Firewall
from scanner.facts.hardware import Cpu, Memory, Swap
from scanner.facts.identity import Addresses, Identity, OsRelease
from scanner.facts.kernel import Modules
from scanner.facts.leftovers import Leftovers
from scanner.facts.network import EtcdEndpoint, ExternalEtcdVersions, NameLookup
from scanner.facts.node import Node
from scanner.facts.paths import Listeners, Paths, PathState
from scanner.facts.programs import Kubeadm, Kubelet, Run
from scanner.facts.resolver import ResolvConf, Resolver
from scanner.facts.routes import Route, Routes
from scanner.facts.runtime_config import KubeletConfig
from scanner.facts.security import Security, Selinux
from scanner.facts.services import InitSystem, Services, Unit
from scanner.facts.storage import Mount, Storage, Volume
from scanner.kubeadm.go_builds import parse_go
from scanner.measure import NOTHING, Measure
from scanner.membership import NO_MEMBER, Membership
from scanner.request import Cluster, ContainerRuntime, ExternalEtcd
from scanner.target import Role, Target
from scanner.versions import parse_version
from tests.kernels import cgroup_v2, kernel, kernel_config, sysctls
from tests.runtimes import (
    CONTAINERD_SOCKET,
    CRI_DOCKERD_SOCKET,
    CRIO_SOCKET,
    DOCKERSHIM_SOCKET,
    containerd,
    docker,
    runtime,
    sockets,
)

DATA_PATHS = (
    *("/var/lib/kubelet", "/var/lib/containerd", "/var/lib/docker", "/var/lib/containers"),
    *("/var/log", "/var/lib/etcd"),
)
GIB = 1 << 30
MANIFESTS = "/etc/kubernetes/manifests"
ETCD_FILES = ("/etc/etcd/ca.crt", "/etc/etcd/client.crt", "/etc/etcd/client.key")
EXTERNAL_ETCD = ExternalEtcd(("https://192.0.2.5:2379", "https://192.0.2.6:2379"), *ETCD_FILES)
NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)

ROOT = Identity(0, "root", "Node1", "6f0c", "b007")
NOBODY = Identity(1000, "ops", "Node1", "6f0c", "b007")

UNIT_UP = Unit(exists=True, enabled=True, active=True)
UNIT_STOPPED = Unit(exists=True, enabled=True, active=False)
UNIT_DISABLED = Unit(exists=True, enabled=False, active=True)
UNIT_ABSENT = Unit(exists=False, enabled=False, active=False)

_PROGRAMS = (
    *("conntrack", "containerd", "cp", "crictl", "docker", "ebtables", "ethtool", "ip", "ipset"),
    *("iptables", "kubeadm", "kubectl", "kubelet", "losetup", "mount", "nsenter", "socat", "tc"),
    "touch",
)
_ABSENT_PATHS = (
    *(f"{MANIFESTS}/{name}.yaml" for name in ("kube-apiserver", "kube-controller-manager")),
    *(f"{MANIFESTS}/{name}.yaml" for name in ("kube-scheduler", "etcd")),
    *(f"/etc/kubernetes/{name}" for name in ("kubelet.conf", "bootstrap-kubelet.conf")),
    *("/etc/kubernetes/pki/ca.crt", "/var/lib/etcd"),
)
_LEFTOVERS = (
    *("/etc/cni/net.d", "/var/lib/cni"),
    *("/var/lib/kubelet/config.yaml", "/var/lib/kubelet/pki"),
)
_MODULES = (
    *("br_netfilter", "overlay", "ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh"),
    *("nf_conntrack", "nf_conntrack_ipv4"),
)
_UNITS = {
    "kubelet": UNIT_UP,
    "docker": UNIT_UP,
    "containerd": UNIT_UP,
    "crio": UNIT_UP,
    "cri-docker": UNIT_UP,
    "firewalld": UNIT_ABSENT,
    "systemd-timesyncd": UNIT_UP,
    "chrony": UNIT_ABSENT,
}


def kubeadm(version: str, go: str = "") -> Kubeadm:
    return Kubeadm(parse_version(version), Run(0, version, ""), parse_go(go))


def kubelet(version: str, stderr: str = "") -> Kubelet:
    return Kubelet(parse_version(version), Run(0, f"Kubernetes {version}", stderr))


def binaries(*absent: str, elsewhere: str = "") -> Binaries:
    """Everything in /usr/bin, but for those that are absent, and one in /usr/sbin off the PATH."""
    found = {name: f"/usr/bin/{name}" for name in _PROGRAMS if name not in (*absent, elsewhere)}
    lost = {elsewhere: f"/usr/sbin/{elsewhere}"} if elsewhere else {}
    return Binaries(found, lost, frozenset(_PROGRAMS))


def paths(states: Mapping[str, PathState] | None = None, manifests: tuple[str, ...] = ()) -> Paths:
    good = {
        **dict.fromkeys(_ABSENT_PATHS, PathState.ABSENT),
        **dict.fromkeys(ETCD_FILES, PathState.FILE),
        MANIFESTS: PathState.DIR_EMPTY,
    }
    return Paths({**good, **(states or {})}, manifests)


def services(init: InitSystem = InitSystem.SYSTEMD, **units: Unit) -> Services:
    return Services(init, {**_UNITS, **units})


def listeners(port: int, *addresses: str) -> Listeners:
    return Listeners({port: addresses}, frozenset({port}), complete=True)


def etcd_versions(*versions: str, error: str = "refused") -> ExternalEtcdVersions:
    """One answer for each endpoint of EXTERNAL_ETCD, in order; an empty version is an error."""
    pairs = zip(EXTERNAL_ETCD.endpoints, versions, strict=False)
    return ExternalEtcdVersions(
        tuple(EtcdEndpoint(url, version, "" if version else error) for url, version in pairs)
    )


def proxies(**variables: str) -> Environment:
    return Environment("/usr/sbin:/usr/bin:/sbin:/bin", variables)


def leftovers(
    *,
    configs: tuple[str, ...] = (),
    interfaces: tuple[str, ...] = (),
    states: Mapping[str, PathState] | None = None,
) -> Leftovers:
    clean = dict.fromkeys(_LEFTOVERS, PathState.ABSENT)
    return Leftovers({**clean, **(states or {})}, configs, interfaces)


def certificates(
    *seconds: float, unread: tuple[str, ...] = (), complete: bool = True
) -> Certificates:
    """One certificate for each number, that many seconds of validity after NOW."""
    expiry = {
        f"/etc/kubernetes/pki/{number}.crt": NOW + datetime.timedelta(seconds=left)
        for number, left in enumerate(seconds)
    }
    return Certificates(expiry, unread, complete)


def firewall(
    *,
    ufw: bool | None = False,
    dropping: tuple[str, ...] | None = (),
    nft: bool = True,
    legacy: bool = False,
) -> Firewall:
    return Firewall(ufw, dropping, nft, legacy)


def volume(
    free: float = 40,
    total: float = 100,
    *,
    inodes: tuple[int, int] = (1000, 900),
    kind: str = "ext4",
    read_only: bool = False,
    noexec: bool = False,
) -> Volume:
    """GiB; inodes in all, and those that are free."""
    mount = Mount("/", kind, read_only, noexec)
    return Volume("/var/lib", int(total * GIB), int(free * GIB), *inodes, mount)


def storage(volumes: Mapping[str, Volume] | None = None, *unknown: str) -> Storage:
    """Every path on one good volume, but for those that are given."""
    good = {path: volume() for path in DATA_PATHS if path not in unknown}
    return Storage({**good, **(volumes or {})}, frozenset(unknown))


_GOOD: tuple[object, ...] = (
    Addresses("eth0", ("192.0.2.11",), ()),
    binaries(),
    cgroup_v2(),
    certificates(),
    Clock(NOW.timestamp(), 1e-9, ("systemd-timesyncd",)),
    containerd(runc=True),
    Cpu(2),
    runtime(),
    docker(),
    proxies(),
    etcd_versions("3.5.24", "3.6.0"),
    paths(),
    firewall(),
    KubeletConfig(present=False, cgroup_driver=""),
    leftovers(),
    Security(Selinux.DISABLED, apparmor=True),
    ROOT,
    kernel(),
    kernel_config(),
    kubeadm("v1.20.2"),
    kubelet("v1.20.2"),
    Listeners({22: ("0.0.0.0",)}, frozenset(), complete=True),
    NameLookup("node1", ("192.0.2.11",), (), asked_dns=True),
    Memory(2 * 1024 * 1024),
    Node({}, frozenset(), None, ""),
    Modules(frozenset(_MODULES), frozenset()),
    OsRelease("debian", "12", "Debian GNU/Linux 12 (bookworm)"),
    Resolver(ResolvConf(("192.0.2.53",)), None),
    Routes((Route(ip_network("192.0.2.0/24"), "eth0", ""),)),
    services(),
    sockets(CONTAINERD_SOCKET),
    storage(),
    Swap(()),
    sysctls(),
)


def facts(*spoiled: object) -> Facts:
    """The good host's facts, those of the given types replaced."""
    groups = {type(value): value for value in (*_GOOD, *spoiled)}
    return Facts(groups, {})


def facts_without(*kinds: type[object], spoiled: tuple[object, ...] = ()) -> Facts:
    """The good host's facts, of which some could not be learnt."""
    whole = facts(*spoiled).groups
    left = {kind: value for kind, value in whole.items() if kind not in kinds}
    return Facts(left, dict.fromkeys(kinds, "the section timed out"))


def target(
    version: str = "v1.20.2",
    role: Role = Role.INIT,
    runtime: ContainerRuntime = ContainerRuntime.CONTAINERD,
    *,
    kubernetes: str = "",
    kubelet: str | None = "same",
    socket: str = "",
    cluster: Cluster | None = None,
    node_name: str = "node1",
    rivals: tuple[str, ...] = (),
    advertise_address: str | None = "192.0.2.11",
    endpoint: str = "192.0.2.10",
    now: datetime.datetime | None = NOW,
    membership: Membership = NO_MEMBER,
    measures: frozenset[Measure] = NOTHING,
) -> Target:
    own = parse_version(version)
    shim = DOCKERSHIM_SOCKET if own.minor < 24 else CRI_DOCKERD_SOCKET
    usual = {
        ContainerRuntime.DOCKER: shim,
        ContainerRuntime.CONTAINERD: CONTAINERD_SOCKET,
        ContainerRuntime.CRIO: CRIO_SOCKET,
    }
    kubelet_version = version if kubelet == "same" else kubelet
    return Target(
        host="one",
        role=role,
        cluster=cluster or Cluster(),
        kubeadm=own,
        kubernetes=parse_version(kubernetes or version),
        node_name=node_name,
        runtime=runtime,
        cri_socket=socket or usual[runtime],
        rival_sockets=rivals,
        kubelet=None if kubelet_version is None else parse_version(kubelet_version),
        advertise_address=advertise_address,
        endpoint="" if role is Role.INIT else endpoint,
        now=now,
        membership=membership,
        measures=measures,
    )
