from __future__ import annotations

from typing import Any

import pytest

from scanner.diff.facts import FactChange, compare_facts


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({"cpu": {"online": 2}}, {"cpu": {"online": 4}}, [("cpu.online", 2, 4)]),
        ({"cpu": {"online": 2}}, {"cpu": {"online": 2}}, []),
        ({"a": {"b": {"c": 1}}}, {"a": {"b": {}}}, [("a.b.c", 1, None)]),
        ({"a": [1, 2]}, {"a": [1]}, [("a", [1, 2], [1])]),
        ({"clock": {"seconds": 1.0}}, {"clock": {"seconds": 2.0}}, []),
        (
            {"storage": {"volumes": {"/x.y": {"freeBytes": 1, "inodes": 5}}}},
            {"storage": {"volumes": {"/x.y": {"freeBytes": 2, "inodes": 6}}}},
            [("storage.volumes./x.y.inodes", 5, 6)],
        ),
        (
            {"cri": {"socket": "x"}},
            {"cri": {"missing": "timed out"}},
            [("cri", "known", {"missing": "timed out"})],
        ),
        (None, {"cpu": 1}, []),
        ({"cpu": 1}, None, []),
        ({}, {"new": {"a": 1}}, [("new", None, "known")]),
    ],
)
def test_changes(
    old: dict[str, Any] | None, new: dict[str, Any] | None, changes: list[tuple[str, Any, Any]]
) -> None:
    assert list(compare_facts(old, new)) == [FactChange(*change) for change in changes]
