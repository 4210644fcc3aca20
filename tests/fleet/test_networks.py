"""Networks that touch, and those that only look like it."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

import pytest

from scanner.facts.routes import Route
from scanner.fleet.nodes_there import HEADER, NodesThere, nodes_there
from scanner.request import Cluster
from scanner.verdict import Verdict
from tests.fleet.fleets import CLUSTER, PODS, SERVICES, fleet, judged


def via(network: str, device: str = "eth0", gateway: str = "") -> tuple[Route, ...]:
    return (Route(ip_network(network), device, gateway),)


@pytest.mark.parametrize(
    ("route", "verdict", "words"),
    [
        (via(PODS, "eth1"), Verdict.FAIL, "a route on eth1 to 10.244.0.0/16 overlaps with the pod"),
        (via("10.244.8.0/22", gateway="192.0.9.9"), Verdict.FAIL, "through 192.0.9.9"),
        (via("10.244.8.0/22", "*"), Verdict.FAIL, "a refused route to 10.244.8.0/22"),
        (via("10.0.0.0/8"), Verdict.FAIL, "to 10.0.0.0/8 overlaps with the pod network"),
        (via("10.0.0.0/8", gateway="192.0.9.9"), Verdict.WARN, "covers the pod network"),
        (via(SERVICES, gateway="192.0.9.9"), Verdict.FAIL, "overlaps with the service network"),
        (via("10.96.0.0/24", gateway="192.0.0.3"), Verdict.FAIL, "overlaps with the service"),
        (via("10.96.0.0/16", "docker0"), Verdict.FAIL, "a route on docker0"),
        (via("10.244.1.0/24", gateway="192.0.0.3"), Verdict.PASS, ""),
        (via("10.244.1.0/24", "flannel.1", "10.244.1.0"), Verdict.PASS, ""),
        *(
            (via("10.244.1.0/24", device), Verdict.PASS, "")
            for device in ("cni0", "cali1", "tunl0")
        ),
        (via("10.96.0.1/32", "kube-ipvs0"), Verdict.PASS, ""),
        ((), Verdict.PASS, ""),
    ],
    ids=str,
)
def test_routes(route: tuple[Route, ...], verdict: Verdict, words: str) -> None:
    result = judged("KS731", fleet(4, {2: {"routes": route}, 4: {"routes": route}}))
    assert result.verdict is verdict, result
    assert result.hosts == (() if verdict is Verdict.PASS else ("node2", "node4"))
    assert words in result.message
    assert result.blocking is (verdict is Verdict.FAIL)


def test_a_members_own_routes_are_no_overlap() -> None:
    blackhole = {"routes": via("10.244.7.0/26", "*"), "member": True, "routes_complete": False}
    assert judged("KS731", fleet(4, {2: blackhole})).verdict is Verdict.PASS
    whole = {**blackhole, "routes": via(PODS, "eth1")}
    assert judged("KS731", fleet(4, {2: whole})).verdict is Verdict.FAIL


def test_a_route_to_services_is_nobodys_own() -> None:
    """On members it may be their CNI's, which works; on a host that joins it is in the way."""
    advertised = {"routes": via("10.96.7.0/26", gateway="192.0.0.3"), "member": True}
    assert judged("KS731", fleet(4, {2: advertised})).verdict is Verdict.WARN
    joins = {**advertised, "member": False}
    assert judged("KS731", fleet(4, {2: advertised, 4: joins})).verdict is Verdict.FAIL
    for overlap in (via(SERVICES, gateway="192.0.0.3"), via("10.96.7.0/26", "eth1")):
        spoiled = {**advertised, "routes": overlap}
        assert judged("KS731", fleet(4, {2: spoiled})).verdict is Verdict.FAIL


NODES = NodesThere(frozenset({"192.0.9.9"}), frozenset({ip_network("10.244.5.0/24")}))


@pytest.mark.parametrize(
    ("route", "there", "verdict"),
    [
        (via("10.244.8.0/24", gateway="192.0.9.9"), NODES, Verdict.PASS),
        (via("10.244.5.0/24", gateway="192.0.9.1"), NODES, Verdict.PASS),
        (via("10.244.8.0/24", gateway="192.0.9.1"), NODES, Verdict.FAIL),
        (via("10.244.5.0/24"), NODES, Verdict.FAIL),
        (via("10.244.5.0/24", "*"), NODES, Verdict.FAIL),
        (via("10.244.8.0/24", gateway="192.0.9.9"), None, Verdict.UNKNOWN),
        (via(PODS, gateway="192.0.9.1"), None, Verdict.FAIL),
        (via("10.244.8.0/24", "eth1"), None, Verdict.FAIL),
        (via("10.244.1.0/24", gateway="192.0.0.3"), None, Verdict.PASS),
        (via("10.96.0.0/24", gateway="192.0.9.1"), NODES, Verdict.FAIL),
        (via("10.96.0.0/24", gateway="192.0.9.9"), NODES, Verdict.FAIL),
        (via("10.96.0.0/24", gateway="192.0.9.9"), None, Verdict.FAIL),
    ],
    ids=str,
)
def test_a_host_that_joins_has_routes_to_nodes_outside_of_the_run(
    route: tuple[Route, ...], there: NodesThere | None, verdict: Verdict
) -> None:
    run = fleet(4, {1: {"member": True}, 4: {"routes": route}})
    result = judged("KS731", replace(run, there=there))
    assert result.verdict is verdict, result
    assert result.blocking is (verdict is not Verdict.PASS)
    if verdict is Verdict.UNKNOWN:
        assert result.hosts == ("node4",)
        assert "whether 192.0.9.9, to which a route to 10.244.8.0/24" in result.message


def test_a_route_to_the_pods_of_a_node_that_is_down() -> None:
    route = via("10.244.1.0/24", gateway="192.0.0.3")
    result = judged("KS731", fleet(4, {2: {"routes": route}}, unreached=(3,)))
    assert (result.verdict, result.hosts) == (Verdict.UNKNOWN, ("node3",))


@pytest.mark.parametrize(
    ("text", "addresses", "networks"),
    [
        (
            f"{HEADER}\n192.0.2.1 node1 10.244.0.0/24 10.244.0.0/24 fd00:1::/80\n2001:DB8::1 b \n",
            {"192.0.2.1", "2001:db8::1"},
            {"10.244.0.0/24", "fd00:1::/80"},
        ),
        (f"{HEADER}\n192.0.2.1 x/y 10.244.0.1/24 $(reboot)\n", {"192.0.2.1"}, set()),
    ],
)
def test_what_the_api_tells_of_nodes(text: str, addresses: set[str], networks: set[str]) -> None:
    found = nodes_there(text)
    assert found is not None
    assert found.addresses == addresses
    assert set(map(str, found.pod_networks)) == networks


@pytest.mark.parametrize("text", ["", HEADER, f"{HEADER}\nnode1 \n", "192.0.2.1 node1\n"])
def test_an_answer_without_nodes_or_its_beginning_tells_nothing(text: str) -> None:
    assert nodes_there(text) is None


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        ({"addresses": ("10.244.3.4",)}, "hosts have addresses of the pod network 10.244.0.0/16"),
        ({"addresses": ("10.96.0.4",)}, "hosts have addresses of the service network"),
        ({"resolvers": ("10.96.0.10",)}, "the name server 10.96.0.10 is in the service network"),
        ({"bridge": "192.0.0.0/29"}, "docker0's network 192.0.0.0/29 has addresses of hosts in it"),
    ],
)
def test_addresses_resolvers_and_docker0(spoiled: dict[str, Any], words: str) -> None:
    result = judged("KS731", fleet(4, {4: spoiled}))
    assert result.verdict is Verdict.FAIL
    assert words in result.message
    assert "node4" in result.hosts


def test_pods_and_services_against_each_other_also_on_one_host() -> None:
    cluster = replace(CLUSTER, pod_subnets=("10.100.0.0/16",))
    result = judged("KS731", fleet(1, cluster=cluster))
    assert result.verdict is Verdict.FAIL
    assert "10.100.0.0/16 and 10.96.0.0/12 of pods and services overlap" in result.message
    dual = replace(cluster, pod_subnets=(PODS, "fd00::/48"), service_subnets=("fd01::/112",))
    assert judged("KS731", fleet(1, cluster=dual)).verdict is Verdict.PASS
    assert judged("KS731", fleet(1)).verdict is Verdict.PASS


@pytest.mark.parametrize("name", ["addresses", "routes", "resolvers"])
def test_what_one_host_did_not_tell_is_not_known(name: str) -> None:
    result = judged("KS731", fleet(4, {3: {name: None, "why": {name: "no section"}}}))
    assert (result.verdict, result.hosts) == (Verdict.UNKNOWN, ("node3",))
    assert result.blocking


def test_too_many_routes_to_know_all() -> None:
    result = judged("KS731", fleet(4, {3: {"routes_complete": False}}))
    assert (result.verdict, result.hosts) == (Verdict.UNKNOWN, ("node3",))


@pytest.mark.parametrize(
    ("pods", "nodes", "verdict"),
    [
        (PODS, 256, Verdict.PASS),
        (PODS, 257, Verdict.WARN),
        ("10.244.0.0/24", 1, Verdict.PASS),
        ("10.244.0.0/24", 2, Verdict.WARN),
        ("10.244.0.0/28", 1, Verdict.WARN),
        ("fd00::/56", 256, Verdict.PASS),
        ("fd00::/56", 257, Verdict.WARN),
    ],
)
def test_room_for_pods(pods: str, nodes: int, verdict: Verdict) -> None:
    cluster = replace(CLUSTER, pod_subnets=(pods,))
    assert judged("KS732", fleet(2, cluster=cluster, nodes=nodes)).verdict is verdict


def test_without_a_pod_network_nobody_asks_for_room() -> None:
    assert judged("KS732", fleet(2, cluster=Cluster())).verdict is Verdict.SKIP
