from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.inventory.ranges import expand
from scanner.render.fold import fold

NAMES = st.from_regex(r"\A[a-c]?(?:-?[0-9]{1,3}){0,3}(?:\.[ab][0-9]?)?\Z")


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("", ""),
        ("master", "master"),
        ("node2", "node2"),
        ("node2 node3", "node[2,3]"),
        ("node1 node2 node3 node5", "node[1-3,5]"),
        ("n08 n09 n10 n11 n100", "n[08-11,100]"),
        ("10.0.0.11 10.0.0.12 10.0.0.13", "10.0.0.[11-13]"),
        ("node1.k8s.example node2.k8s.example", "node[1,2].k8s.example"),
        ("rack1-node1 rack1-node2 rack2-node1", "rack1-node[1,2] rack2-node1"),
        ("b1 a1 b2 a2", "b[1,2] a[1,2]"),
        ("n1 n01", "n[01,1]"),
        ("x[1] x[2]", "x[1] x[2]"),
    ],
)
def test_examples(names: str, words: str) -> None:
    assert fold(names.split()) == tuple(words.split())


@given(st.lists(NAMES, unique=True, max_size=30))
def test_it_is_the_inverse_of_an_inventorys_ranges(names: list[str]) -> None:
    expanded = [name for word in fold(names) for name in expand(word)]
    assert sorted(expanded) == sorted(names)


def test_many() -> None:
    assert fold(f"node{n}" for n in range(2, 2002)) == ("node[2-2001]",)
