"""Several jump hosts one after the other: one connection for each way, and whose fault it was."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import asyncssh
import pytest

from scanner.request import Host, Login
from scanner.transport.fanout import Done
from tests.transport.machine import Machine
from tests.transport.runs import all_done, connect_all, error_of


@pytest.fixture
async def jumps(user_key: asyncssh.SSHKey) -> AsyncIterator[tuple[Machine, Machine, Machine]]:
    async with AsyncExitStack() as stack:
        first, second, third = [
            await stack.enter_async_context(Machine(user_key, user="jumper").running())
            for _ in range(3)
        ]
        yield first, second, third


def chain(*machines: Machine) -> Login:
    """The login of the last one, as the inventory makes it."""
    login: Login | None = None
    for machine in machines:
        login = replace(machine.login(), jump=login)
    assert login is not None
    return login


def configure(home: Path, *blocks: str) -> None:
    common = "Host *\n  StrictHostKeyChecking no\n"
    (home / ".ssh" / "config").write_text("\n".join(blocks) + "\n" + common)


def block(alias: str, machine: Machine, *options: str) -> str:
    lines = ["HostName 127.0.0.1", f"Port {machine.port}", f"User {machine.user}", *options]
    return "\n  ".join([f"Host {alias}", *lines])


async def test_each_jump_host_has_one_connection(
    jumps: tuple[Machine, Machine, Machine], machine: Machine
) -> None:
    first, second, third = jumps
    way = chain(first, second, third)
    hosts = [machine.host(f"n{number}", jump=way) for number in range(20)]
    assert all_done(await connect_all(hosts))
    assert [jump.connections for jump in jumps] == [1, 1, 1]
    assert first.forwarded == [("127.0.0.1", second.port)]
    assert second.forwarded == [("127.0.0.1", third.port)]
    assert third.forwarded == [("127.0.0.1", machine.port)] * 20
    await asyncio.sleep(0.05)
    assert not any(jump.open for jump in (*jumps, machine))


async def test_a_shared_beginning_is_shared(
    jumps: tuple[Machine, Machine, Machine], machine: Machine
) -> None:
    first, second, third = jumps
    hosts = [machine.host(f"a{number}", jump=chain(first)) for number in range(5)]
    hosts += [machine.host(f"b{number}", jump=chain(first, second)) for number in range(5)]
    hosts += [machine.host(f"c{number}", jump=chain(first, third)) for number in range(5)]
    assert all_done(await connect_all(hosts))
    assert [jump.connections for jump in jumps] == [1, 1, 1]


async def test_another_way_to_a_jump_host_is_another_connection(
    jumps: tuple[Machine, Machine, Machine], machine: Machine
) -> None:
    first, second, _ = jumps
    hosts = [machine.host("a", jump=chain(second)), machine.host("b", jump=chain(first, second))]
    assert all_done(await connect_all(hosts))
    assert second.connections == 2


async def test_proxy_jump_with_commas(
    jumps: tuple[Machine, Machine, Machine], machine: Machine, home: Path
) -> None:
    first, second, _ = jumps
    configure(
        home, block("a", first), block("b", second), block("n", machine, "ProxyJump a,jumper@b")
    )
    found = await connect_all([Host("n", Login("n")), machine.host("m", jump=chain(first))])
    assert all_done(found)
    assert (first.connections, second.connections) == (1, 1)
    ports = {second.port, machine.port}
    assert {port for _, port in first.forwarded} == ports
    assert second.forwarded == [("127.0.0.1", machine.port)]


async def test_the_first_jump_host_may_have_one_of_its_own(
    jumps: tuple[Machine, Machine, Machine], machine: Machine, home: Path
) -> None:
    first, second, third = jumps
    configure(
        home, block("a", first), block("b", second, "ProxyJump a"), block("c", third, "ProxyJump a")
    )
    way = replace(Login("c"), jump=Login("b"))
    assert all_done(await connect_all([machine.host("n", jump=way)]))
    # c is reached through b, as the inventory says, and b through a, as the configuration says
    assert first.forwarded == [("127.0.0.1", second.port)]
    assert second.forwarded == [("127.0.0.1", third.port)]


async def test_a_loop_is_refused(
    jumps: tuple[Machine, Machine, Machine], machine: Machine, home: Path
) -> None:
    first, second, _ = jumps
    configure(home, block("a", first, "ProxyJump b"), block("b", second, "ProxyJump a"))
    found = await connect_all([machine.host("n", jump=Login("a")), machine.host("direct")])
    assert str(error_of(found["n"])) == (
        "the jump hosts make a loop (a, b, a): correct jump, or ProxyJump in ~/.ssh/config"
    )
    assert isinstance(found["direct"], Done)
    assert (first.connections, second.connections) == (0, 0)


async def test_a_machine_is_named_twice_under_two_names(
    jumps: tuple[Machine, Machine, Machine], machine: Machine, home: Path
) -> None:
    first, second, _ = jumps
    configure(home, block("a", first), block("b", second), block("alias", first))
    way = replace(Login("alias"), jump=replace(Login("b"), jump=Login("a")))
    found = await connect_all([machine.host("n", jump=way)])
    assert "make a loop (a, b, alias)" in str(error_of(found["n"]))


async def test_a_jump_host_is_no_jump_host_for_itself(
    jumps: tuple[Machine, Machine, Machine], home: Path
) -> None:
    """`ProxyJump a,b` for all: a is reached directly, b through a; also where they are targets."""
    first, second, _ = jumps
    configure(home, block("a", first), block("b", second), "Host *\n  ProxyJump a,b")
    found = await connect_all([Host("a", Login("a")), Host("b", Login("b"))])
    assert all_done(found)
    assert first.forwarded == [("127.0.0.1", second.port)]
    assert second.forwarded == []


async def test_without_a_jump_host_whatever_the_configuration_says(
    jumps: tuple[Machine, Machine, Machine], machine: Machine, home: Path
) -> None:
    configure(home, block("a", jumps[0]), "Host *\n  ProxyJump a")
    host = machine.host("n")
    assert all_done(await connect_all([host]))
    assert jumps[0].connections == 1
    direct = replace(host, login=replace(host.login, direct=True))
    assert all_done(await connect_all([direct]))
    assert jumps[0].connections == 1


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (0, "jump host 127.0.0.1 cannot be used: 127.0.0.1 port {} ended the connection during "),
        (1, "jump host 127.0.0.1 cannot be used: 127.0.0.1 port {} ended the connection during "),
    ],
)
async def test_the_error_names_the_one_that_failed(
    jumps: tuple[Machine, Machine, Machine], machine: Machine, broken: int, says: str
) -> None:
    first, second, _ = jumps
    jumps[broken].drop_at = "auth"
    found = await connect_all(
        [machine.host(f"n{number}", jump=chain(first, second)) for number in range(3)]
    )
    for outcome in found.values():
        assert str(error_of(outcome)).startswith(says.format(jumps[broken].port))


async def test_the_second_cannot_be_reached_from_the_first(
    jumps: tuple[Machine, Machine, Machine], machine: Machine
) -> None:
    first, second, _ = jumps
    way = replace(chain(first, second), port=1)
    found = await connect_all([machine.host("n", jump=way)])
    message = str(error_of(found["n"]))
    assert message.startswith(
        "jump host 127.0.0.1 cannot be used: jump host 127.0.0.1 cannot reach 127.0.0.1 port 1"
    )
    first.forwarding = False
    found = await connect_all([machine.host("n", jump=chain(first, second))])
    assert "jump host 127.0.0.1 may not forward to" in str(error_of(found["n"]))
    assert str(error_of(found["n"])).count("jump host") == 2


async def test_a_name_in_the_chain_that_is_wrong(machine: Machine, home: Path) -> None:
    configure(home, "Host a\n  ProxyJump ssh://:0")
    found = await connect_all([machine.host("n", jump=Login("a"))])
    assert "jump host a cannot be used: ProxyJump ssh://:0 is not" in str(error_of(found["n"]))


async def test_the_first_dies_and_every_link_behind_it_says_so(
    jumps: tuple[Machine, Machine, Machine], machine: Machine
) -> None:
    first, second, _ = jumps
    machine.stall_at = "auth"
    task = asyncio.create_task(connect_all([machine.host("n", jump=chain(first, second))]))
    while not machine.users:  # noqa: ASYNC110 # the machine has no event for it
        await asyncio.sleep(0.01)
    for connection in list(first.open):
        connection.abort()
    assert "the connection to jump host 127.0.0.1 was lost" in str(error_of((await task)["n"]))
