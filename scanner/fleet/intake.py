"""From a host's facts to its record: what the rules between hosts need, and no more."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from scanner.facts.base import FactMissing, Facts
from scanner.facts.clock import Clock, RoundTrip
from scanner.facts.cri import Cri
from scanner.facts.identity import Addresses, Identity, OsRelease
from scanner.facts.kernel import Kernel
from scanner.facts.network import NameLookup
from scanner.facts.programs import Docker, Kubelet
from scanner.facts.resolver import Resolver
from scanner.facts.routes import Route, Routes
from scanner.facts.runtime_config import ContainerdConfig
from scanner.fleet.devices import DOCKER_BRIDGE, is_own, is_telling
from scanner.fleet.networks_of import networks_of
from scanner.fleet.record import FleetFacts, Offset, Runtime
from scanner.kubeadm.node_registration import node_ip
from scanner.request import Cluster, ContainerRuntime, Host
from scanner.resolve import endpoint_host, is_address
from scanner.target import Target

T = TypeVar("T")
_ROUTES = 16
_SERVERS = 8
_ADDRESSES = 16
_MOST_TOLD = 100
"""Addresses that the probe lists; of more than 200 interfaces it lists one."""
_LONGEST = 253
"""Characters of one value that a host may tell; more are a host's joke, and are cut."""


@dataclass(slots=True)
class _Asked:
    """Reads one field after the other, and keeps why one could not be."""

    why: dict[str, str] = field(default_factory=dict)

    def get(self, name: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except FactMissing as reason:
            self.why[name] = sys.intern(str(reason)[:_LONGEST])
            return None


def silent(host: Host, reason: str) -> FleetFacts:
    """The record of a host about which nothing is known."""
    listed = (host.login.address, *(address for _, address in _given(host)))
    return FleetFacts(
        host.name,
        host.is_control_plane,
        silent=sys.intern(reason),
        listed=tuple(dict.fromkeys(_canonical(list(listed)))),
    )


def record_of(host: Host, facts: Facts, target: Target) -> FleetFacts:
    """Cut a host's facts down to its record.

    Args:
        host: as the inventory has it.
        facts: what it told.
        target: what it is judged as.
    """
    asked = _Asked()
    routes = asked.get("routes", lambda: _touching(facts[Routes], target.cluster)) or ()
    addresses = asked.get("addresses", lambda: _addresses(facts, host))
    return FleetFacts(
        host=host.name,
        control_plane=host.is_control_plane,
        member=target.is_member,
        node_name=asked.get("node_name", lambda: _told(target.node_name, "its hostname")),
        machine_id=asked.get("machine_id", lambda: _told(facts[Identity].machine_id, "it")),
        boot_id=asked.get("boot_id", lambda: _told(facts[Identity].boot_id, "it")),
        product_uuid=asked.get("product_uuid", lambda: _product_uuid(facts)),
        macs=asked.get("macs", lambda: _macs(facts)),
        addresses=addresses,
        given=_given(host),
        absent=asked.get("absent", lambda: _absent(facts, host, target)) if addresses else (),
        clock=asked.get("clock", lambda: _offset(facts)),
        kernel=asked.get("kernel", lambda: _short(facts[Kernel].release)),
        operating_system=asked.get("operating_system", lambda: _system(facts)),
        runtime=asked.get("runtime", lambda: _runtime(facts, target)),
        kubelet=asked.get("kubelet", lambda: _kubelet(facts)),
        cgroup_driver=asked.get("cgroup_driver", lambda: _cgroup_driver(facts, target)),
        routes=None if "routes" in asked.why else routes[:_ROUTES],
        routes_complete=len(routes) <= _ROUTES and _is_complete(facts),
        bridge=asked.get("bridge", lambda: _bridge(facts)),
        resolvers=asked.get("resolvers", lambda: _resolvers(facts)),
        endpoint=asked.get("endpoint", lambda: _endpoint(facts, target.cluster)),
        why=asked.why,
    )


def _short(text: str) -> str:
    """Equal values of many hosts are one object."""
    return sys.intern(text.strip()[:_LONGEST])


def _told(text: str, what: str) -> str:
    if not text.strip():
        raise FactMissing(f"the host did not tell {what}")
    return _short(text)


def _product_uuid(facts: Facts) -> str:
    uuid = facts[Identity].product_uuid
    if uuid is None:
        raise FactMissing("it was not read, which takes root")
    return _short(uuid)


def _macs(facts: Facts) -> tuple[str, ...]:
    addresses = facts[Addresses]
    if addresses.macs is None:
        raise FactMissing("the host was not asked for it")
    telling = (
        mac
        for device, mac in addresses.macs
        if is_telling(mac, default_route=device == addresses.device)
    )
    return tuple(dict.fromkeys(telling))


def _addresses(facts: Facts, host: Host) -> tuple[str, ...]:
    told = facts[Addresses]
    named = {host.internal_address, host.advertise_address}
    has_device = {device for device, _ in told.macs or ()}
    own = [*told.ipv4, *told.ipv6]
    own += [
        address
        for device, address in told.others
        if address in named or device in has_device or is_own(device)
    ]
    canonical = dict.fromkeys(_canonical(own))
    # the first ones stay: those of the inventory are asked for by name
    first = [found for found in _canonical([text or "" for text in named]) if found in canonical]
    cut = {*first, *[found for found in canonical if found not in first][: _ADDRESSES - len(first)]}
    return tuple(found for found in canonical if found in cut)


def _given(host: Host) -> tuple[tuple[str, str], ...]:
    fields = (
        ("internalAddress", host.internal_address),
        ("advertiseAddress", host.advertise_address),
    )
    return tuple((name, found) for name, text in fields for found in _canonical([text or ""]))


def _absent(facts: Facts, host: Host, target: Target) -> tuple[str, ...]:
    """What kubeadm's documents give as an address of the host's own, and is none.

    A node of the cluster has shown that it works with its addresses.
    """
    if target.is_member:
        return ()
    needed = dict(_given(host))
    if not host.is_control_plane or needed.get("advertiseAddress") == node_ip(host, target.cluster):
        needed.pop("advertiseAddress", None)
    if node_ip(host, target.cluster) is None:
        needed.pop("internalAddress", None)
    told = facts[Addresses]
    every = [*told.ipv4, *told.ipv6, *(address for _, address in told.others)]
    there = set(_canonical(every))
    absent = tuple(name for name, address in needed.items() if address not in there)
    devices = {device for device, _ in told.macs or ()} - {told.device}
    if absent and (len(every) >= _MOST_TOLD or (devices and not told.others)):
        raise FactMissing("it did not tell the addresses of all its interfaces")
    return absent


def _canonical(addresses: list[str]) -> Iterator[str]:
    for text in addresses:
        if is_address(text):
            yield str(ipaddress.ip_address(text))


def _offset(facts: Facts) -> Offset:
    clock = facts[Clock]
    try:
        trip = facts[RoundTrip]
    except FactMissing:
        raise FactMissing("the round trip was not measured") from None
    return Offset(clock.seconds - trip.heard, clock.seconds + clock.resolution - trip.asked)


def _system(facts: Facts) -> str:
    system = facts[OsRelease]
    return _told(system.pretty_name or f"{system.id} {system.version_id}", "its os-release")


def _runtime(facts: Facts, target: Target) -> Runtime:
    if target.runtime is ContainerRuntime.DOCKER:
        version = facts[Docker].server_version
        return Runtime("docker", _told(version, "docker's version"))
    answer = facts[Cri].sockets.get(target.cri_socket)
    if answer is None or answer.runtime is None:
        raise FactMissing("the runtime did not tell its version")
    return Runtime(_short(answer.runtime.name), _told(answer.runtime.version, "its version"))


def _kubelet(facts: Facts) -> str:
    kubelet = facts[Kubelet]
    if kubelet.run is None:
        return ""
    if kubelet.version is None:
        raise FactMissing("the kubelet did not tell its version")
    return _short(f"v{kubelet.version}")


def _cgroup_driver(facts: Facts, target: Target) -> str:
    match target.runtime:
        case ContainerRuntime.DOCKER:
            return _told(facts[Docker].cgroup_driver, "docker's cgroup driver")
        case ContainerRuntime.CONTAINERD:
            return _short(facts[ContainerdConfig].cgroup_driver)
    raise FactMissing(f"{target.runtime} is not asked for it")


def _touching(routes: Routes, cluster: Cluster) -> tuple[Route, ...]:
    networks = networks_of(cluster)
    touching = [
        route
        for route in routes.routes
        if any(
            network.version == route.network.version and network.overlaps(route.network)
            for network in networks
        )
    ]
    # Those that a CNI makes are many, lie within the pods' network and lead to other nodes.
    touching.sort(key=lambda route: (bool(route.gateway), route.network.prefixlen))
    return tuple(touching)


def _is_complete(facts: Facts) -> bool:
    routes = facts.get(Routes)
    return routes is not None and routes.complete


def _bridge(facts: Facts) -> str:
    for route in facts[Routes].routes:
        if route.device == DOCKER_BRIDGE and not route.gateway:
            return _short(str(route.network))
    return ""


def _resolvers(facts: Facts) -> tuple[str, ...]:
    used = facts[Resolver].of_pods
    if used is None:
        return ()
    return tuple(map(_short, used.nameservers[:_SERVERS]))


def _endpoint(facts: Facts, cluster: Cluster) -> tuple[str, ...]:
    name = endpoint_host(cluster.control_plane_endpoint)
    found = facts[NameLookup].endpoint
    if found is None or found.name != name or not found.complete:
        raise FactMissing("the name was not looked up to the end")
    return tuple(found.addresses[:_ADDRESSES])
