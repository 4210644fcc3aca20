"""Asking hosts for their edges: real programs behind local sessions, and sessions that fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest

from scanner.edges import crew as crews
from scanner.edges import gather as gathering
from scanner.edges.endpoint import Endpoint, EndpointDials
from scanner.edges.gather import Ended, Gatherer
from scanner.edges.mode import Network
from scanner.edges.plan import Plan
from scanner.edges.questions import dial_seconds
from scanner.edges.report import EdgeState
from scanner.edges.results import edge_results
from scanner.edges.tally import Tally
from scanner.errors import HostUnreachable
from scanner.request import Host, Login
from scanner.transport.base import Completed, Session
from scanner.transport.dialogue import Dialogue, Reply, Speaker
from scanner.transport.forward import Dialled
from scanner.verdict import Verdict
from tests.edges.fleet import peers, plan
from tests.sessions import FakeSession

SILENT_FOR_EVER = 1000.0


@dataclass
class Scripted(FakeSession):
    """A host whose program is this class; `dials` letters, and what goes wrong."""

    letters: str = "o"
    listens: tuple[str, ...] = ()
    program: str = "python"
    stalls_at: str = ""
    """up, ready or done: it says nothing more."""
    outlives: bool = False
    """Something of it holds the channel open when all was said."""
    left: bool = False
    """It was not waited for to the end."""
    ends_at: str = ""
    """The same: its connection is lost there."""
    forwards: dict[tuple[str, int], Dialled] = field(default_factory=dict)
    more: tuple[str, ...] = ()
    """Further lines of its answer."""
    said: list[str] = field(default_factory=list)

    async def answer(self, given: bytes, timeout: float, dialogue: Dialogue | None) -> Completed:
        assert isinstance(dialogue, Speaker)
        boundary = given.partition(b"KSCAN_BOUNDARY=")[2].partition(b"\n")[0].decode()
        inbox: asyncio.Queue[Reply] = asyncio.Queue()
        dialogue.begin(inbox.put_nowait)
        try:
            async with asyncio.timeout(timeout):
                return await self._talk(boundary, dialogue, inbox)
        except TimeoutError:
            return Completed(b"", b"", None, timeout, "not finished")
        except asyncio.CancelledError:
            self.left = True
            raise
        except ConnectionError:
            return Completed(b"", b"", None, 0.1, "the connection was lost")

    async def _talk(
        self, boundary: str, dialogue: Dialogue, inbox: asyncio.Queue[Reply]
    ) -> Completed:
        async def says(word: str) -> None:
            kind = word.partition(" ")[0]
            if self.stalls_at == kind:
                await asyncio.sleep(SILENT_FOR_EVER)
            if self.ends_at == kind:
                raise ConnectionError
            if (reply := dialogue.heard(f"{boundary} {word}\n".encode())) is not None:
                inbox.put_nowait(reply)

        await says(f"up {self.program}")
        self.said = (await inbox.get()).data.decode().splitlines()
        if self.program == "none":
            return Completed(b"", b"", 0, 0.1)
        await says("ready")
        if (await inbox.get()).is_last:
            return Completed(b"", b"", 1, 0.1)
        lines = [
            *(f"listen {port} ok" for port in self.listens),
            f"dials {self.letters}",
            *self.more,
        ]
        body = "".join(f"{line}\n" for line in lines)
        answer = f"{boundary} edges {len(body)}\n{body}{boundary} end {len(lines)}\n".encode()
        if self.ends_at == "done":
            return Completed(answer, b"", None, 0.1, "the connection was lost")
        await says("done")
        while not (await inbox.get()).is_last:
            pass
        if self.outlives:
            await asyncio.sleep(SILENT_FOR_EVER)
        return Completed(answer, b"", 0, 0.1)

    async def dial(self, host: str, port: int, *, timeout: float) -> Dialled:
        del timeout
        return self.forwards.get((host, port), Dialled.FORBIDDEN)


@dataclass
class Machines:
    """A transport of scripted hosts; a host that is None cannot be reached."""

    hosts: dict[str, Scripted | None]
    open: int = 0
    connections: int = 0

    @asynccontextmanager
    async def connect(self, host: Host) -> AsyncIterator[Session]:
        self.connections += 1
        scripted = self.hosts[host.name]
        if scripted is None:
            raise HostUnreachable("connection refused")
        self.open += 1
        try:
            yield scripted
        finally:
            self.open -= 1


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crews, "READY_SECONDS", 0.2)
    monkeypatch.setattr(crews, "DONE_SECONDS", 0.2)
    monkeypatch.setattr(gathering, "LISTEN_SECONDS", 0.6)
    monkeypatch.setattr(gathering, "_GRACE", 0.2)


def hosts_of(made: Plan) -> tuple[Host, ...]:
    return tuple(Host(peer.name, Login(peer.addresses[0])) for peer in made.peers)


def nobody(_ended: int, _total: int) -> None:
    """Nobody watches."""


async def gathered(made: Plan, machines: Machines, ended: Ended = nobody) -> Tally:
    tally = Tally(made)
    gatherer = Gatherer(made, hosts_of(made), machines, tally, 8, patience=0.3, ended=ended)
    try:
        await gatherer.run()
    finally:
        gatherer.leave()
    assert machines.open == 0
    return tally


def three(mode: Network = Network.FULL, **changed: Scripted | None) -> tuple[Plan, Machines]:
    """A control plane and two workers: node1 dials two kubelets, the others the API server."""
    good: dict[str, Scripted | None] = {
        "node1": Scripted("oo", ("6443/tcp",)),
        "node2": Scripted("o", ("10250/tcp",)),
        "node3": Scripted("o", ("10250/tcp",)),
    }
    return plan(1, 2, mode), Machines({**good, **changed})


def verdicts(tally: Tally) -> list[tuple[str, Verdict]]:
    return [(r.subject, r.verdict) for r in edge_results(tally) if r.verdict is not Verdict.PASS]


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


def with_endpoint(made: Plan, host: str = "198.51.100.10") -> Plan:
    return replace(made, endpoint=Endpoint(host, 8443))


@pytest.mark.parametrize("mode", [Network.DIAL, Network.FULL])
async def test_every_host_is_asked_for_the_endpoint_once(mode: Network) -> None:
    made, machines = three(mode)
    for host in machines.hosts.values():
        assert host is not None
        host.more = ("endpoint 198.51.100.10 r",)
    machines.hosts["node3"] = None
    tally = await gathered(with_endpoint(made), machines)
    assert tally.endpoint[0] == tally.endpoint[1]
    assert tally.endpoint[0] == EndpointDials({"198.51.100.10": EdgeState.REFUSED})
    assert tally.endpoint[2] == EndpointDials({}, "connection refused")
    first = machines.hosts["node1"]
    assert first is not None
    assert [line for line in first.said if line.startswith("endpoint")] == [
        "endpoint 198.51.100.10 8443"
    ]


async def test_a_host_that_says_nothing_of_the_endpoint_has_not_answered() -> None:
    made, machines = three(Network.DIAL)
    tally = await gathered(with_endpoint(made), machines)
    assert len([dials.why for dials in tally.endpoint.values() if dials.why]) == 3


async def test_an_sshd_dials_the_endpoint_by_its_name() -> None:
    there = {("10.0.0.2", 6443): Dialled.OPEN, ("api.example", 8443): Dialled.SILENT}
    made, machines = three(Network.DIAL, node2=Scripted(program="none", forwards=there))
    tally = await gathered(with_endpoint(made, "api.example"), machines)
    assert tally.endpoint[1] == EndpointDials({"api.example": EdgeState.DROPPED})


async def test_workers_alone_are_asked_for_the_endpoint() -> None:
    workers = tuple(replace(one, is_control_plane=False) for one in peers(1, 2))
    hosts: dict[str, Scripted | None] = {
        peer.name: Scripted("", more=("endpoint none",)) for peer in workers
    }
    made = with_endpoint(plan(members=workers, mode=Network.DIAL))
    tally = await gathered(made, Machines(hosts))
    assert tally.endpoint == dict.fromkeys(range(3), EndpointDials({}))


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
