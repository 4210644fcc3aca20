"""A host on which every check passes, to be spoiled one fact at a time."""

from __future__ import annotations

from dataclasses import replace

from scanner.facts.base import Facts
from scanner.facts.environment import Binaries, Environment
from scanner.facts.hardware import Cpu, Memory, Swap
from scanner.facts.identity import Addresses, Identity, OsRelease
from scanner.facts.kernel import Cgroups, Kernel, KernelConfig, Modules, Sysctls
from scanner.facts.network import EtcdEndpoint, ExternalEtcdVersions, NameLookup
from scanner.facts.paths import Listeners, Paths, PathState
from scanner.facts.programs import Cri, CriInfo, Docker, Kubeadm, Kubelet, Run, Sockets
from scanner.facts.services import InitSystem, Services, Unit
from scanner.kubeadm.kernel_options import ALIASES, ALL_OPTIONS
from scanner.request import Cluster, ContainerRuntime, ExternalEtcd
from scanner.target import Role, Target
from scanner.versions import Version, parse_version

CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
DOCKERSHIM_SOCKET = "/var/run/dockershim.sock"
CRI_DOCKERD_SOCKET = "/var/run/cri-dockerd.sock"
KERNEL_CONFIG = "/boot/config-6.1.0-18-amd64"
PROGRAMS = (
    *("conntrack", "containerd", "cp", "crictl", "docker", "ebtables", "ethtool", "ip", "ipset"),
    *("iptables", "kubeadm", "kubectl", "kubelet", "losetup", "mount", "nsenter", "socat", "tc"),
    "touch",
)
MANIFESTS = "/etc/kubernetes/manifests"
PATHS = (
    *(f"{MANIFESTS}/{name}.yaml" for name in ("kube-apiserver", "kube-controller-manager")),
    *(f"{MANIFESTS}/{name}.yaml" for name in ("kube-scheduler", "etcd")),
    *(f"/etc/kubernetes/{name}" for name in ("kubelet.conf", "bootstrap-kubelet.conf")),
    *("/etc/kubernetes/pki/ca.crt", "/var/lib/etcd"),
)
ETCD_FILES = ("/etc/etcd/ca.crt", "/etc/etcd/client.crt", "/etc/etcd/client.key")
EXTERNAL_ETCD = ExternalEtcd(("https://192.0.2.5:2379", "https://192.0.2.6:2379"), *ETCD_FILES)
SYSCTLS = (
    "/proc/sys/net/bridge/bridge-nf-call-iptables",
    "/proc/sys/net/bridge/bridge-nf-call-ip6tables",
    "/proc/sys/net/ipv4/ip_forward",
    "/proc/sys/net/ipv6/conf/default/forwarding",
)
ROOT = Identity(0, "root", "Node1", "6f0c", "b007")
NOBODY = Identity(1000, "ops", "Node1", "6f0c", "b007")
SAID_NOTHING = Run(0, "", "")
UNIT_UP = Unit(exists=True, enabled=True, active=True)
UNIT_STOPPED = Unit(exists=True, enabled=True, active=False)
UNIT_DISABLED = Unit(exists=True, enabled=False, active=True)
UNIT_ABSENT = Unit(exists=False, enabled=False, active=False)
OPTIONS = {name: "y" for name in ALL_OPTIONS if name not in sum(ALIASES.values(), ())}


def kubeadm_fact(version: str) -> Kubeadm:
    return Kubeadm(parse_version(version), Run(0, version, ""))


def kubelet_fact(version: str) -> Kubelet:
    return Kubelet(parse_version(version), Run(0, f"Kubernetes {version}", ""))


def binaries(absent: str = "", elsewhere: str = "") -> Binaries:
    """Everything in /usr/bin, but for one program."""
    found = {name: f"/usr/bin/{name}" for name in PROGRAMS if name not in (absent, elsewhere)}
    lost = {elsewhere: f"/usr/sbin/{elsewhere}"} if elsewhere else {}
    return Binaries(found, lost, frozenset(PROGRAMS))


def paths(**states: PathState) -> Paths:
    raise NotImplementedError


def paths_with(path: str, state: PathState) -> Paths:
    return Paths({**PATHS_FACT.states, path: state}, ())


def cri(socket: str, run: Run = SAID_NOTHING, ready: bool | None = True, reason: str = "") -> Cri:
    return Cri(crictl=True, sockets={socket: CriInfo(run, ready, reason)})


def services(**units: Unit) -> Services:
    return Services(InitSystem.SYSTEMD, {**SERVICES.units, **units})


def sysctls(**values: str) -> Sysctls:
    raise NotImplementedError


def listeners(port: int, *addresses: str) -> Listeners:
    return Listeners({port: addresses}, frozenset({6443, 10250}), complete=True)


def etcd_answers(*versions: str, error: str = "") -> ExternalEtcdVersions:
    """One answer for each endpoint of EXTERNAL_ETCD."""
    return ExternalEtcdVersions(
        tuple(
            EtcdEndpoint(endpoint, version, "" if version else error)
            for endpoint, version in zip(EXTERNAL_ETCD.endpoints, versions, strict=False)
        )
    )
