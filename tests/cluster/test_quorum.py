"""When etcd can do without a control plane, by its own list of members."""

from __future__ import annotations

import json

import pytest

from scanner.cluster.quorum import Leaving, read_members, refused, strangers
from scanner.render.harmless import LONGEST


def etcd(*names: str, sick: str = "", learners: str = "") -> str:
    """What the list prints: `node2` is at 192.0.2.2; `?9` has never started, at 192.0.2.9."""
    members, lines = [], []
    for name in names:
        number = name[-1]
        member: dict[str, object] = {
            "ID": f"1844674407370955161{number}",
            "peerURLs": [f"https://192.0.2.{number}:2380"],
        }
        if not name.startswith("?"):
            url = f"https://192.0.2.{number}:2379"
            member |= {"name": name, "clientURLs": [url]}
            health = "false" if number in sick else "true"
            lines.append(f'health {url} {{"health":"{health}"}}')
        if number in learners:
            member["isLearner"] = True
        members.append(member)
    return "\n".join((f"members {json.dumps({'header': {}, 'members': members})}", *lines))


def leaving(number: int) -> Leaving:
    return Leaving(f"host{number}", f"node{number}", (f"192.0.2.{number}", "10.244.0.1"))


def why(printed: str, *numbers: int, later: tuple[int, ...] = ()) -> str:
    members = read_members(printed)
    assert members is not None
    return refused(members, tuple(map(leaving, numbers)), tuple(map(leaving, later)))


@pytest.mark.parametrize(
    "printed",
    [
        etcd("node1", "node2", "node3"),
        etcd("node1", "node2"),
        etcd("node1", "node2", "node3", "node4", "node5"),
        etcd("node1", "node2", "node3", sick="2"),  # it goes because it is
        etcd("node1", "node3"),  # it was removed before
        etcd("node1", "?2"),  # a join that did not come to its end
        etcd("node1", "node2", learners="2"),
    ],
)
def test_one_may_go_that_the_others_can_do_without(printed: str) -> None:
    assert why(printed, 2) == ""


@pytest.mark.parametrize(
    ("printed", "words"),
    [
        (etcd("node1", "node2", "node3", sick="3"), "of the 2 members that remain 1 would be"),
        (etcd("node1", "node2", "node3", sick="13"), "0 would be healthy, and 2 must be"),
        (etcd("node1", "node2", sick="12"), "has lost its quorum already"),
        (etcd("node1", "?2", sick="1"), "has lost its quorum already"),
        (etcd("node1", "node2", "?9"), "lose its quorum"),
        (etcd("node2"), "of the 0 members that remain"),  # none of one that stays
        (etcd("node1", "node2", "node3", "node4", sick="4"), "not healthy: node4 (https://192."),
        (etcd("node1", "node2", "?9", learners="9"), "which was added and has never started"),
        (etcd("node1", "node2", "node9", sick="9", learners="9"), "not healthy: node9"),
    ],
)
def test_one_must_stay_that_the_others_need(printed: str, words: str) -> None:
    said = why(printed, 2)
    assert words in said
    assert "host2" in said
    assert "\n" not in said


def test_those_that_go_later_may_be_sick_as_long_as_the_quorum_holds() -> None:
    five = etcd("node1", "node2", "node3", "node4", "node5", sick="3")
    assert "not healthy: node3" in why(five, 2)
    assert why(five, 2, later=(3,)) == ""
    assert why(five, 2, 3) == ""
    three = etcd("node1", "node2", "node3", sick="3")
    assert "lose its quorum" in why(three, 2, later=(3,))
    assert why(three, 3, later=(2,)) == ""


def test_a_member_of_that_name_on_another_machine_is_not_the_hosts() -> None:
    members = read_members(etcd("node1", "node2", "node3"))
    assert members is not None
    clone = Leaving("host2", "node2", ("192.0.2.7",))
    said = refused(members, (clone,))
    assert "has the name of host2, and is at none of its addresses" in said
    assert f"etcdctl member remove {18446744073709551612:x}" in said
    unseen = Leaving("host2", "node2")
    assert refused(members, (unseen,)) == "", "of a host without addresses the name must do"
    renamed = Leaving("host2", "web", ("192.0.2.2",))
    assert renamed.has(members[1])


def test_members_elsewhere_are_named() -> None:
    members = read_members(etcd("node1", "node2", "node3"))
    assert members is not None
    everybody = tuple(map(leaving, (1, 2, 3)))
    assert strangers(members, everybody) == ""
    said = strangers(members, everybody[:1])
    assert "node2 (https://192.0.2.2:2380); node3" in said
    assert "--master" in said


def test_the_line_is_shown_whole() -> None:
    names = (f"node{number}" for number in range(1, 10))
    long = {"https://192.0.2.": "https://[2001:db8:1234:5678::", ":23": "]:23"}
    printed = etcd(*names, sick="23456789")
    for old, new in long.items():
        printed = printed.replace(old, new)
    members = read_members(printed)
    assert members is not None
    said = refused(members, (Leaving("control-plane-2", "node2"),))
    assert "; and 4 more" in said
    assert len(said) <= LONGEST - 150, "a title comes before it"
    assert len(strangers(members, (Leaving("a", "node1"),))) <= LONGEST - 150


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "curl: (7) Failed to connect",
        "members {}",
        'members {"members": []}',
        'members {"members": [1]}',
        'members {"members": [{"ID": "x; reboot", "name": "a"}]}',
        'members {"members": [{"ID": "-1", "name": "a"}]}',
        "members " + "[" * 100_000,
        "members [1]",
    ],
)
def test_what_is_no_list_is_not_taken_for_one(printed: str) -> None:
    assert read_members(printed) is None


def test_an_answer_that_cannot_be_read_is_not_healthy() -> None:
    printed = etcd("node1", "node2").replace('{"health":"true"}', "curl: (28) timed out", 1)
    members = read_members(printed)
    assert members is not None
    assert [member.healthy for member in members] == [False, True]
    odd = 'members {"members": [{"ID": "1", "name": 5, "peerURLs": "x", "clientURLs": [3]}]}'
    (member,) = read_members(odd) or ()
    assert (member.name, member.peers, member.healthy) == ("", (), False)
    assert not member.addresses
