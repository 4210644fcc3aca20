"""Fleets on which every rule passes, to be spoiled one host at a time."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from scanner.edges.report import EdgeState
from scanner.facts.routes import Route
from scanner.fleet import FLEET_CATALOGUE
from scanner.fleet.judge import FleetResult, judge_fleet
from scanner.fleet.record import FleetFacts, Offset, Reach, Runtime
from scanner.fleet.rule import Fleet
from scanner.request import Cluster

PODS, SERVICES = "10.244.0.0/16", "10.96.0.0/12"
CLUSTER = Cluster(
    control_plane_endpoint="api.example:6443", pod_subnets=(PODS,), service_subnets=(SERVICES,)
)
_BY_ID = {check.id: check for check in FLEET_CATALOGUE}


def record(number: int, **spoiled: Any) -> FleetFacts:
    """A good host; node1 to node3 are the control planes."""
    good = FleetFacts(
        host=f"node{number}",
        control_plane=number <= 3,
        node_name=f"node{number}",
        machine_id=f"{number:032x}",
        boot_id=f"boot-{number}",
        product_uuid=f"uuid-{number}",
        macs=(f"3c:ec:ef:00:{number // 256:02x}:{number % 256:02x}",),
        addresses=(f"192.0.{number // 256}.{number % 256}",),
        given=(("internalAddress", f"192.0.{number // 256}.{number % 256}"),),
        clock=offset(0.0),
        kernel="6.1.0-18-amd64",
        operating_system="Debian GNU/Linux 12 (bookworm)",
        runtime=Runtime("containerd", "2.1.4"),
        kubelet="v1.31.2",
        cgroup_driver="systemd",
        routes=(),
        bridge="172.17.0.0/16",
        resolvers=("198.51.100.53",),
        endpoint=("198.51.100.10",),
        reach=Reach((("198.51.100.10", EdgeState.REFUSED),)),
    )
    return replace(good, **spoiled)


def offset(middle: float, uncertainty: float = 0.02) -> Offset:
    return Offset(middle - uncertainty, middle + uncertainty)


def silent(number: int, reason: str = "not reached") -> FleetFacts:
    listed = (f"192.0.{number // 256}.{number % 256}",)
    return FleetFacts(f"node{number}", number <= 3, silent=reason, listed=listed)


def fleet(
    size: int = 5,
    spoiled: dict[int, dict[str, Any]] | None = None,
    *,
    cluster: Cluster = CLUSTER,
    unreached: tuple[int, ...] = (),
    nodes: int = 0,
    control_planes: int | None = None,
) -> Fleet:
    """node1 ... of which some are spoiled and some say nothing."""
    hosts = tuple(
        silent(number) if number in unreached else record(number, **(spoiled or {}).get(number, {}))
        for number in range(1, size + 1)
    )
    planes = sum(host.control_plane for host in hosts) if control_planes is None else control_planes
    return Fleet(hosts, cluster, planes, nodes or size)


def judged(check: str, judged_fleet: Fleet) -> FleetResult:
    (result,) = judge_fleet([_BY_ID[check]], judged_fleet)
    return result


def via(network: str, device: str = "eth0", gateway: str = "") -> tuple[Route, ...]:
    return (Route(ip_network(network), device, gateway),)
