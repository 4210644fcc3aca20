"""What is made of a capture before it is kept for others, and while it is replayed."""

from __future__ import annotations

import dataclasses

import pytest

from scanner.demo.server import with_clock
from scanner.facts import parse_facts
from scanner.facts.clock import Clock
from scanner.facts.identity import Identity
from scanner.facts.resolver import Resolver
from scanner.facts.routes import Routes
from scanner.probe.capture import Capture
from scanner.probe.frames import parse_frames
from tests.demo.record import scrub

B = "kscan-" + "c" * 32
SECTIONS = {
    "identity": "uid=0\nhostname=node3\nmachine_id=abc\nboot_id=1-2\nproduct_uuid=4c4c-1",
    "clock": "now=1700000000.250000000",
    "resolver": "etc_nameserver=10.1.2.3\netc_search=corp.example\netc=read\nresolved=absent",
    "routes": (
        "ipv4_route=eth0 00004D0A 0000FFFF 01004D0A\n"
        f"ipv6_route=eth0 fd776c610062{'0' * 20} 40 {'0' * 32}\nread=yes"
    ),
}


def capture() -> Capture:
    framed = "".join(
        f"{B} begin {name}\n{text}\n{B} rc 0 {len(text)}\n" for name, text in SECTIONS.items()
    )
    stdout = f"{B} probe 2\n{framed}{B} end {len(SECTIONS)}\n".encode()
    return Capture(
        "node3", "10.77.0.13", "", B, stdout, asked_at=1700000000.0, heard_at=1700000000.4
    )


def test_nothing_of_the_machine_is_left_and_the_answer_is_still_whole() -> None:
    scrubbed = scrub(capture())
    for word in (b"10.77", b"10.1.2", b"corp", b"abc", b"4c4c", b"004D0A", b"fd776c"):
        assert word not in scrubbed.stdout
    facts = parse_facts(parse_frames(scrubbed.stdout, B))
    assert facts[Identity].machine_id == f"{3:032x}"
    assert facts[Identity].product_uuid == "00000003-1111-4111-8111-111111111111"
    etc = facts[Resolver].etc
    assert etc is not None
    assert (etc.nameservers, etc.search) == (("192.0.2.1",), ("example",))
    assert [str(route.network) for route in facts[Routes].routes] == [
        *("192.0.0.0/16", "2001:db8::/64"),
    ]
    assert facts[Routes].routes[0].gateway == "192.0.2.1"


@pytest.mark.parametrize("passed", [0.0, 3600.5, 1e8])
def test_the_clock_of_a_replayed_host_goes_on(passed: float) -> None:
    moved = with_clock(capture().stdout, capture(), 1700000000.2 + passed)
    clock = parse_facts(parse_frames(moved, B))[Clock]
    assert clock.seconds == pytest.approx(1700000000.25 + passed, abs=1e-5)


def test_without_the_clock_that_it_was_recorded_by_nothing_is_changed() -> None:
    old = dataclasses.replace(capture(), asked_at=None, heard_at=None)
    assert with_clock(old.stdout, old, 0.0) == old.stdout
