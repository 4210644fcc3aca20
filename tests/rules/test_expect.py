"""Expectations at their edges: what holds, what does not, and what cannot be known."""

from __future__ import annotations

import pytest

from scanner.facts.base import FactMissing
from scanner.rules.expect import holds, read
from scanner.rules.rule import Way

HOLDS = (
    (Way.MATCHES, "^active$", "x\nactive\ny\n", True),
    (Way.MATCHES, "^active$", "inactive\n", False),
    (Way.MATCHES, "(?i)ACTIVE", "active", True),
    (Way.DOES_NOT_MATCH, "^a", "b\n", True),
    (Way.DOES_NOT_MATCH, "^a", "b\na\n", False),
    (Way.CONTAINS, "a.c", "abc", False),
    (Way.CONTAINS, "a.c", "xa.cx", True),
    (Way.DOES_NOT_CONTAIN, "a", "b", True),
    (Way.STRING, "== active", " active\n", True),
    (Way.STRING, "!= active", "inactive", True),
    (Way.STRING, "== a b", "a  b", False),
    (Way.NUMBER, ">= 4", "4\n", True),
    (Way.NUMBER, ">= 4", "3", False),
    (Way.NUMBER, "> 4", "4.0", False),
    (Way.NUMBER, "== 4", "4.0", True),
    (Way.NUMBER, "< 0.1", "-7", True),
    (Way.NUMBER, "!= 0", "0", False),
    (Way.VERSION, ">= 1.7.0", "containerd v1.7", True),
    (Way.VERSION, ">= 1.10", "1.9.9", False),
    (Way.VERSION, "< 1.7", "1.7.0-rc.1", True),
    (Way.VERSION, "== 1.7", "1.7.0~rc1", False),
    (Way.VERSION, "== v1.7", "git version 1.7.0.", True),
    (Way.VERSION, ">= 2", "5.15.0-91-generic", True),
)


@pytest.mark.parametrize(("way", "value", "output", "expected"), HOLDS)
def test_what_holds(way: Way, value: str, output: str, expected: bool) -> None:
    assert holds(read(way, value), output) is expected


@pytest.mark.parametrize(
    ("way", "value", "output"),
    [
        (Way.NUMBER, ">= 4", ""),
        (Way.NUMBER, ">= 4", "4 sources"),
        (Way.NUMBER, ">= 4", "inf"),
        (Way.NUMBER, ">= 4", "9" * 4000),
        (Way.NUMBER, ">= 4", "٤"),
        (Way.VERSION, ">= 4", "4"),
        (Way.VERSION, ">= 4", f"{'9' * 4000}.1"),
    ],
)
def test_what_cannot_be_known(way: Way, value: str, output: str) -> None:
    with pytest.raises(FactMissing):
        holds(read(way, value), output)


@pytest.mark.parametrize(
    ("way", "value", "says"),
    [
        (Way.MATCHES, "a(", "not a pattern of RE2"),
        (Way.MATCHES, r"(a)\1", "no back-references"),
        (Way.MATCHES, "(?=a)", "no look-around"),
        (Way.MATCHES, "(((a{1,1000}){1,1000}){1,1000})", "not a pattern of RE2"),
        (Way.CONTAINS, "", "empty"),
        (Way.STRING, "active", "'== active'"),
        (Way.STRING, "< b", "== or !="),
        (Way.NUMBER, "four", "'>= 4'"),
        (Way.NUMBER, ">= four", "a number"),
        (Way.NUMBER, "=> 4", "'>= 4'"),
        (Way.VERSION, ">= 1.x", "digits and dots"),
    ],
)
def test_what_is_no_expectation(way: Way, value: str, says: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read(way, value)
    assert says in str(caught.value)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*)*x", "a?" * 60 + "a" * 60])
def test_no_output_makes_a_pattern_run_wild(pattern: str) -> None:
    """Backtracking would not come back within this test's life."""
    assert holds(read(Way.DOES_NOT_MATCH, f"^{pattern}$"), "a" * 4095 + "!")
