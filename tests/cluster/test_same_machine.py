"""Which Node is taken for the host that is meant, and which is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.cluster.same_machine import (
    Machine,
    Match,
    Node,
    machine_of,
    read_node,
    refusal,
    same_machine,
)
from scanner.cluster.steps.reset import SAME_MACHINE
from scanner.facts.base import Facts
from scanner.facts.identity import Addresses, Identity
from scanner.render.harmless import LONGEST
from tests.cluster.machine import node, seen

HOST = Machine("a" * 32, "11111111-2222-4333-8444-555555555555", ("192.0.2.2", "10.244.1.1"))
NODE = Node("a" * 32, "11111111-2222-4333-8444-555555555555", ("192.0.2.2",))
OTHER_ID = "b" * 32
OTHER_UUID = "99999999-2222-4333-8444-555555555555"
ELSEWHERE = ("192.0.2.9",)
DEFAULT = "03000200-0400-0500-0006-000700080009"


@pytest.mark.parametrize(
    ("given", "match"),
    [
        (NODE, Match.SAME),
        # set up anew, or restored from a copy: one id has changed, and it is where it was
        (replace(NODE, machine_id=OTHER_ID), Match.SAME),
        (replace(NODE, system_uuid=OTHER_UUID), Match.SAME),
        (replace(NODE, machine_id=""), Match.SAME),
        (replace(NODE, system_uuid=""), Match.SAME),
        # another machine took the address, or has it in another network
        (replace(NODE, machine_id=OTHER_ID, system_uuid=OTHER_UUID), Match.ANOTHER),
        (replace(NODE, machine_id=OTHER_ID, system_uuid=""), Match.ANOTHER),
        (replace(NODE, machine_id=OTHER_ID, system_uuid=DEFAULT), Match.ANOTHER),
        # a clone, with the image's machine-id
        (replace(NODE, system_uuid=OTHER_UUID, addresses=ELSEWHERE), Match.ANOTHER),
        # hosts of one kernel have one UUID
        (replace(NODE, machine_id=OTHER_ID, addresses=ELSEWHERE), Match.ANOTHER),
        (replace(NODE, machine_id=OTHER_ID, addresses=()), Match.ANOTHER),
        # given a new address, or a clone of a virtual machine: nobody can tell
        (replace(NODE, addresses=ELSEWHERE), Match.UNKNOWN),
        (replace(NODE, system_uuid="", addresses=ELSEWHERE), Match.UNKNOWN),
        (replace(NODE, addresses=()), Match.UNKNOWN),
        (replace(NODE, addresses=("no address",)), Match.UNKNOWN),
        (replace(NODE, machine_id="", system_uuid=""), Match.UNKNOWN),
        (replace(NODE, machine_id="", system_uuid=DEFAULT), Match.UNKNOWN),
        (Node(), Match.UNKNOWN),
    ],
)
def test_an_address_and_an_id_make_the_same_machine(given: Node, match: Match) -> None:
    found = same_machine(given, HOST)
    assert found.match is match
    assert bool(found.reasons) is (match is not Match.SAME)


@pytest.mark.parametrize("told", [None, Machine(), replace(HOST, addresses=())])
def test_of_a_host_that_told_nothing_nothing_is_proven(told: Machine | None) -> None:
    assert same_machine(NODE, told).match is Match.UNKNOWN


def test_an_address_has_several_spellings() -> None:
    given = replace(NODE, addresses=("2001:DB8:0::1",))
    assert same_machine(given, replace(HOST, addresses=("2001:db8::1",))).match is Match.SAME


def test_the_line_says_which_node_what_differs_and_what_to_do() -> None:
    another = replace(NODE, machine_id=OTHER_ID, system_uuid="", addresses=ELSEWHERE)
    said = refusal("node2", "web", same_machine(another, HOST))
    for words in (
        "Node web is another machine than node2",
        f"its machine-id is {OTHER_ID}, the host's {'a' * 32}",
        "its InternalIP is 192.0.2.9, which the host does not have",
        "Nothing was changed",
        "nodeName",
        "kubectl delete node web",
    ):
        assert words in said
    assert "\n" not in said
    unknown = refusal("node2", "web", same_machine(replace(NODE, addresses=ELSEWHERE), HOST))
    assert "nothing proves that the cluster's Node web is node2" in unknown
    assert refusal("node2", "web", same_machine(NODE, HOST)) == ""


def test_the_line_is_shown_whole() -> None:
    """Behind the title of its phase, with names as long as they commonly are."""
    host, name = "worker-17", "worker-17.example.internal"
    another = Node(OTHER_ID, OTHER_UUID, ("203.0.113.117",))
    for given in (another, replace(NODE, addresses=("203.0.113.117", "2001:db8:1234:5678::117"))):
        said = refusal(host, name, same_machine(given, HOST))
        title = SAME_MACHINE.title.format(host=host)
        assert len(f"kscan: {title}: FAILED: {said}") <= LONGEST


def test_what_kubectl_prints_is_read() -> None:
    text = "Warning: something is old\n" + node(seen(2))
    read = read_node(text)
    assert read == Node(seen(2).machine_id, seen(2).product_uuid, seen(2).addresses)
    assert read_node("") is None
    assert read_node("Warning: something is old\n") is None
    assert read_node("node a\nmachineID \nsystemUUID \n") == Node()


def test_what_the_probe_has_seen() -> None:
    identity = Identity(0, "root", "a", "A" * 32, "boot", "uuid")
    addresses = Addresses("eth0", ("192.0.2.2",), ("2001:db8::2",), (("eth1", "10.0.0.2"),))
    facts = Facts({Identity: identity, Addresses: addresses}, {})
    everything = ("192.0.2.2", "2001:db8::2", "10.0.0.2")
    assert machine_of(facts, "192.0.2.77") == Machine("a" * 32, "uuid", everything)
    without = Facts({Identity: replace(identity, product_uuid=None)}, {})
    assert machine_of(without, "node2.example") == Machine("a" * 32)
    assert machine_of(Facts({}, {Identity: "it timed out"}), "") == Machine()
    # without a default route the probe tells no address
    unrouted = Facts({Identity: identity, Addresses: Addresses("", (), ())}, {})
    reached = Machine("a" * 32, "uuid", ("192.0.2.2",))
    assert machine_of(unrouted, "192.0.2.2") == reached
    assert same_machine(Node("a" * 32, "", ("192.0.2.2",)), reached).match is Match.SAME
