"""Forty hosts, each pair of them, six ports: how long it takes beside the check without them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.edges.fleet import Fleet, marked
from tests.lab.light import LightLab, missing

pytestmark = pytest.mark.e2e

HOSTS = 40
MOST_TIMES = 3.0
MOST_EXECS = 3


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    if reason := missing():
        pytest.skip(reason)
    with LightLab.start(HOSTS) as lab:
        # all are control planes: 6443, 2379, 2380, 10250, and Cilium's 8472/udp and 4240
        yield Fleet(lab, tmp_path_factory.mktemp("home"), "cilium", HOSTS)


def test_all_edges_within_three_times_the_plain_check(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    fleet.check("off", "*")  # what is loaded for the first time is not measured
    execs = [host.execs for host in fleet.lab.hosts]
    plain = [fleet.check("off", "*").seconds for _ in range(2)]
    assert [host.execs - before for host, before in zip(fleet.lab.hosts, execs, strict=True)] == (
        [2] * HOSTS
    )
    execs = [host.execs for host in fleet.lab.hosts]
    full = fleet.check("full", "*")
    used = [host.execs - before for host, before in zip(fleet.lab.hosts, execs, strict=True)]
    dial = fleet.check("dial", "*")
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what this test is for
            f"\nplain check {min(plain):.2f} to {max(plain):.2f} s, with all edges "
            f"{full.seconds:.2f} s ({full.seconds / min(plain):.2f} times), dialled only "
            f"{dial.seconds:.2f} s; {max(used)} execs on a host; {full.edges['counts']}"
        )
    assert len(full.edges["ports"]) == 6
    assert full.edges["counts"]["open"] == full.edges["possible"] == HOSTS * (HOSTS - 1) * 6
    assert not full.edges["sampled"]
    assert full.rows == []
    assert max(used) <= MOST_EXECS
    assert full.seconds <= MOST_TIMES * min(plain)
    assert marked(fleet.home) == []


def test_a_host_that_is_cut_off_is_two_lines(fleet: Fleet) -> None:
    node7 = fleet.lab.hosts[6]
    rule = "INPUT -p tcp ! --dport 22 -j DROP"
    with node7.changed(f"iptables -A {rule}", f"iptables -D {rule}"):
        seen = fleet.check("full")
    # the answers to its own dials are dropped, too
    ports = "6443/tcp,2379/tcp,2380/tcp,10250/tcp,4240/tcp"
    assert list(seen.results) == [("KS790", f"*>node7:{ports}"), ("KS790", f"node7>*:{ports}")]
    assert len(seen.rows) == 2 * 5 * (HOSTS - 1)
