"""The single-host checks of a run are no slower for what the hosts ask of each other afterwards."""

from __future__ import annotations

import datetime
import re
import statistics
import subprocess
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.e2e.edges.fleet import Fleet
from tests.lab.light import LightLab, missing

pytestmark = pytest.mark.e2e

MODES = ("off", "dial", "sample", "full")
TURNS = 5
MOST_TIMES = 1.25
"""Of what `off` takes, by the median; the two cores are shared with the hosts themselves."""

_HOST = re.compile(r"^(\S+ \S+) INFO scanner\.scan: (node\d+): (ready|notReady|unreachable)")


def until_the_last_host(fleet: Fleet, mode: str, folder: Path) -> float:
    """Seconds from the start of the command to the last host's own results."""
    log = folder / f"{mode}.log"
    log.unlink(missing_ok=True)
    began = time.time()
    subprocess.run(
        fleet.words("--network", mode, "--log-file", str(log)),
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
        cwd=Path(__file__).parents[3],
    )
    times = [
        datetime.datetime.fromisoformat(match[1].replace(",", ".")).timestamp()
        for line in log.read_text(encoding="utf-8").splitlines()
        if (match := _HOST.match(line))
    ]
    assert len(times) == len(fleet.lab.hosts)
    return max(times) - began


@pytest.mark.parametrize("hosts", [5, 20, 40])
def test_the_last_hosts_results_come_as_soon(
    hosts: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if reason := missing():
        pytest.skip(reason)
    found: defaultdict[str, list[float]] = defaultdict(list)
    with LightLab.start(hosts) as lab:
        fleet = Fleet(lab, tmp_path, "cilium", 3)
        until_the_last_host(fleet, "off", tmp_path)  # what is loaded for the first time
        for turn in range(TURNS):
            # each mode in each place of a turn, so that a slow minute is nobody's
            for mode in (*MODES[turn % 4 :], *MODES[: turn % 4]):
                found[mode].append(until_the_last_host(fleet, mode, tmp_path))
    medians = {mode: statistics.median(times) for mode, times in found.items()}
    with capsys.disabled():
        for mode in MODES:
            times = ", ".join(f"{seconds:.2f}" for seconds in found[mode])
            print(f"\n{hosts} hosts, {mode}: {medians[mode]:.2f} s ({times})", end="")  # noqa: T201
    assert max(medians.values()) <= MOST_TIMES * medians["off"] + 0.2
