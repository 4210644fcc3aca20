"""Round trips and MTUs of all pairs: what was measured, what was not, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scanner.edges.answers import Path
from scanner.edges.measured import EdgePaths, Measured, PathsFrom
from scanner.edges.mode import Network
from scanner.edges.plan import NEIGHBOURS
from scanner.edges.summary import edges_report
from scanner.edges.tally import Tally
from scanner.request import CniProfile
from tests.edges.fleet import edges, peers, plan
from tests.edges.tallies import tally


def paths_of(found: Tally) -> EdgePaths:
    paths = edges_report(found).paths
    assert paths is not None
    assert paths.fits
    return paths


def test_a_pair_stands_once_whatever_its_ports_and_however_good() -> None:
    found = tally(
        plan(1, 2),
        paths={
            ("node1", "node2"): Path(412, 1500),
            ("node2", "node1"): Path(1_000, 1400, 20, 20, 1380),
            ("node3", "node1"): Path(),
        },
    )
    assert paths_of(found) == EdgePaths(
        ("node1", "node2", "node3"),
        (
            PathsFrom((1, 2), (0.412, None), (1500, None)),
            PathsFrom((0,), (1.0,), (1400,), (1380,)),
            PathsFrom((0,), (None,), (None,)),
        ),
    )
    assert list(paths_of(found).pairs()) == [
        Measured("node1", "node2", 0.412, 1500, None),
        Measured("node1", "node3", None, None, None),
        Measured("node2", "node1", 1.0, 1400, 1380),
        Measured("node3", "node1", None, None, None),
    ]


@pytest.mark.parametrize(
    ("path", "ms", "mtu", "arrived"),
    [
        (Path(412, 1500, echo_us=90), 0.412, 1500, ()),
        (Path(None, 1500, echo_us=90), 0.09, 1500, ()),
        (Path(0, 9000), 0.0, 9000, ()),
        (Path(200, 0), 0.2, None, ()),
        (Path(200, 1500, 20, 19, 0), 0.2, 1500, (0,)),
    ],
)
def test_what_one_path_says(
    path: Path, ms: float | None, mtu: int | None, arrived: tuple[int, ...]
) -> None:
    found = paths_of(tally(plan(1, 1), paths={("node2", "node1"): path}))
    assert found.from_[1] == PathsFrom((0,), (ms,), (mtu,), arrived)


def test_a_host_that_could_not_dial_has_measured_nothing() -> None:
    found = paths_of(tally(plan(1, 2), silent={"node1": "it is gone"}))
    assert found.from_[0] == PathsFrom((1, 2), (None, None), (None, None))


def test_who_cannot_be_dialled_is_not_measured() -> None:
    first, *others = peers(1, 2)
    found = paths_of(tally(plan(members=(replace(first, addresses=()), *others))))
    assert found.from_[1] == PathsFrom((0,), (None,), (None,))


@pytest.mark.parametrize("mode", [Network.DIAL, Network.SAMPLE, Network.FULL])
def test_of_a_sample_there_are_its_pairs_only(mode: Network) -> None:
    made = plan(1, 399, mode, CniProfile.FLANNEL)
    assert made.sampled
    found = paths_of(tally(made, listened=False))
    names = {(a, b) for a, b, _ in edges(made)}
    assert {(pair.from_, pair.to) for pair in found.pairs()} == names
    assert len(names) < 400 * (NEIGHBOURS + 2)


@pytest.mark.parametrize(
    ("arrived", "largest", "swallows"),
    [(None, 1500, False), (1500, 1500, False), (1380, 1380, True), (0, 1500, True)],
)
def test_what_arrives_may_be_less_than_the_routes_say(
    arrived: int | None, largest: int, swallows: bool
) -> None:
    pair = Measured("a", "b", 0.2, 1500, arrived)
    assert (pair.largest, pair.swallows) == (largest, swallows)


NOTHING = PathsFrom((), (), ())
GOOD = PathsFrom((1, 2), (0.1, None), (1500, None), (1500, 0))


@pytest.mark.parametrize(
    "change",
    [
        {"to": (1,)},
        {"to": (2, 1)},
        {"to": (1, 1)},
        {"to": (0, 1)},
        {"to": (1, 3)},
        {"to": (-1, 1)},
        {"ms": (0.1,)},
        {"ms": (0.1, -0.1)},
        {"ms": (0.1, float("nan"))},
        {"ms": (0.1, float("inf"))},
        {"mtu": (1500,)},
        {"mtu": (1500, 0)},
        {"mtu": (1500, 65_536)},
        {"arrived": (1500,)},
        {"arrived": (1500, -1)},
        {"arrived": (1500, 65_536)},
    ],
    ids=str,
)
def test_lists_that_do_not_fit(change: dict[str, Any]) -> None:
    hosts, rest = ("a", "b", "c"), (NOTHING, NOTHING)
    assert EdgePaths(hosts, (GOOD, *rest)).fits
    assert not EdgePaths(hosts, (replace(GOOD, **change), *rest)).fits


@pytest.mark.parametrize("hosts", [("a", "b"), ("a", "b", "a"), ("a", "b", "c", "d")])
def test_hosts_that_do_not_fit(hosts: tuple[str, ...]) -> None:
    assert not EdgePaths(hosts, (NOTHING, NOTHING, NOTHING)).fits
