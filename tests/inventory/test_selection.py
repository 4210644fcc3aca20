from __future__ import annotations

import pytest

from scanner.errors import InventoryError
from scanner.inventory.selection import limit, matching, with_master
from scanner.request import Host, Login, NodeRole, Request

MASTER = frozenset({NodeRole.CONTROL_PLANE})
HOSTS = (
    *(Host(f"master{number}", Login("x"), roles=MASTER) for number in (1, 2)),
    *(Host(f"node{number}", Login("x"), group="workers") for number in (1, 2, 10)),
    Host("db-a", Login("x"), group="db"),
)
REQUEST = Request(HOSTS)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("node1", ["node1"]),
        ("node1, master2", ["master2", "node1"]),
        ("node*", ["node1", "node2", "node10"]),
        ("node?", ["node1", "node2"]),
        ("node[1-5]", ["node1", "node2"]),
        ("node[1,10]", ["node1", "node10"]),
        ("[1-2],node1", None),
        ("*[1-2]", ["master1", "master2", "node1", "node2"]),
        ("node[12]", None),  # a range of one number, not a glob's set
        ("db-[ab]", ["db-a"]),
        ("workers", ["node1", "node2", "node10"]),
        ("work*", ["node1", "node2", "node10", "db-a"]),
        ("control-plane,db", ["master1", "master2", "db-a"]),
        ("worker", ["node1", "node2", "node10", "db-a"]),
        ("*", [host.name for host in HOSTS]),
        ("node[3-1]", None),
        ("node[1", None),
        ("nod", None),
        ("", None),
        (",", None),
    ],
)
def test_limit(pattern: str, names: list[str] | None) -> None:
    if names is None:
        with pytest.raises(InventoryError, match="matches no host; expected one of master1"):
            limit(REQUEST, pattern)
    else:
        assert [host.name for host in limit(REQUEST, pattern).hosts] == names


def test_every_word_has_to_match() -> None:
    with pytest.raises(InventoryError) as caught:
        limit(REQUEST, "node1,nod2,\x1b*")
    there = "expected one of master1, master2, node1, node2, node10, db-a"
    assert str(caught.value).splitlines() == [
        f"--limit: 'nod2' matches no host; {there}",
        f"--limit: '\\x1b*' matches no host; {there}",
    ]


def test_a_second_control_plane_does_not_become_the_first() -> None:
    assert limit(REQUEST, "master2").master == "master1"
    assert limit(with_master(REQUEST, "master2"), "node1").master == "master2"
    assert limit(Request(HOSTS[2:]), "node1").master is None


def test_only_the_first_few_are_listed() -> None:
    many = Request(tuple(Host(f"n{number}", Login("x")) for number in range(100)))
    with pytest.raises(InventoryError, match=r"expected one of n0, .*, n11 and 88 more$"):
        limit(many, "x")


def test_matching_tells_what_matches_nothing() -> None:
    assert matching(HOSTS, "db,x,node[7-9]") == (frozenset({"db-a"}), ("x", "node[7-9]"))


def test_master() -> None:
    assert with_master(REQUEST, "master2").master == "master2"
    with pytest.raises(
        InventoryError, match=r"^--master: no host 'mater1', did you mean 'master1'\?$"
    ):
        with_master(REQUEST, "mater1")
    with pytest.raises(InventoryError, match="'node1' has not the role control-plane"):
        with_master(REQUEST, "node1")
