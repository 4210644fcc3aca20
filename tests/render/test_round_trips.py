"""The words for round trips: a slow pair by its name, and never a figure that nobody measured."""

from __future__ import annotations

import pytest

from scanner.edges.measured import Measured
from scanner.render.round_trips import (
    HostTimes,
    by_host,
    mtu_words,
    paths_line,
    shown_ms,
    slowest,
    usual_mtu,
)


def pair(
    way: str = "a b", ms: float | None = 0.4, mtu: int | None = 1500, arrived: int | None = None
) -> Measured:
    left, right = way.split()
    return Measured(left, right, ms, mtu, arrived)


GOOD = (pair("a b"), pair("b a", 0.5), pair("a c", 0.6))
ROUND = "round trip: median 0.50 ms, slowest a -> c 0.60 ms"


@pytest.mark.parametrize(
    ("pairs", "line"),
    [
        ((), ""),
        (GOOD, f"{ROUND}; path MTU 1500 on all 3 pairs (by the routes, not tried)"),
        (
            (*GOOD[:2], pair("a c", None)),
            (
                "round trip: median 0.45 ms, slowest b -> a 0.50 ms (not measured on 1 of 3 pairs);"
                " path MTU 1500 on all 3 pairs (by the routes, not tried)"
            ),
        ),
        (
            (pair("a b", None, None), pair("b a", None, None)),
            ("round trip: not measured on any of 2 pairs; path MTU not known of any of 2 pairs"),
        ),
        (
            (*GOOD[:2], pair("a c", 0.6, None)),
            (f"{ROUND}; path MTU 1500 on 2 of 3 pairs, not known of 1 (by the routes, not tried)"),
        ),
        (
            (*GOOD[:2], pair("a c", 0.6, 1400)),
            (f"{ROUND}; path MTU 1500 on 2, 1400 on 1 of 3 pairs (by the routes, not tried)"),
        ),
        (
            tuple(pair("a b", 0.4, mtu) for mtu in (1500, 1500, 1400, 1400, 1300, 1200, 9000)),
            (
                "round trip: median 0.40 ms, slowest a -> b 0.40 ms; path MTU 1500 on 2, 1400 on 2,"
                " 1300 on 1, others on 2 of 7 pairs (by the routes, not tried)"
            ),
        ),
        (
            (*GOOD[:2], pair("a c", 0.6, 1500, 1500)),
            (f"{ROUND}; path MTU 1500 on all 3 pairs (by the routes, tried on 1 of them)"),
        ),
        (
            tuple(pair("a b", 0.4, 1500, size) for size in (1500, 1500, 1380, 0)),
            (
                "round trip: median 0.40 ms, slowest a -> b 0.40 ms; path MTU 1500 on all 4 pairs"
                " (by the routes, tried on all of them, such packets vanish on 2)"
            ),
        ),
    ],
)
def test_the_line_of_all_pairs(pairs: tuple[Measured, ...], line: str) -> None:
    assert paths_line(pairs) == line


@pytest.mark.parametrize(
    ("count", "p99"), [(99, ""), (100, "p99 0.99 ms, "), (200, "p99 1.98 ms, ")]
)
def test_the_99th_percentile_is_a_time_that_was_measured(count: int, p99: str) -> None:
    pairs = [pair("a b", n / 100) for n in range(1, count + 1)]
    middle = (count + 1) / 200
    slow = shown_ms(count / 100)
    expected = f"median {shown_ms(middle)} ms, {p99.replace('1.98', '2.0')}slowest a -> b {slow} ms"
    assert expected in paths_line(pairs)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        *((0.0, "<0.01"), (0.004, "<0.01"), (0.01, "0.01"), (0.412, "0.41"), (1.0, "1.0")),
        *((12.149, "12.1"), (99.94, "99.9"), (250.4, "250"), (3_500.0, "3,500")),
    ],
)
def test_as_many_digits_as_one_can_compare(ms: float, text: str) -> None:
    assert shown_ms(ms) == text


def test_the_slowest_come_first_and_those_without_a_time_not_at_all() -> None:
    pairs = [pair("a b", 0.1), pair("b a", None), pair("a c", 9.0), pair("c a", 9.0)]
    assert [(one.from_, one.to, ms) for one, ms in slowest(pairs, 2)] == [
        ("a", "c", 9.0),
        ("c", "a", 9.0),
    ]
    assert len(slowest(pairs, 10)) == 3


def test_the_hosts_with_the_longest_medians() -> None:
    pairs = [
        pair("a b", 9.0),
        pair("b a", 0.2),
        pair("a c", 7.0),
        pair("b c", 0.6),
        pair("c b", None),
    ]
    assert by_host(pairs, 2) == [HostTimes("a", 8.0, 0.2, 3), HostTimes("b", 0.4, 9.0, 3)][::-1]
    assert by_host(pairs, 9)[2] == HostTimes("c", None, 3.8, 2)


@pytest.mark.parametrize(
    ("mtus", "usual"),
    [((), None), ((None,), None), ((1400, 1500, 1500), 1500), ((1400, 1500), 1500)],
)
def test_the_usual_mtu(mtus: tuple[int | None, ...], usual: int | None) -> None:
    assert usual_mtu([pair(mtu=mtu) for mtu in mtus]) == usual


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (pair(), ""),
        (pair(mtu=9000), ""),
        (pair(mtu=None), ""),
        (pair(mtu=1400), "MTU 1400, mostly 1500"),
        (pair(mtu=1500, arrived=1500), ""),
        (
            pair(mtu=1500, arrived=1380),
            "packets of more than 1380 bytes vanish, the route says 1500",
        ),
        (pair(mtu=1500, arrived=0), "packets of every size tried vanish, the route says 1500"),
    ],
)
def test_an_mtu_is_worth_a_word_where_it_is_small(one: Measured, words: str) -> None:
    assert mtu_words(one, 1500) == words


def test_no_usual_mtu_is_no_reason_to_say_anything() -> None:
    assert mtu_words(pair(mtu=1400), None) == ""
