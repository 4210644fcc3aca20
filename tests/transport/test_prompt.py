# ruff: noqa: ASYNC240 # small files of the test itself, read and written at once
"""Unknown host keys of a run: one table, one question, no deadlock with any limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from scanner.errors import HostKeyRejected, HostUnreachable
from scanner.request import Host, HostKeyPolicy, Login
from scanner.transport.fanout import Done, Failed, Outcome, fan_out
from scanner.transport.prompt import HostKeyPrompt
from scanner.transport.settings import SshSettings, UnknownKey
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine, make_key
from tests.transport.plain import PlainServer

STRICT = HostKeyPolicy.STRICT


class User:
    """Reads the table for a while, and accepts what `trusts` says."""

    def __init__(self, seconds: float = 0, trusts: Callable[[UnknownKey], bool] = lambda _: True):
        self.seconds = seconds
        self.trusts = trusts
        self.tables: list[list[str]] = []
        self.reading = asyncio.Event()
        self.while_reading: Callable[[], Awaitable[None]] | None = None

    async def ask(self, keys: Sequence[UnknownKey]) -> frozenset[UnknownKey]:
        self.tables.append(sorted(key.host for key in keys))
        self.reading.set()
        await asyncio.sleep(self.seconds)
        if self.while_reading is not None:
            await self.while_reading()
        return frozenset(key for key in keys if self.trusts(key))


class Fleet:
    """Machines with keys of their own, in one run."""

    def __init__(self, user: User, **limits: float):
        fields = {"connect_timeout": 5.0, "login_timeout": 5.0} | limits
        self.settings = replace(SshSettings(global_known_hosts=(), ask=user.ask), **fields)  # type: ignore[arg-type] # limits are floats or ints, as their fields
        self.results: dict[str, Outcome[int | None]] = {}

    def _arrived(self, host: Host, outcome: Outcome[int | None]) -> None:
        self.results[host.name] = outcome

    async def run(self, hosts: Sequence[Host], *, at_once: int = 256, deadline: float = 5) -> None:
        async with SshTransport(self.settings) as transport:
            transport.expect(hosts)

            async def work(host: Host) -> int | None:
                async with transport.connect(host) as session:
                    return (await session.run("exit 0", timeout=5)).exit_status

            await fan_out(hosts, work, self._arrived, at_once=at_once, deadline=deadline)

    def failure(self, name: str) -> Exception:
        outcome = self.results[name]
        assert isinstance(outcome, Failed)
        return outcome.error

    @property
    def done(self) -> list[str]:
        return sorted(name for name, outcome in self.results.items() if isinstance(outcome, Done))


async def start(stack: AsyncExitStack, user_key: asyncssh.SSHKey, count: int) -> list[Machine]:
    machines = [Machine(user_key, host_keys=(make_key(),)) for _ in range(count)]
    return [await stack.enter_async_context(machine.running()) for machine in machines]


def hosts_of(machines: Sequence[Machine], jump: Login | None = None) -> list[Host]:
    return [m.host(f"n{i:02}", host_keys=None, jump=jump) for i, m in enumerate(machines)]


async def test_all_unknown_keys_are_asked_for_once_and_go_on(
    user_key: asyncssh.SSHKey, known_hosts: Path
) -> None:
    user = User()
    fleet = Fleet(user)
    async with AsyncExitStack() as stack:
        machines = await start(stack, user_key, 12)
        known_hosts.write_text("".join(m.known_hosts_line() for m in machines[10:]))
        dead = Host("dead", Login("127.0.0.1", 1, "ops"))
        await fleet.run([*hosts_of(machines), dead])
        names = [host.name for host in hosts_of(machines)]
        assert user.tables == [names[:10]]
        assert fleet.done == names
        assert isinstance(fleet.failure("dead"), HostUnreachable)
        assert [m.connections for m in machines] == [1] * 12  # they went on where they were
        assert len(known_hosts.read_text().splitlines()) == 12
        await fleet.run(hosts_of(machines))
        assert len(user.tables) == 1


async def test_what_is_not_accepted_is_refused(
    user_key: asyncssh.SSHKey, known_hosts: Path
) -> None:
    user = User(trusts=lambda key: key.host == "n01")
    fleet = Fleet(user)
    async with AsyncExitStack() as stack:
        machines = await start(stack, user_key, 3)
        await fleet.run(hosts_of(machines))
        assert fleet.done == ["n01"]
        assert isinstance(fleet.failure("n00"), HostKeyRejected)
        assert "not accepted by you" in str(fleet.failure("n00"))
        assert known_hosts.read_text() == machines[1].known_hosts_line()
        assert machines[0].users == []  # the name of the user was not even sent


async def test_no_clock_runs_while_the_user_reads(user_key: asyncssh.SSHKey) -> None:
    user = User(seconds=1.0)
    fleet = Fleet(user, connect_timeout=0.6, login_timeout=0.6)
    async with AsyncExitStack() as stack:
        machines = await start(stack, user_key, 3)
        await fleet.run(hosts_of(machines), deadline=0.8)
        assert len(fleet.done) == 3


@pytest.mark.parametrize("handshakes", [1, 2])
@pytest.mark.parametrize("at_once", [1, 3])
async def test_waiting_hosts_do_not_block_the_others(
    user_key: asyncssh.SSHKey, handshakes: int, at_once: int
) -> None:
    user = User()
    fleet = Fleet(user, handshakes=handshakes)
    async with AsyncExitStack() as stack:
        machines = await start(stack, user_key, 6)
        await asyncio.wait_for(fleet.run(hosts_of(machines), at_once=at_once), 20)
        assert len(user.tables) == 1
        assert len(fleet.done) == 6


async def test_only_so_many_connections_are_held(user_key: asyncssh.SSHKey) -> None:
    user = User()
    fleet = Fleet(user, held_connections=2)
    async with AsyncExitStack() as stack:
        machines = await start(stack, user_key, 5)
        seen: list[int] = []

        async def look() -> None:
            await asyncio.sleep(0.1)
            seen.append(sum(len(machine.open) for machine in machines))

        user.while_reading = look
        await fleet.run(hosts_of(machines))
        assert seen == [2]
        assert user.tables == [["n00", "n01", "n02", "n03", "n04"]]
        assert sorted(m.connections for m in machines) == [1, 1, 2, 2, 2]
        assert len(fleet.done) == 5


async def test_a_connection_that_is_lost_meanwhile_is_opened_again(
    user_key: asyncssh.SSHKey,
) -> None:
    """As sshd does when LoginGraceTime is over."""
    user = User()
    fleet = Fleet(user)
    async with AsyncExitStack() as stack:
        (machine,) = await start(stack, user_key, 1)

        async def drop() -> None:
            for connection in list(machine.open):
                connection.abort()
            await asyncio.sleep(0.1)

        user.while_reading = drop
        await fleet.run(hosts_of([machine]))
        assert fleet.done == ["n00"]
        assert machine.connections == 2


async def test_a_hanging_host_delays_the_question_by_its_timeout_only(
    user_key: asyncssh.SSHKey,
) -> None:
    user = User()
    fleet = Fleet(user, connect_timeout=0.5, login_timeout=0.5)
    async with AsyncExitStack() as stack, PlainServer().running() as silent:
        machines = await start(stack, user_key, 2)
        begin = time.monotonic()
        await fleet.run(
            [Host("silent", Login("127.0.0.1", silent.port, "ops")), *hosts_of(machines)]
        )
        assert time.monotonic() - begin < 3
        assert fleet.done == ["n00", "n01"]
        assert "during waiting for the SSH banner" in str(fleet.failure("silent"))


async def test_jump_hosts_come_first_then_all_behind_them(user_key: asyncssh.SSHKey) -> None:
    user = User()
    fleet = Fleet(user)
    async with AsyncExitStack() as stack:
        first, second, *machines = await start(stack, user_key, 8)
        hosts = hosts_of(machines[:3], first.login(STRICT)) + [
            replace(host, name=f"m{host.name}")
            for host in hosts_of(machines[3:5], replace(second.login(STRICT), address="localhost"))
        ]
        direct = machines[5].host("direct", host_keys=STRICT)
        await asyncio.wait_for(fleet.run([*hosts, direct], at_once=2), 20)
        assert user.tables == [
            ["direct", "jump host 127.0.0.1", "jump host localhost"],
            ["mn00", "mn01", "n00", "n01", "n02"],
        ]
        assert len(fleet.done) == 6
        assert (first.connections, second.connections) == (1, 1)


async def test_a_refused_jump_host_fails_those_behind_it(user_key: asyncssh.SSHKey) -> None:
    user = User(trusts=lambda key: not key.host.startswith("jump"))
    fleet = Fleet(user)
    async with AsyncExitStack() as stack:
        jump, *machines = await start(stack, user_key, 4)
        hosts = hosts_of(machines[:2], jump.login(STRICT))
        direct = machines[2].host("direct", host_keys=STRICT)
        await asyncio.wait_for(fleet.run([*hosts, direct]), 20)
        assert fleet.done == ["direct"]
        assert "jump host 127.0.0.1 cannot be used" in str(fleet.failure("n00"))
        assert "not accepted" in str(fleet.failure("n01"))


async def test_interrupting_the_question_leaves_nothing(user_key: asyncssh.SSHKey) -> None:
    user = User(seconds=60)
    fleet = Fleet(user)
    async with AsyncExitStack() as stack:
        machines = await start(stack, user_key, 3)
        task = asyncio.create_task(fleet.run(hosts_of(machines)))
        await user.reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.1)
        assert [len(machine.open) for machine in machines] == [0, 0, 0]


async def test_a_bug_in_the_question_is_raised(user_key: asyncssh.SSHKey) -> None:
    async def ask(_: Sequence[UnknownKey]) -> frozenset[UnknownKey]:
        raise TypeError("a bug")

    user = User()
    user.ask = ask  # type: ignore[method-assign,assignment] # the test's own stand-in
    async with AsyncExitStack() as stack:
        machines = await start(stack, user_key, 3)
        with pytest.raises(ExceptionGroup) as raised:
            await Fleet(user).run(hosts_of(machines))
        assert raised.group_contains(TypeError)


async def test_policy_yes_never_asks(user_key: asyncssh.SSHKey, home: Path) -> None:
    (home / ".ssh" / "config").write_text("StrictHostKeyChecking yes\n")
    user = User()
    fleet = Fleet(user)
    async with AsyncExitStack() as stack:
        await fleet.run(hosts_of(await start(stack, user_key, 1)))
        assert "is unknown" in str(fleet.failure("n00"))
        assert user.tables == []


def key_of(host: str) -> UnknownKey:
    return UnknownKey(host, host, "ssh-ed25519", f"SHA256:{host}")


async def test_a_late_key_gets_a_question_of_its_own() -> None:
    user = User(seconds=0.05)
    prompt = HostKeyPrompt(user.ask)
    first = asyncio.create_task(prompt.accepts(key_of("a")))
    await asyncio.sleep(0.02)
    assert await prompt.accepts(key_of("b"))
    assert await first
    assert user.tables == [["a"], ["b"]]


async def test_when_the_one_who_asks_is_gone_another_asks() -> None:
    user = User(seconds=0.05)
    prompt = HostKeyPrompt(user.ask)
    prompt.expect(["a", "b"])
    first = asyncio.create_task(prompt.accepts(key_of("a")))
    second = asyncio.create_task(prompt.accepts(key_of("b")))
    await asyncio.sleep(0.02)
    assert user.tables == [["a", "b"]]
    first.cancel()
    assert await second
    assert user.tables == [["a", "b"], ["b"]]
