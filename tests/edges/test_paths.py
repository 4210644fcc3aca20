"""Round trips, losses and MTUs -> results in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scanner.edges.answers import Path
from scanner.edges.plan import Plan
from scanner.edges.results import edge_results
from scanner.request import CniProfile
from scanner.verdict import Verdict
from tests.edges.fleet import plan
from tests.edges.tallies import only, tally, told

FAST, SLOW = Path(200, 1500, 20, 20, 1500), Path(50_200, 1500, 20, 20, 1500)


def paths(made: Plan, path: Path, *changed: tuple[str, str, Path]) -> dict[tuple[str, str], object]:
    """The same on every pair but for those named; `*` stands for every host."""
    result: dict[tuple[str, str], object] = {}
    for a in made.peers:
        for b in made.peers:
            for left, right, other in (("*", "*", path), *changed):
                if left in {"*", a.name} and right in {"*", b.name}:
                    result[a.name, b.name] = other
    return result


@pytest.mark.parametrize(
    ("changed", "subject", "words"),
    [
        (
            (("node3", "*", SLOW), ("*", "node3", SLOW)),
            "node3:rtt",
            "node3: 50 ms of round trip to and from the others, where the median of all is 0.2 ms",
        ),
        (
            (("node3", "node4", SLOW),),
            "node3>node4:rtt",
            "node3 -> node4: 50 ms of round trip, the median is 0.2 ms",
        ),
        (
            (("node3", "*", replace(FAST, got=17)), ("*", "node3", replace(FAST, got=19))),
            "node3:loss",
            "node3: 16 of 160 small datagrams to and from it got lost",
        ),
        (
            (("node3", "*", replace(FAST, mtu=1400, largest=1400)),),
            "node3:mtu",
            "node3: its link has an MTU of 1400, the others' 1500",
        ),
        (
            (
                ("*", "node3", replace(FAST, largest=1400)),
                ("node3", "*", replace(FAST, mtu=1400, largest=1400)),
            ),
            "node3:mtu",
            (
                "node3: its link has an MTU of 1400, the others' 1500, and "
                "packets of more than 1400 "
                "bytes to or from it vanish (an MTU black hole)"
            ),
        ),
        (
            (("*", "node3", replace(FAST, largest=0)), ("node3", "*", replace(FAST, largest=0))),
            "node3:mtu",
            "node3: all larger packets to or from it vanish",
        ),
        (
            (("node3", "node4", replace(FAST, largest=1400)),),
            "node3>node4:mtu",
            "node3 -> node4: packets of more than 1400 bytes vanish, the route says 1500",
        ),
    ],
)
def test_paths(changed: tuple[tuple[str, str, Path], ...], subject: str, words: str) -> None:
    made = plan(1, 4, profile=CniProfile.FLANNEL)
    found = tally(made, paths=paths(made, FAST, *changed))
    assert told(found) == [("KS792", subject, Verdict.WARN)]
    assert only(found) == words


@pytest.mark.parametrize(
    "path",
    [
        Path(),
        Path(9_999, 1500, 20, 20, 1500),
        Path(200, 1500, 20, 18, 1500),
        Path(200, 0, None, None, None),
    ],
)
def test_what_is_within_the_limits_or_not_measured_is_no_finding(path: Path) -> None:
    made = plan(1, 4, profile=CniProfile.FLANNEL)
    assert told(tally(made, paths=paths(made, FAST, ("node2", "node3", path)))) == []


def test_good_paths_say_what_they_are() -> None:
    made = plan(1, 2, profile=CniProfile.FLANNEL)
    slow = ("node1", "node2", replace(FAST, rtt_us=900))
    (good,) = [
        r for r in edge_results(tally(made, paths=paths(made, FAST, slow))) if r.check == "KS792"
    ]
    assert good.message == "6 paths are alike in delay of 0.2 ms (at most 0.9) and MTU 1500"
    plain = tally(plan(), paths=paths(made, Path(200, 1500)))
    assert edge_results(plain)[-1].message.endswith(
        "MTU 1500; lost and vanished packets were not looked for"
    )


def test_a_path_whose_mtu_a_host_has_learnt_is_no_link_of_its_own() -> None:
    """IPv6 keeps what a router between has said of one path; node1's link is as the others'."""
    made = plan(1, 2)
    found = tally(
        made,
        paths={
            ("node1", "node2"): Path(100, 1400),
            ("node1", "node3"): Path(100, 1500),
            ("node2", "node1"): Path(100, 1500),
            ("node3", "node1"): Path(100, 1500),
        },
    )
    assert only(found) == "node1 -> node2: a route with an MTU of 1400, elsewhere 1500"
