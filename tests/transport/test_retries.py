"""Retries: for causes that pass and for no other, within the host's time and the run's budget."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence
from dataclasses import replace

import asyncssh
import pytest

from scanner.errors import Busy, Hurdle, LoginRefused
from scanner.request import Host, HostKeyPolicy, Login
from scanner.transport.clock import HostClock
from scanner.transport.fanout import Done, Failed, Outcome
from scanner.transport.retries import RetryBudget, persist
from scanner.transport.settings import SshSettings
from tests.transport.machine import Machine, make_key
from tests.transport.plain import PlainServer
from tests.transport.runs import all_done, connect_all, error_of

FULL = b"Exceeded MaxStartups\r\n"  # what OpenSSH says since 8.5


def quick(retry_seconds: float = 0.002) -> SshSettings:
    return SshSettings(
        global_known_hosts=(), connect_timeout=5, login_timeout=5, retry_seconds=retry_seconds
    )


def at(port: int, name: str = "node1") -> Host:
    return Host(name, Login("127.0.0.1", port, "ops", host_keys=HostKeyPolicy.OFF))


def retries(outcomes: dict[str, Outcome[int | None]]) -> list[int]:
    return [sum(outcome.retried.values()) for outcome in outcomes.values()]


async def test_a_reset_in_the_key_exchange_passes(machine: Machine) -> None:
    machine.drops = 3
    outcomes = await connect_all([machine.host()], quick())
    assert all_done(outcomes)
    assert retries(outcomes) == [3]
    assert [outcome.retried for outcome in outcomes.values()] == [{Hurdle.CUT: 3}]
    assert machine.connections == 4


async def test_without_a_fault_nothing_is_tried_twice(machine: Machine) -> None:
    outcomes = await connect_all([machine.host(f"n{number}") for number in range(20)], quick())
    assert retries(outcomes) == [0] * 20
    assert machine.connections == 20


async def test_a_jump_host_is_tried_again_too(user_key: asyncssh.SSHKey, machine: Machine) -> None:
    async with Machine(user_key, drops=2).running() as jump:
        hosts = [machine.host(f"n{number}", jump=jump.login()) for number in range(5)]
        assert all_done(await connect_all(hosts, quick()))
        assert jump.connections == 3


async def test_a_shortage_of_the_jump_host_passes(
    user_key: asyncssh.SSHKey, machine: Machine
) -> None:
    async with Machine(user_key, shortages=4).running() as jump:
        hosts = [machine.host(f"n{number}", jump=jump.login()) for number in range(3)]
        outcomes = await connect_all(hosts, quick())
        assert all_done(outcomes)
        assert sum(retries(outcomes)) == 4
        assert jump.connections == 1


async def test_what_the_jump_host_prohibits_is_not_asked_again(
    user_key: asyncssh.SSHKey, machine: Machine
) -> None:
    async with Machine(user_key, forwarding=False).running() as jump:
        outcomes = await connect_all([machine.host("n", jump=jump.login())], quick())
        assert "may not forward" in str(error_of(outcomes["n"]))
        assert len(jump.forwarded) == 1


async def test_a_refusal_is_not_tried_again(machine: Machine) -> None:
    host = machine.host()
    wrong = replace(host, login=replace(host.login, user="nobody"))
    outcomes = await connect_all([wrong], quick())
    assert isinstance(error_of(outcomes["node1"]), LoginRefused)
    assert (machine.connections, retries(outcomes)) == (1, [0])


async def test_a_host_key_is_not_tried_again(machine: Machine) -> None:
    await connect_all([machine.host(host_keys=HostKeyPolicy.STRICT)], quick())
    pin = make_key().get_fingerprint()
    await connect_all([machine.host(host_keys=(pin,))], quick())
    # a pin looks at each of the host's keys; there is one, and then no algorithm is left
    assert machine.connections == 3


async def test_a_login_that_is_cut_is_not_tried_again(machine: Machine) -> None:
    machine.drop_at = "auth"
    await connect_all([machine.host()], quick())
    assert machine.connections == 1


@pytest.mark.usefixtures("user_key")
@pytest.mark.parametrize(
    ("error", "says"),
    [(socket.EAI_NONAME, "does not resolve"), (socket.EAI_AGAIN, "could not be looked up")],
)
async def test_a_name_is_not_looked_up_again(
    monkeypatch: pytest.MonkeyPatch, error: int, says: str
) -> None:
    asked = []

    def fail(host: str, *_: object) -> Sequence[object]:
        asked.append(host)
        raise socket.gaierror(error, "no")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    outcomes = await connect_all([Host("n", Login("n.test", 22, "ops"))], quick())
    assert says in str(error_of(outcomes["n"]))
    assert asked == ["n.test"]


@pytest.mark.usefixtures("user_key")
async def test_the_hosts_own_time_is_kept() -> None:
    """The row has the cause, not only that the time is over."""
    settings = quick(1.0)
    async with PlainServer(FULL, closes=True).running() as server:
        outcomes = await connect_all([at(server.port)], settings, deadline=1.2)
    outcome = outcomes["node1"]
    assert isinstance(outcome, Failed)
    assert "has too many logins at once (MaxStartups)" in str(outcome.error)
    assert 1.1 < outcome.seconds < 1.7
    assert set(outcome.retried) <= {Hurdle.MAX_STARTUPS}


@pytest.mark.usefixtures("user_key")
async def test_a_fleet_that_is_down_is_not_asked_twice_as_often() -> None:
    async with PlainServer(FULL, closes=True).running() as server:
        hosts = [at(server.port, f"n{number}") for number in range(100)]
        outcomes = await connect_all(hosts, quick(), deadline=1)
        assert server.connections <= 100 + 10 + 10
        assert sum(retries(outcomes)) == server.connections - 100
    assert any("the same with so many hosts" in str(error_of(o)) for o in outcomes.values())


async def test_logins_that_succeed_pay_for_more_retries() -> None:
    budget = RetryBudget()
    while budget.spend():
        pass
    budget.login_succeeds()
    assert budget.spend()


async def test_the_wait_is_random_and_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[float] = []

    def draw(lowest: float, highest: float) -> float:
        assert lowest == 0
        limits.append(highest)
        return 0

    monkeypatch.setattr("scanner.transport.retries.random.uniform", draw)

    async def connect() -> None:
        raise Busy("busy", 7, Hurdle.CUT)

    with pytest.raises(Busy, match=r"^busy; tried 8 times$"):
        await persist(connect, RetryBudget(), HostClock(), 0.25)
    assert limits == [0.25, 0.5, 1, 2, 4, 4, 4]


async def test_a_place_is_lent_while_waiting(machine: Machine) -> None:
    """One place, and the host that is turned away comes first."""
    settings = quick(0.5)
    async with PlainServer(FULL, closes=True).running() as server:
        start = time.monotonic()
        outcomes = await connect_all(
            [at(server.port, "full"), machine.host("good")], settings, at_once=1, deadline=3
        )
    good = outcomes["good"]
    assert isinstance(good, Done)
    assert list(outcomes) == ["good", "full"]
    assert time.monotonic() - start < 3.5
