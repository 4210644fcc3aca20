"""From a host's facts to its record."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest

from scanner.facts.base import Facts
from scanner.facts.clock import Clock, RoundTrip
from scanner.facts.cri import Cri, CriSocket
from scanner.facts.identity import Addresses, Identity
from scanner.facts.network import EndpointLookup, NameLookup
from scanner.facts.programs import Kubelet
from scanner.facts.resolver import ResolvConf, Resolver
from scanner.facts.routes import Route, Routes
from scanner.fleet.devices import is_of_cni, is_own, is_telling
from scanner.fleet.intake import record_of, silent
from scanner.fleet.record import FleetFacts, Runtime
from scanner.membership import Membership, State
from scanner.request import ContainerRuntime, Host, Login, NodeRole
from tests.fleet.fleets import CLUSTER
from tests.hosts import facts, facts_without, target
from tests.runtimes import CONTAINERD_SOCKET, CRI_SOCKETS, RUNTIME_READY

HOST = Host("one", Login("192.0.2.11"), frozenset({NodeRole.CONTROL_PLANE}))


def made(told: Facts, host: Host = HOST, **on: Any) -> FleetFacts:
    return record_of(host, told, target(cluster=CLUSTER, **on))


def test_a_good_host() -> None:
    lookup = NameLookup(
        "node1",
        ("192.0.2.11",),
        (),
        asked_dns=True,
        endpoint=EndpointLookup("api.example", ("198.51.100.10",)),
    )
    told = facts(
        lookup,
        Identity(0, "root", "Node1", "m", "b", "uuid"),
        Addresses("eth0", ("192.0.2.11",), (), (), (("eth0", "52:54:00:00:00:01"),)),
        Clock(1000.5, 1e-9),
        RoundTrip(1000.0, 1000.4),
        Cri(crictl=False, sockets=dict.fromkeys(CRI_SOCKETS, CriSocket(None, RUNTIME_READY))),
    )
    record = made(told)
    assert record.why == {}
    assert (record.host, record.control_plane, record.member) == ("one", True, False)
    assert (record.node_name, record.machine_id, record.boot_id) == ("node1", "m", "b")
    assert (record.product_uuid, record.macs) == ("uuid", ("52:54:00:00:00:01",))
    assert record.addresses == ("192.0.2.11",)
    assert record.clock is not None
    assert record.clock.low == pytest.approx(0.1)
    assert record.clock.high == pytest.approx(0.5)
    assert record.runtime == Runtime("containerd", "2.1.4")
    assert (record.kubelet, record.cgroup_driver) == ("v1.20.2", "systemd")
    assert (record.routes, record.bridge, record.resolvers) == ((), "", ("192.0.2.53",))
    assert record.endpoint == ("198.51.100.10",)


def test_a_clock_of_whole_seconds_is_less_certain() -> None:
    record = made(facts(Clock(1000.0, 1.0), RoundTrip(1000.2, 1000.4)))
    assert record.clock is not None
    assert record.clock.uncertainty == pytest.approx(0.6)
    assert record.clock.middle == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (Clock, {"clock"}),
        (Routes, {"routes", "bridge"}),
        (Resolver, {"resolvers"}),
        (Addresses, {"addresses", "macs"}),
        (Identity, {"machine_id", "boot_id", "product_uuid"}),
        (Kubelet, {"kubelet"}),
    ],
)
def test_what_could_not_be_learnt_says_why(kind: type, names: set[str]) -> None:
    record = made(facts_without(kind))
    for name in names:
        assert getattr(record, name) is None
        assert record.why[name] == "the section timed out"
        assert record.reason(name) == "the section timed out"


def test_older_captures_say_what_is_missing() -> None:
    record = made(facts())
    assert record.why.keys() == {"clock", "endpoint", "macs", "product_uuid"} | {"runtime"} & set(
        record.why
    )
    assert "takes root" in record.why["product_uuid"]
    assert "round trip" in record.why["clock"]


def test_a_host_that_says_nothing() -> None:
    record = silent(HOST, "not reached")
    assert {record.reason(name) for name in ("clock", "routes")} == {"not reached"}
    assert record.listed == ("192.0.2.11",)


def test_what_the_inventory_lists_of_a_host_that_says_nothing() -> None:
    host = Host("one", Login("one.example.org"), internal_address="fd00::0:1")
    assert silent(host, "not reached").listed == ("fd00::1",)


def test_only_routes_that_touch_the_cluster_are_kept() -> None:
    def route(network: str, device: str = "eth0", gateway: str = "") -> Route:
        return Route(ip_network(network), device, gateway)

    many = [route(f"10.244.{n}.0/24", gateway="192.0.2.9") for n in range(100)]
    told = Routes((*many, route("192.0.2.0/24"), route("172.17.0.0/16", "docker0"),
                   route("10.244.0.0/20"), route("fd00::/64")))  # fmt: skip
    record = made(facts(told))
    assert record.routes is not None
    assert len(record.routes) == 16
    assert record.routes[0] == route("10.244.0.0/20"), "what is not a CNI's comes first"
    assert record.bridge == "172.17.0.0/16"
    assert not record.routes_complete
    assert made(facts(replace(told, routes=told.routes[90:]))).routes_complete
    assert not made(facts(replace(told, routes=(), complete=False))).routes_complete


def test_addresses_of_own_interfaces() -> None:
    others = (
        ("eth1", "198.51.100.1"),
        ("docker0", "172.17.0.1"),
        ("veth1", "172.18.0.1"),
        ("br-0a1b", "172.19.0.1"),
        ("cni0", "10.244.0.1"),
        ("virbr0", "192.168.122.1"),
        ("bond0.7", "2001:DB8:0::7"),
        ("eth2", "not an address"),
    )
    told = facts(Addresses("eth0", ("192.0.2.11",), (), others, ()))
    assert made(told).addresses == ("192.0.2.11", "198.51.100.1", "2001:db8::7")
    inventory = replace(HOST, internal_address="172.18.0.1")
    assert made(told, inventory).addresses == (
        *("192.0.2.11", "198.51.100.1", "172.18.0.1", "2001:db8::7"),
    )


@pytest.mark.parametrize(
    ("inventory", "cluster", "member", "expected"),
    [
        ({"internal_address": "192.0.2.11"}, {}, False, ()),
        ({"internal_address": "198.51.100.1"}, {}, False, ()),
        ({"internal_address": "203.0.113.9"}, {}, False, ("internalAddress",)),
        (
            {"internal_address": "203.0.113.9"},
            {"pod_subnets": ("10.244.0.0/16", "fd00::/56")},
            False,
            (),
        ),
        ({"internal_address": "inner.example"}, {}, False, ()),
        ({"advertise_address": "203.0.113.9"}, {}, False, ("advertiseAddress",)),
        ({"advertise_address": "203.0.113.9"}, {}, True, ()),
        (
            {"advertise_address": "203.0.113.9", "roles": frozenset({NodeRole.WORKER})},
            {},
            False,
            (),
        ),
        (
            {"internal_address": "203.0.113.9", "advertise_address": "203.0.113.9"},
            {},
            False,
            ("internalAddress",),
        ),
        (
            {"internal_address": "203.0.113.9", "advertise_address": "203.0.113.9"},
            {"pod_subnets": ("10.244.0.0/16", "fd00::/56")},
            False,
            ("advertiseAddress",),
        ),
    ],
)
def test_addresses_that_the_host_must_have_itself(
    inventory: dict[str, Any], cluster: dict[str, Any], expected: tuple[str, ...], *, member: bool
) -> None:
    told = facts(Addresses("eth0", ("192.0.2.11",), (), (("eth1", "198.51.100.1"),), ()))
    host = replace(HOST, **inventory)
    membership = Membership(State.MEMBER if member else State.NONE)
    judged_as = target(cluster=replace(CLUSTER, **cluster), membership=membership)
    assert record_of(host, told, judged_as).absent == expected


def test_an_address_may_be_on_an_interface_that_was_not_told() -> None:
    inventory = replace(HOST, internal_address="203.0.113.9")
    two = (("eth0", "3c:ec:ef:00:00:01"), ("eth1", "3c:ec:ef:00:00:02"))
    record = made(facts(Addresses("eth0", ("192.0.2.11",), (), (), two)), inventory)
    assert record.absent is None
    assert "all its interfaces" in record.reason("absent")
    record = made(facts(Addresses("eth0", ("192.0.2.11",), (), (), two[:1])), inventory)
    assert record.absent == ("internalAddress",)


def test_an_address_of_the_inventory_is_not_cut_away() -> None:
    others = tuple((f"eth{number}", f"198.51.100.{number}") for number in range(1, 40))
    told = facts(Addresses("eth0", ("192.0.2.11",), (), others, ()))
    record = made(told, replace(HOST, internal_address="198.51.100.39"))
    assert record.addresses is not None
    assert len(record.addresses) == 16
    assert "198.51.100.39" in record.addresses


def test_the_stub_resolver_is_not_what_pods_ask() -> None:
    stub = Resolver(ResolvConf(("127.0.0.53",)), ResolvConf(("192.0.2.54",)))
    assert made(facts(stub)).resolvers == ("192.0.2.54",)
    assert made(facts(Resolver(None, None))).resolvers == ()


def test_docker_and_cri_o() -> None:
    record = made(facts(), runtime=ContainerRuntime.DOCKER)
    assert (record.runtime, record.cgroup_driver) == (Runtime("docker", "19.03.14"), "systemd")
    record = made(facts(), runtime=ContainerRuntime.CRIO)
    assert record.cgroup_driver is None
    silent_runtime = Cri(crictl=False, sockets={CONTAINERD_SOCKET: CriSocket(None, None, "denied")})
    assert made(facts(silent_runtime)).runtime is None


@pytest.mark.parametrize(
    ("mac", "default_route", "telling"),
    [
        ("3c:ec:ef:00:00:01", False, True),
        ("52:54:00:00:00:01", False, False),
        ("52:54:00:00:00:01", True, True),
        ("00:00:5e:00:01:0a", True, False),
        ("00:00:00:00:00:00", True, False),
        ("", True, False),
        ("80:00:02:08:fe:80:00:00", False, False),
    ],
)
def test_hardware_addresses(mac: str, default_route: bool, telling: bool) -> None:
    assert is_telling(mac, default_route=default_route) is telling


@pytest.mark.parametrize("device", ["cni0", "flannel.1", "cali0a1b", "kube-ipvs0", "vxlan.calico"])
def test_interfaces_of_a_cni(device: str) -> None:
    assert is_of_cni(device)
    assert not is_own(device)


@pytest.mark.parametrize("device", ["eth0", "ens3f0np0", "bond0", "br0", "vlan7", "wg0"])
def test_own_interfaces(device: str) -> None:
    assert is_own(device)
