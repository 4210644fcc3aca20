"""What is said where the host goes that controlPlaneEndpoint leads to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.cluster.endpoint import endpoint_goes
from scanner.cluster.make_plan import Taken
from scanner.cluster.plan import Plan
from scanner.facts.base import Facts
from scanner.facts.network import EndpointLookup, NameLookup
from scanner.request import Cluster
from scanner.target import Role
from tests.cluster.machine import host, member, plan


def going(endpoint: str, *looked_up: str, named: str = "node2") -> Plan:
    """node1 stays, and knows the endpoint's name so."""
    wanted = plan(
        replace(member("node1", Role.INIT, joined=True), endpoint=looked_up),
        member("node2", Role.JOIN_CONTROL_PLANE, joined=True),
        named=frozenset(named.split()),
    )
    return replace(wanted, cluster=Cluster(control_plane_endpoint=endpoint))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (going("192.0.2.2:6443"), True),
        (going("192.0.2.2"), True),
        (going("api.example:6443", "192.0.2.2"), True),
        (going("api.example:6443", "192.0.2.9", "192.0.2.2"), True),
        (going("api.example:6443", "192.0.2.1"), False),
        (going("api.example:6443"), False),  # not known
        (going("192.0.2.1:6443"), False),
        (going(""), False),
        (going("192.0.2.2:6443", named="node1 node2"), False),  # the cluster ends
    ],
)
def test_the_endpoint_goes_with_its_host(wanted: Plan, *, said: bool) -> None:
    line = endpoint_goes(wanted)
    assert bool(line) is said
    assert not said or "leads to node2: unless it moves on" in line


def test_ipv6_has_several_spellings() -> None:
    wanted = going("[FD00:0::2]:6443")
    second = wanted.member("node2")
    assert second.machine is not None
    moved = replace(second, machine=replace(second.machine, addresses=("fd00::2",)))
    assert endpoint_goes(replace(wanted, members=(wanted.members[0], moved)))


def test_what_the_name_stands_for_is_what_the_host_has_told() -> None:
    taken, target = Taken(), member("node1", Role.INIT).target
    lookup = NameLookup("node1", (), (), asked_dns=True)
    known = replace(lookup, endpoint=EndpointLookup("api.example", ("192.0.2.2",)))
    taken(host("node1"), Facts({NameLookup: known}, {}), target)
    taken(host("node2"), Facts({NameLookup: lookup}, {}), target)
    taken(host("node3"), Facts({}, {}), target)
    assert taken.endpoints == {"node1": ("192.0.2.2",)}
