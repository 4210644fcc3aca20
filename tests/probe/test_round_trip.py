"""A host's clock is read between two moments that kscan notes, whatever else comes and goes."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.facts.clock import Clock, RoundTrip
from scanner.judge import facts_of
from scanner.probe.capture import Capture, save
from scanner.probe.collect import _round_trip, collect
from scanner.request import Cluster, Host, Login, Sudo
from scanner.transport.base import Completed
from scanner.transport.local import LocalTransport
from scanner.transport.replay import ReplayTransport
from scanner.transport.timing import Timing

B = "kscan-" + "b" * 32
HOST = Host("here", Login("127.0.0.1", local=True, sudo=Sudo.OFF))
ONCE = f"noise\n{B} probe 2\n{B} begin clock\nnow=5.000000000\n{B} rc 0 15\n".encode()
LINE = ONCE.find(f"\n{B} rc".encode())
AGAIN = ONCE + f"\n{B} again 2\n{B} begin clock\nnow=9.000000000\n{B} rc 0 15\n".encode()


@pytest.mark.parametrize(
    ("stdout", "arrivals", "expected"),
    [
        (ONCE, ((5, 10.5), (len(ONCE), 12.0)), (10.0, 12.0)),
        (ONCE, tuple((n, 10.0 + n) for n in range(1, len(ONCE))), (10.0, 10.0 + LINE)),
        (AGAIN, ((len(ONCE), 12.0), (len(AGAIN), 14.0)), (10.0, 14.0)),
        (ONCE, ((5, 10.5),), (10.0, None)),
        (ONCE[:60], ((60, 12.0),), (None, None)),
        (b"", (), (None, None)),
    ],
    ids=["piece", "bytes", "asked again", "not noted", "cut", "nothing"],
)
def test_the_last_answer_of_the_clock_counts(
    stdout: bytes, arrivals: tuple[tuple[int, float], ...], expected: tuple[float, float | None]
) -> None:
    done = Completed(stdout, b"", 0, 1.0, timing=Timing(10.0, arrivals))
    assert _round_trip(done, B) == expected
    assert _round_trip(replace(done, timing=None), B) == (None, None)


async def test_this_machine_is_right_about_its_own_time(tmp_path: Path) -> None:
    before = time.time()
    async with LocalTransport().connect(HOST) as session:
        capture = await collect(session, HOST, Cluster(), connect_seconds=0.0, timeout=120)
    after = time.time()
    facts = facts_of(capture)
    trip, clock = facts[RoundTrip], facts[Clock]
    assert before - 1 < trip.asked <= clock.seconds <= trip.heard < after + 1
    save(tmp_path, capture)
    async with ReplayTransport(tmp_path).connect(HOST) as session:
        again = await collect(session, HOST, Cluster(), connect_seconds=0.0, timeout=1)
    assert facts_of(again)[RoundTrip] == trip


@pytest.mark.parametrize(
    ("asked", "heard"),
    [(None, 5.0), (5.0, None), (6.0, 5.0), (float("nan"), 5.0), (1.0, float("inf")), (-1.0, 5.0)],
)
def test_a_capture_with_other_moments_has_no_round_trip(
    asked: float | None, heard: float | None
) -> None:
    stdout = f"{B} probe 2\n{B} end 0\n".encode()
    capture = Capture("h", "a", "", B, stdout, asked_at=asked, heard_at=heard)
    assert facts_of(capture).get(RoundTrip) is None
