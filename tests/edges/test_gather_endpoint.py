"""Asking hosts for controlPlaneEndpoint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.edges.endpoint import Endpoint, EndpointDials
from scanner.edges.mode import Network
from scanner.edges.plan import Plan
from scanner.edges.report import EdgeState
from scanner.transport.forward import Dialled
from tests.edges.fleet import peers, plan
from tests.edges.scripted import Machines, Scripted, gathered, three

pytestmark = pytest.mark.usefixtures("impatient")


def with_endpoint(made: Plan, host: str = "198.51.100.10") -> Plan:
    return replace(made, endpoint=Endpoint(host, 8443))


@pytest.mark.parametrize("mode", [Network.DIAL, Network.FULL])
async def test_every_host_is_asked_for_the_endpoint_once(mode: Network) -> None:
    made, machines = three(mode)
    for host in machines.hosts.values():
        assert host is not None
        host.more = ("endpoint 198.51.100.10 r",)
    machines.hosts["node3"] = None
    tally = await gathered(with_endpoint(made), machines)
    assert tally.endpoint[0] == tally.endpoint[1]
    assert tally.endpoint[0] == EndpointDials({"198.51.100.10": EdgeState.REFUSED})
    assert tally.endpoint[2] == EndpointDials({}, "connection refused")
    first = machines.hosts["node1"]
    assert first is not None
    assert [line for line in first.said if line.startswith("endpoint")] == [
        "endpoint 198.51.100.10 8443"
    ]


async def test_a_host_that_says_nothing_of_the_endpoint_has_not_answered() -> None:
    made, machines = three(Network.DIAL)
    tally = await gathered(with_endpoint(made), machines)
    assert len([dials.why for dials in tally.endpoint.values() if dials.why]) == 3


async def test_an_sshd_dials_the_endpoint_by_its_name() -> None:
    there = {("10.0.0.2", 6443): Dialled.OPEN, ("api.example", 8443): Dialled.SILENT}
    made, machines = three(Network.DIAL, node2=Scripted(program="none", forwards=there))
    tally = await gathered(with_endpoint(made, "api.example"), machines)
    assert tally.endpoint[1] == EndpointDials({"api.example": EdgeState.DROPPED})


async def test_workers_alone_are_asked_for_the_endpoint() -> None:
    workers = tuple(replace(one, is_control_plane=False) for one in peers(1, 2))
    hosts: dict[str, Scripted | None] = {
        peer.name: Scripted("", more=("endpoint none",)) for peer in workers
    }
    made = with_endpoint(plan(members=workers, mode=Network.DIAL))
    tally = await gathered(made, Machines(hosts))
    assert tally.endpoint == dict.fromkeys(range(3), EndpointDials({}))
