"""From what was asked and what was found to what each host is judged as."""

from __future__ import annotations

import datetime
import ipaddress
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from scanner.facts import measured
from scanner.facts.base import Facts
from scanner.facts.cri import Cri
from scanner.facts.identity import Addresses, Identity
from scanner.facts.node import Node
from scanner.facts.programs import Kubeadm, Kubelet, Sockets
from scanner.kubeadm import cri_sockets, releases
from scanner.membership import NOT_ASKED, Authority, membership_of
from scanner.request import Host, Request, Size
from scanner.target import Role, Target
from scanner.versions import Version


@dataclass(frozen=True, slots=True)
class KubernetesVersion:
    """The version of the control plane, and where it comes from, for the report."""

    version: Version
    source: str


def init_host(request: Request) -> str | None:
    """The host that `kubeadm init` would run on: the master, else the first control plane."""
    if request.master is not None:
        return request.master
    return None if request.init_host is None else request.init_host.name


def role_of(request: Request, host: Host) -> Role:
    """What kubeadm would be asked to do on this host."""
    if host.name == init_host(request):
        return Role.INIT
    return Role.JOIN_CONTROL_PLANE if host.is_control_plane else Role.JOIN_WORKER


def early_version(
    request: Request, kubeadms: Mapping[str, Version | None]
) -> KubernetesVersion | None:
    """The version as soon as it can be known: asked for, or the first control plane's kubeadm.

    Args:
        request: may name a version.
        kubeadms: host name -> its kubeadm, for the hosts that have answered so far.
    """
    if request.cluster.kubernetes_version is not None:
        return KubernetesVersion(request.cluster.kubernetes_version, "as asked for")
    first = init_host(request)
    version = kubeadms.get(first) if first is not None else None
    if first is None or version is None:
        return None
    return KubernetesVersion(version, f"that of kubeadm on {first}")


def late_version(kubeadms: Mapping[str, Version | None]) -> KubernetesVersion:
    """The version when all hosts have answered: the commonest kubeadm, else the newest settled."""
    found = Counter(version for version in kubeadms.values() if version is not None)
    if found:
        # Of two that are equally common the newer one, so that the answer has an order.
        version, count = max(found.items(), key=lambda item: (item[1], item[0]))
        hosts = "1 host" if count == 1 else f"{count} hosts"
        return KubernetesVersion(version, f"that of kubeadm on {hosts}")
    return KubernetesVersion(
        releases.NEWEST_SETTLED_VERSION, "the newest release without open questions"
    )


def early_authority(request: Request) -> Authority | None:
    """Whose CA members must have, where that needs no answer; None until the first one answers."""
    first = init_host(request)
    if first is not None and request.init_host is None:
        return Authority(None, f"{first} was not asked for its own")
    return None


def authority_of(first: str, facts: Facts | None) -> Authority:
    """The CA of the first control plane, from its facts or from their absence."""
    if facts is None:
        return Authority(None, f"{first} did not answer")
    node = facts.get(Node)
    return Authority(None if node is None else node.ca, f"that of {first} cannot be read")


def target_of(
    request: Request,
    host: Host,
    facts: Facts,
    kubernetes: Version,
    *,
    now: datetime.datetime | None = None,
    authority: Authority = NOT_ASKED,
) -> Target:
    """Everything that the rules need to know beside the facts.

    Args:
        request: the cluster and all its hosts.
        host: the one to be judged.
        facts: what it told.
        kubernetes: the version of the control plane.
        now: when it told that; None if that is not known.
        authority: the CA of the first control plane.
    """
    kubeadm = facts.get(Kubeadm)
    kubelet = facts.get(Kubelet)
    sockets = facts.get(Sockets)
    version = kubeadm.version if kubeadm is not None and kubeadm.version else kubernetes
    choice = cri_sockets.choose(
        request.cluster.container_runtime,
        host.cri_socket,
        sockets.present if sockets is not None else frozenset(),
        version,
        refused=_refused(facts),
    )
    role = role_of(request, host)
    return Target(
        host=host.name,
        role=role,
        cluster=request.cluster,
        kubeadm=version,
        kubernetes=kubernetes,
        node_name=node_name(host, facts),
        runtime=choice.runtime,
        cri_socket=choice.socket,
        rival_sockets=choice.rivals,
        kubelet=kubelet.version if kubelet is not None else None,
        advertise_address=_advertise_address(host, facts),
        endpoint=_endpoint(request),
        now=now,
        measures=measured(facts),
        membership=membership_of(
            facts,
            request.cluster,
            None if role is Role.INIT or init_host(request) is None else authority,
            control_plane=role is not Role.JOIN_WORKER,
            now=now,
        ),
    )


def _refused(facts: Facts) -> frozenset[str]:
    cri = facts.get(Cri)
    sockets = {} if cri is None else cri.sockets
    return frozenset(path for path, answer in sockets.items() if answer.rpc and answer.rpc.refused)


def node_name(host: Host, facts: Facts) -> str:
    """nodeRegistration.name, else the hostname in lower case; empty if neither is known."""
    identity = facts.get(Identity)
    return host.node_name or (identity.hostname.strip().lower() if identity else "")


def _advertise_address(host: Host, facts: Facts) -> str | None:
    if host.advertise_address is not None:
        return host.advertise_address
    addresses = facts.get(Addresses)
    if addresses is None:
        return None
    return next(iter((*addresses.ipv4, *addresses.ipv6)), None)


def pinned(request: Request) -> Request:
    """Fix what follows from the whole inventory, before some of its hosts are left out.

    A second control plane does not become the first one because it is looked at alone.
    """
    return replace(
        request, master=init_host(request), endpoint=_endpoint(request), size=size_of(request)
    )


def size_of(request: Request) -> Size:
    """How many nodes the cluster shall have, also where only some of them are looked at."""
    if request.size is not None:
        return request.size
    return Size(len(request.hosts), sum(host.is_control_plane for host in request.hosts))


def _endpoint(request: Request) -> str:
    """The host part of what `kubeadm join` would be given."""
    if request.endpoint:
        return request.endpoint
    endpoint = request.cluster.control_plane_endpoint
    if endpoint:
        return endpoint_host(endpoint)
    first = request.init_host
    if first is None:
        return ""
    return first.advertise_address or first.internal_address or first.login.address


def endpoint_host(endpoint: str) -> str:
    """`host[:port]`, `[v6][:port]` or a bare IPv6 address without its port."""
    if endpoint.startswith("["):
        return endpoint[1:].partition("]")[0]
    try:
        return str(ipaddress.IPv6Address(endpoint))
    except ValueError:
        return endpoint.partition(":")[0]


def is_address(host: str) -> bool:
    """True for an IP address, which nobody has to look up."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
