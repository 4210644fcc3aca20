"""Single faults of a host, each a function Facts -> Facts, so that any number can be put together.

A fault changes one thing and leaves the rest as it finds it. Two that give one thing two values (a
kubelet that is too old and one that is too new) name the same `thing`, and no host has both.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from scanner.facts.base import Facts
from scanner.facts.certificates import Certificates
from scanner.facts.clock import Clock
from scanner.facts.cri import Cri, CriInfo, Rpc
from scanner.facts.environment import Binaries, Environment
from scanner.facts.firewall import Firewall
from scanner.facts.hardware import Cpu, Memory, Swap
from scanner.facts.identity import Identity
from scanner.facts.kernel import Cgroups, Kernel, KernelConfig, Modules, Sysctls
from scanner.facts.leftovers import Leftovers
from scanner.facts.network import ExternalEtcdVersions, NameLookup
from scanner.facts.paths import Listeners, Paths, PathState
from scanner.facts.programs import Docker, Kubeadm, Kubelet, Run
from scanner.facts.resolver import ResolvConf, Resolver
from scanner.facts.runtime_config import ContainerdConfig, KubeletConfig
from scanner.facts.security import Security, Selinux
from scanner.facts.services import InitSystem, Services
from tests import hosts, kernels, runtimes

Change = Callable[[Facts], Facts]


@dataclass(frozen=True)
class Fault:
    """What is wrong, and how facts change with it."""

    name: str
    put: Change
    thing: str
    """Faults of one thing exclude each other."""

    def __str__(self) -> str:
        return self.name


def together(faults: Iterable[Fault], good: Facts) -> Facts:
    """A good host with all these faults, put in one after the other."""
    return functools.reduce(lambda found, fault: fault.put(found), faults, good)


def _set(kind: type[Any], **fields: object) -> Change:
    """Give some fields of one fact new values."""
    return _with(kind, lambda fact: replace(fact, **fields))


def _with(kind: type[Any], change: Callable[[Any], object]) -> Change:
    def put(found: Facts) -> Facts:
        return Facts({**found.groups, kind: change(found[kind])}, found.missing)

    return put


def _hold(port: int, address: str) -> Change:
    return _with(
        Listeners,
        lambda fact: replace(
            fact,
            sockets={**fact.sockets, port: (*fact.sockets.get(port, ()), address)},
            known_ports=fact.known_ports | {port},
        ),
    )


def _path(path: str, state: PathState) -> Change:
    return _with(Paths, lambda fact: replace(fact, states={**fact.states, path: state}))


def _unit(name: str, **fields: bool) -> Change:
    return _with(
        Services,
        lambda fact: replace(fact, units={**fact.units, name: replace(fact.units[name], **fields)}),
    )


def _without_program(name: str) -> Change:
    return _with(
        Binaries,
        lambda fact: replace(
            fact, found={key: path for key, path in fact.found.items() if key != name}
        ),
    )


def _switch(path: str, value: str) -> Change:
    return _with(Sysctls, lambda fact: replace(fact, values={**fact.values, path: value}))


def _without_option(name: str) -> Change:
    return _with(
        KernelConfig,
        lambda fact: replace(
            fact, options={key: value for key, value in fact.options.items() if key != name}
        ),
    )


def _certificate(days: int) -> Change:
    expiry = {"/etc/kubernetes/pki/old.crt": hosts.NOW + datetime.timedelta(days=days)}
    return _with(Certificates, lambda fact: replace(fact, expiry={**fact.expiry, **expiry}))


def _etcd(version: str) -> Change:
    def change(fact: ExternalEtcdVersions) -> ExternalEtcdVersions:
        first, *others = fact.endpoints
        return ExternalEtcdVersions((replace(first, version=version), *others))

    return _with(ExternalEtcdVersions, change)


def _put(fact: object) -> Change:
    return lambda found: Facts({**found.groups, type(fact): fact}, found.missing)


def _with_cni(fact: Leftovers) -> Leftovers:
    states = {**fact.states, "/etc/cni/net.d": PathState.DIR_NOT_EMPTY}
    return replace(fact, states=states, cni_configs=("10-flannel.conflist",))


def one(name: str, put: Change, thing: str = "") -> Fault:
    return Fault(name, put, thing or name)


def _refusing(fact: Cri) -> Cri:
    refused = CriInfo(runtimes.REFUSED, runtime_ready=None, reason="")
    rpc = Rpc(failure="connection refused", runtime_config=None)
    answers = {
        path: replace(one, info=refused, rpc=rpc, images=None) for path, one in fact.sockets.items()
    }
    return replace(fact, sockets=answers)


def _not_ready(fact: Cri) -> Cri:
    not_yet = CriInfo(runtimes.SILENT, runtime_ready=False, reason="not yet")
    rpc = replace(runtimes.RUNTIME_READY, runtime_ready=False, reason="not yet")
    answers = {path: replace(one, info=not_yet, rpc=rpc) for path, one in fact.sockets.items()}
    return replace(fact, sockets=answers)


def _old_runtime(fact: Cri) -> Cri:
    rpc = replace(runtimes.RUNTIME_READY, runtime_config=False)
    return replace(
        fact, sockets={path: replace(one, rpc=rpc) for path, one in fact.sockets.items()}
    )


def _no_images(found: Facts) -> Facts:
    cri, docker = found[Cri], found[Docker]
    sockets = {path: replace(one, images=frozenset()) for path, one in cri.sockets.items()}
    changed = {Cri: replace(cri, sockets=sockets), Docker: replace(docker, images=frozenset())}
    return Facts({**found.groups, **changed}, found.missing)


def _without_bridge(fact: Sysctls) -> Sysctls:
    bridge = frozenset({kernels.BRIDGE_IPV4, kernels.BRIDGE_IPV6})
    left = {path: value for path, value in fact.values.items() if path not in bridge}
    return replace(fact, values=left, absent=fact.absent | bridge)


def _machine() -> Iterator[Fault]:
    yield one("one processor", _set(Cpu, online=1))
    yield one("1 GiB of memory", _set(Memory, total_kib=1024 * 1024))
    yield one("swap", _set(Swap, devices=("/dev/sda2",)))
    yield one("not root", _set(Identity, uid=1000))
    yield one("name in no table", _set(NameLookup, hosts=(), dns=()))
    for release in ("2.6.32", "4.4.0", "5.3.0"):
        yield one(f"Linux {release}", _set(Kernel, release=release), "kernel release")
    yield one("not Linux", _set(Kernel, sysname="FreeBSD"))
    for name in ("CGROUPS", "CGROUP_PIDS", "CGROUP_BPF", "EXT4_FS"):
        yield one(f"without {name}", _without_option(name))
    yield one("cgroup v1", _put(kernels.cgroup_v1()), "cgroups")
    yield one("no pids", _put(kernels.cgroup_v2("cpu memory")), "cgroups")
    yield one("no freezer", _set(Cgroups, freeze=False), "cgroups")
    yield one("no time daemon", _unit("systemd-timesyncd", active=False))
    yield one("no source of time", _set(Clock, synchronised=()))
    for gib in (1, 5):
        full = hosts.storage({"/var/log": hosts.volume(gib)})
        yield one(f"{gib} GiB left", _put(full), "/var/log")
    yield one("no modules", _set(Modules, loaded=frozenset(), builtin=frozenset()))
    for path in (
        kernels.FORWARD_IPV4,
        kernels.FORWARD_IPV6,
        kernels.BRIDGE_IPV4,
        kernels.BRIDGE_IPV6,
    ):
        yield one(f"{path} 0", _switch(path, "0"))
    yield one("br_netfilter not loaded", _with(Sysctls, _without_bridge))


def _software() -> Iterator[Fault]:
    for version in ("v1.10.0", "v1.99.0"):
        yield one(f"kubeadm {version}", _put(hosts.kubeadm(version)), "kubeadm")
        yield one(f"kubelet {version}", _put(hosts.kubelet(version)), "kubelet")
    yield one("kubeadm fails", _set(Kubeadm, version=None, run=Run(1, "", "no")), "kubeadm")
    yield one("kubelet babbles", _set(Kubelet, version=None, run=Run(0, "hello", "")), "kubelet")
    yield one("kubelet not enabled", _unit("kubelet", enabled=False))
    for name in ("docker", "containerd", "crio"):
        yield one(f"{name} not enabled", _unit(name, enabled=False))
        yield one(f"{name} not active", _unit(name, active=False))
    yield one("firewalld", _unit("firewalld", exists=True, active=True))
    yield one("no init system", _set(Services, init=InitSystem.NONE))
    yield one("runtimes refuse", _with(Cri, _refusing), "answers of the CRI")
    yield one("runtimes not ready", _with(Cri, _not_ready), "answers of the CRI")
    yield one("runtime without RuntimeConfig", _with(Cri, _old_runtime), "answers of the CRI")
    yield one("no images", _no_images, "answers of the CRI")
    yield one("CRI plugin off", _set(ContainerdConfig, disabled_plugins=("cri",)))
    yield one("containerd on cgroupfs", _set(ContainerdConfig, systemd_cgroup={"runc": False}))
    yield one("kubelet on cgroupfs", _set(KubeletConfig, present=True, cgroup_driver="cgroupfs"))
    yield one("docker refuses", _set(Docker, run=runtimes.REFUSED), "docker's answer")
    on_stderr = Run(0, "19.03.14|overlay2|systemd", "WARNING")
    yield one("docker on stderr", _set(Docker, run=on_stderr), "docker's answer")
    yield one("docker on cgroupfs", _set(Docker, cgroup_driver="cgroupfs"))
    yield one("docker on vfs", _set(Docker, graph_driver="vfs"))
    for version in ("1.10.3", "23.0.1"):
        yield one(f"docker {version}", _set(Docker, server_version=version), "docker's version")
    # Of containerd and docker the client counts for little: the answers do.
    for name in sorted(hosts.binaries().found.keys() - {"containerd", "docker"}):
        yield one(f"no {name}", _without_program(name))


def _leftover() -> Iterator[Fault]:
    for port in (6443, 10250, 10251, 10252, 10257, 10259, 2379, 2380):
        for address in ("0.0.0.0", "127.0.0.1", "::1"):
            yield one(f"{port} on {address}", _hold(port, address))
    for component in ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "etcd"):
        manifest = f"{hosts.MANIFESTS}/{component}.yaml"
        yield one(f"{component}'s manifest", _path(manifest, PathState.FILE))
    yield one("manifests left", _path(hosts.MANIFESTS, PathState.DIR_NOT_EMPTY))
    yield one("etcd's data left", _path("/var/lib/etcd", PathState.DIR_NOT_EMPTY))
    for path in ("kubelet.conf", "bootstrap-kubelet.conf", "pki/ca.crt"):
        yield one(f"{path} left", _path(f"/etc/kubernetes/{path}", PathState.FILE))
    yield one("interfaces left", _set(Leftovers, interfaces=("cni0",)))
    yield one("CNI left", _with(Leftovers, _with_cni))
    yield one("expired", _certificate(-1), "an old certificate")
    yield one("expires soon", _certificate(2), "an old certificate")


def _network() -> Iterator[Fault]:
    yield one("SELinux", _set(Security, selinux=Selinux.ENFORCING))
    yield one("ufw", _set(Firewall, ufw=True))
    yield one("a resolver of its own", _set(Resolver, etc=ResolvConf(("127.0.0.1",))))
    yield one("packets dropped", _set(Firewall, dropping=("ip filter INPUT",)))
    yield one("proxy", _set(Environment, proxies={"HTTPS_PROXY": "http://proxy.example:3128"}))
    for path in hosts.ETCD_FILES:
        yield one(f"no {path}", _path(path, PathState.ABSENT))
    yield one("an old etcd", _etcd("3.0.0"), "the first etcd")
    yield one("a silent etcd", _etcd(""), "the first etcd")


FAULTS = (*_machine(), *_software(), *_leftover(), *_network())
