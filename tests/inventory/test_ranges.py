from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.inventory.ranges import MAX_HOSTS, expand, expand_pattern


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("node1", ("node1",)),
        ("", ("",)),
        ("node[2-4]", ("node2", "node3", "node4")),
        ("192.0.2.[9-11]", ("192.0.2.9", "192.0.2.10", "192.0.2.11")),
        ("n[08-10]", ("n08", "n09", "n10")),
        ("n[98-101]", ("n98", "n99", "n100", "n101")),
        ("n[098-101]", ("n098", "n099", "n100", "n101")),
        ("n[1,3,7-9]x", ("n1x", "n3x", "n7x", "n8x", "n9x")),
        ("n[5]", ("n5",)),
        ("r[1-2]-[1-2]", ("r1-1", "r1-2", "r2-1", "r2-2")),
        ("[2001:db8::1]", ("[2001:db8::1]",)),
        ("[::]", ("[::]",)),
        ("2001:db8::[1-2]", ("2001:db8::1", "2001:db8::2")),
        ("[2001:db8::[1-2]]", ("[2001:db8::1]", "[2001:db8::2]")),
    ],
)
def test_expand(text: str, words: tuple[str, ...]) -> None:
    assert expand(text) == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("n[1-3", "unbalanced bracket in 'n[1-3'"),
        ("n1-3]", "unbalanced bracket in 'n1-3]'"),
        ("n[[1-3]", "unbalanced bracket in 'n[[1-3]'"),
        ("n[3-1]", "the range [3-1] runs backwards"),
        ("n[a-c]", "'[a-c]' is not a range; expected numbers such as [2-40] or [01,07]"),
        ("n[]", "'[]' is not a range; expected numbers such as [2-40] or [01,07]"),
        ("n[1,,2]", "'' in [1,,2] is not a number or a range"),
        ("n[1-2-3]", "'1-2-3' in [1-2-3] is not a number or a range"),
        ("n[1-0100]", "both ends of [1-0100] need the same number of digits"),
        ("n[0-65536]", "the range [0-65536] gives 65537 values, the most is 65536"),
        ("n[1-300][1-300]", "'n[1-300][1-300]' gives 90000 values, the most is 65536"),
        (
            "n[1-9999999999999999]",
            "'1-9999999999999999' in [1-9999999999999999] is not a number or a range",
        ),
    ],
)
def test_what_is_no_range(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        expand(text)


def test_the_largest_range() -> None:
    assert len(expand("n[1-65536]")) == len(set(expand("n[0-255].[0-255]"))) == MAX_HOSTS


def test_a_pattern_keeps_the_brackets_of_a_glob() -> None:
    assert expand_pattern("n[1-2]*[ab]") == ("n1*[ab]", "n2*[ab]")


@given(st.integers(0, 10**9), st.integers(0, 500), st.integers(0, 12))
def test_a_range_counts_up_and_keeps_its_width(low: int, more: int, width: int) -> None:
    first, last = str(low).zfill(width), str(low + more).zfill(width)
    words = expand(f"n[{first}-{last}]x")
    assert [int(word[1:-1]) for word in words] == list(range(low, low + more + 1))
    assert all(len(word) - 2 >= width for word in words)
    assert (words[0], words[-1]) == (f"n{first}x", f"n{last}x")


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), min_size=1, max_size=4))
def test_several_ranges_multiply_and_the_last_runs_fastest(ranges: list[tuple[int, int]]) -> None:
    words = expand(".".join(f"[{low}-{low + more}]" for low, more in ranges))
    numbers = [tuple(map(int, word.split("."))) for word in words]
    count = 1
    for _, more in ranges:
        count *= more + 1
    assert len(numbers) == count
    assert numbers == sorted(numbers)


@given(st.text(alphabet="n[]-,:019a*", max_size=30))
def test_any_text_is_expanded_or_refused(text: str) -> None:
    for function in (expand, expand_pattern):
        with contextlib.suppress(ValueError):
            assert function(text)
