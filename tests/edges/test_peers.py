"""What the other hosts are told of one: addresses that can be dialled, and a name that is one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.edges.peers import Peer, peer_of, told_apart
from scanner.facts.identity import Addresses
from scanner.request import Host, Login, NodeRole
from tests.edges.fleet import peers
from tests.hosts import NOBODY, facts, facts_without
from tests.members import member

HOST = Host("one", Login("192.0.2.1"), frozenset({NodeRole.CONTROL_PLANE}))


@pytest.mark.parametrize(
    ("host", "addresses"),
    [
        (HOST, ("192.0.2.1", "192.0.2.11")),
        (
            replace(HOST, internal_address="10.0.0.1", advertise_address="10.0.0.2"),
            ("10.0.0.1", "10.0.0.2", "192.0.2.1", "192.0.2.11"),
        ),
        (replace(HOST, login=Login("bastion-alias")), ("192.0.2.11",)),
        (replace(HOST, login=Login("2001:DB8::0001")), ("2001:db8::1", "192.0.2.11")),
        (replace(HOST, login=Login("localhost", local=True)), ("192.0.2.11",)),
        (replace(HOST, login=Login("0.0.0.0")), ("192.0.2.11",)),
        (replace(HOST, login=Login("fe80::1")), ("192.0.2.11",)),
        (replace(HOST, login=Login("127.0.0.1", 2201)), ("192.0.2.11",)),
    ],
)
def test_the_address_to_be_dialled_comes_first(host: Host, addresses: tuple[str, ...]) -> None:
    assert peer_of(host, facts()).addresses == addresses


def test_a_host_of_which_only_an_alias_is_known_has_none() -> None:
    host = replace(HOST, login=Login("alias"))
    assert peer_of(host, facts_without(Addresses)).addresses == ()


def test_what_else_the_others_need() -> None:
    host = replace(HOST, login=Login("192.0.2.1", 2222))
    assert peer_of(host, facts()) == Peer(
        "one", "node1", ("192.0.2.1", "192.0.2.11"), True, True, 2222, frozenset({"192.0.2.11"})
    )


@pytest.mark.parametrize(
    "hostname", ["a b", "a\ndial 1 22/tcp", "-", "", "a" * 300, "ä", "$(reboot)", "a;b", ".a"]
)
def test_a_hostile_hostname_is_sent_to_nobody(hostname: str) -> None:
    assert peer_of(HOST, facts(replace(NOBODY, hostname=hostname))).node_name == ""


def test_nothing_is_opened_beside_a_clusters_components() -> None:
    assert not peer_of(HOST, facts(*member())).may_listen


def test_an_address_that_two_hosts_share_is_dialled_by_nobody() -> None:
    one, two, three = peers(1, 2)
    twin = replace(two, addresses=(one.addresses[0], "10.1.0.1"))
    bare = replace(three, node_name="bare", addresses=())
    assert told_apart((one, twin, three, bare)) == (
        replace(one, addresses=()),
        replace(twin, addresses=()),
        three,
        bare,
    )


def test_a_name_that_two_hosts_share_is_looked_up_by_nobody() -> None:
    one, two, three = peers(1, 2)
    twin = replace(two, node_name=one.node_name)
    assert told_apart((one, twin, three)) == (
        replace(one, node_name=""),
        replace(twin, node_name=""),
        three,
    )


def test_an_address_of_another_host_is_not_dialled() -> None:
    one, two, three = (replace(peer, own=frozenset(peer.addresses)) for peer in peers(1, 2))
    wrong = replace(one, addresses=(two.addresses[0], *one.addresses))
    alone = replace(two, addresses=("192.0.2.99",), own=frozenset(two.addresses))
    found = told_apart((wrong, alone, three))
    assert [peer.addresses for peer in found] == [(), ("192.0.2.99",), three.addresses]
    behind_nat = replace(one, addresses=("198.51.100.7",))
    assert told_apart((behind_nat, two, three)) == (behind_nat, two, three)
