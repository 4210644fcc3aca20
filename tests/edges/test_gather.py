"""Asking hosts for their edges: real programs behind local sessions, and sessions that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from scanner.edges import crew as crews
from scanner.edges import gather as gathering
from scanner.edges.gather import Gatherer
from scanner.edges.mode import Network
from scanner.edges.questions import dial_seconds
from scanner.edges.report import EdgeState
from scanner.edges.results import edge_results
from scanner.edges.tally import Tally
from scanner.transport.forward import Dialled
from scanner.verdict import Verdict
from tests.edges.fleet import peers, plan
from tests.edges.scripted import Machines, Scripted, gathered, hosts_of, nobody, three, verdicts

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.mark.parametrize("mode", [Network.DIAL, Network.FULL, Network.SAMPLE])
async def test_one_command_on_each_host(mode: Network) -> None:
    made, machines = three(mode)
    tally = await gathered(made, machines)
    assert tally.counts == {EdgeState.OPEN: 4}
    assert machines.connections == 3
    first = machines.hosts["node1"]
    assert first is not None
    assert ("listen 6443/tcp" in first.said) == mode.listens
    assert "peer 1 node2 22 10.0.0.3" in first.said


@pytest.mark.parametrize("mode", [Network.DIAL, Network.FULL])
async def test_who_watches_is_told_of_each_host_that_ends(mode: Network) -> None:
    made, machines = three(mode, node2=Scripted(stalls_at="up"), node3=None)
    told: list[tuple[int, int]] = []
    await gathered(made, machines, lambda *ended: told.append(ended))
    assert told[0] == (0, 3)
    assert told[-1] == (3, 3)
    assert sorted(set(told)) == [(n, 3) for n in range(4)]


async def test_a_host_in_many_waves_ends_in_each() -> None:
    made = plan(1, 400, Network.FULL)
    assert len(made.waves) == 3
    told: list[tuple[int, int]] = []
    await gathered(
        made, Machines({peer.name: None for peer in made.peers}), lambda *ended: told.append(ended)
    )
    assert told[-1] == (403, 403)


async def test_a_refusal_counts_where_the_other_has_listened_to_the_end() -> None:
    made, machines = three(node2=Scripted("r", ("10250/tcp",)))
    assert verdicts(await gathered(made, machines)) == [("node2>node1:6443/tcp", Verdict.FAIL)]
    made, machines = three(node1=Scripted("oo", ()), node2=Scripted("r", ("10250/tcp",)))
    assert verdicts(await gathered(made, machines)) == []


async def test_who_has_stopped_listening_early_makes_no_firewall() -> None:
    made, machines = three(
        node1=Scripted("oo", ("6443/tcp",), ends_at="done"), node2=Scripted("r", ("10250/tcp",))
    )
    tally = await gathered(made, machines)
    assert verdicts(tally) == []  # its own answer was whole


@pytest.mark.parametrize("place", ["up", "ready", "done"])
@pytest.mark.parametrize("how", ["stalls_at", "ends_at"])
async def test_one_that_fails_is_unknown_and_costs_no_other(place: str, how: str) -> None:
    broken = Scripted("o", ("10250/tcp",))
    setattr(broken, how, place)
    made, machines = three(node2=broken)
    tally = await gathered(made, machines)
    assert tally.counts[EdgeState.OPEN] >= 3
    known = (how, place) == ("ends_at", "done")  # its answer was whole
    assert verdicts(tally) == ([] if known else [("node2>*", Verdict.UNKNOWN)])


@pytest.mark.parametrize("mode", [Network.DIAL, Network.FULL])
async def test_one_that_hangs_is_waited_for_as_long_as_the_user_says(
    mode: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crews, "READY_SECONDS", 1000.0)
    monkeypatch.setattr(gathering, "LISTEN_SECONDS", 1000.0)
    hung = Scripted(stalls_at="up")
    made, machines = three(mode, node2=hung)
    async with asyncio.timeout(60):
        tally = await gathered(made, machines)
    assert hung.left
    (result,) = [r for r in edge_results(tally) if r.verdict is Verdict.UNKNOWN]
    assert "has not started what dials within 0.3 s" in result.message


@pytest.mark.parametrize("mode", [Network.DIAL, Network.FULL])
async def test_one_that_never_ends_is_left(mode: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "LISTEN_SECONDS", 1000.0)
    monkeypatch.setattr(gathering, "LEAVE_SECONDS", 0.1)
    endless = Scripted("o", ("10250/tcp",), outlives=True)
    made, machines = three(mode, node2=endless)
    async with asyncio.timeout(60):
        await gathered(made, machines)
    assert endless.left


@pytest.mark.parametrize(
    ("edges", "patience", "seconds"),
    [(4, 5.0, 17), (4, 60.0, 60), (1500, 5.0, 66), (1500, 600.0, 90)],
)
def test_more_time_only_where_the_dials_need_it(edges: int, patience: float, seconds: int) -> None:
    assert dial_seconds(edges, patience) == seconds


async def test_a_host_that_is_gone_is_unknown() -> None:
    made, machines = three(node2=None)
    tally = await gathered(made, machines)
    (result,) = [r for r in edge_results(tally) if r.verdict is Verdict.UNKNOWN]
    assert (result.subject, result.blocking) == ("node2>*", True)
    assert "connection refused" in result.message


async def test_without_a_program_the_hosts_own_sshd_dials() -> None:
    silent = Scripted(program="none", forwards={("10.0.0.2", 6443): Dialled.OPEN})
    for mode in (Network.DIAL, Network.FULL):
        made, machines = three(mode, node2=silent)
        tally = await gathered(made, machines)
        assert tally.counts == {EdgeState.OPEN: 4}


async def test_where_that_is_forbidden_too_nothing_is_known() -> None:
    made, machines = three(Network.DIAL, node2=Scripted(program="none"))
    tally = await gathered(made, machines)
    assert verdicts(tally) == [("node2>*", Verdict.UNKNOWN)]
    (result,) = [r for r in edge_results(tally) if r.verdict is Verdict.UNKNOWN]
    assert "neither python3 nor perl" in result.message


@pytest.mark.parametrize(
    "spoil",
    [
        lambda host: replace(host, letters="oo"),
        lambda host: replace(host, letters="z"),
        lambda host: replace(host, letters="o\nrm 1"),
    ],
)
async def test_a_hostile_answer_is_unknown(spoil: Callable[[Scripted], Scripted]) -> None:
    made, machines = three(node2=spoil(Scripted("o", ("10250/tcp",))))
    assert verdicts(await gathered(made, machines)) == [("node2>*", Verdict.UNKNOWN)]


async def test_an_interrupt_keeps_what_is_known_and_leaves_no_session() -> None:
    made, machines = three(Network.DIAL, node2=Scripted(stalls_at="ready"))
    tally = Tally(made)
    gatherer = Gatherer(made, hosts_of(made), machines, tally, 8, patience=0.3, ended=nobody)
    work = asyncio.create_task(gatherer.run())
    while tally.counts[EdgeState.OPEN] < 3:  # noqa: ASYNC110 # it has no event of its own
        await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait({work})
    gatherer.leave()
    assert machines.open == 0
    assert verdicts(tally) == [("node2>*", Verdict.UNKNOWN)]
    assert "interrupted" in edge_results(tally)[0].message


async def test_members_are_not_listened_on_beside_their_components() -> None:
    first, *others = peers(1, 2)
    made = plan(members=(replace(first, may_listen=False), *others))
    _, machines = three()
    machines.hosts["node1"] = node1 = Scripted("oo")
    machines.hosts["node2"] = Scripted("r", ("10250/tcp",))
    assert verdicts(await gathered(made, machines)) == []
    assert not [line for line in node1.said if line.startswith("listen")]


async def test_hosts_that_need_nothing_of_each_other_are_not_asked() -> None:
    workers = tuple(replace(one, is_control_plane=False) for one in peers(1, 2))
    for mode in (Network.DIAL, Network.FULL):
        _, machines = three()
        async with asyncio.timeout(5):
            tally = await gathered(plan(members=workers, mode=mode), machines)
        assert machines.connections == 0
        assert edge_results(tally) == ()
