"""One password for many hosts: a wrong one reaches three of them, a right one holds nobody up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncssh
import pytest

from scanner.errors import LoginRefused
from scanner.request import Host, HostKeyPolicy, Login
from scanner.secrets.secret import Kind, Secret, Source
from scanner.transport.fanout import Done, Failed, Outcome, fan_out
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.transport.machine import make_key
from tests.transport.runs import all_done, connect_all, error_of

RIGHT = "a fine password"
REFUSED = "the password is refused, which was tried once"
NOT_TRIED = (
    "not tried: the password of env:FLEET was refused by 3 hosts and taken by none, and "
    "more tries could lock the account: correct it"
)
NAMES = tuple(f"node{number}" for number in range(12))


@dataclass
class Fleet:
    """One server that is every host; it counts the passwords that it was sent."""

    takes: Callable[[int], bool]
    """Whether the password that comes as this one is taken, from 0."""
    keyboard: bool = False
    seconds: float = 0.05
    """As long as PAM may take."""
    hangs: int = 0
    """So many of the first passwords are never answered."""
    tried: int = 0
    now: int = 0
    most: int = 0
    """Undecided at the same time before one was taken."""
    has_taken: bool = False
    users: dict[str, int] = field(default_factory=dict)

    async def judge(self, user: str) -> bool:
        number = self.tried
        self.tried += 1
        self.users[user] = self.users.get(user, 0) + 1
        self.now += 1
        if not self.has_taken:
            self.most = max(self.most, self.now)
        await asyncio.sleep(60 if number < self.hangs else self.seconds)
        self.now -= 1
        taken = self.takes(number)
        self.has_taken |= taken
        return taken


class Server(asyncssh.SSHServer):
    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet

    def begin_auth(self, username: str) -> bool:
        del username
        return True

    def public_key_auth_supported(self) -> bool:
        return False

    def password_auth_supported(self) -> bool:
        return not self.fleet.keyboard

    def kbdint_auth_supported(self) -> bool:
        return self.fleet.keyboard

    async def validate_password(self, username: str, password: str) -> bool:
        assert password == RIGHT
        return await self.fleet.judge(username)

    def get_kbdint_challenge(
        self, username: str, lang: str, submethods: str
    ) -> tuple[str, str, str, list[tuple[str, bool]]]:
        del username, lang, submethods
        return "", "", "", [("Password: ", False)]

    async def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        assert list(responses) == [RIGHT]
        return await self.fleet.judge(username)

    def session_requested(self) -> asyncssh.SSHServerSession[str]:
        return Exits()


class Exits(asyncssh.SSHServerSession[str]):
    def connection_made(self, chan: asyncssh.SSHServerChannel[str]) -> None:
        self.chan = chan

    def exec_requested(self, command: str) -> bool:
        del command
        return True

    def session_started(self) -> None:
        self.chan.exit(0)


@asynccontextmanager
async def running(fleet: Fleet) -> AsyncIterator[int]:
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[make_key()], server_factory=lambda: Server(fleet)
    )
    try:
        yield server.get_port()
    finally:
        server.close()
        await server.wait_closed()


def host(name: str, port: int, user: str = "ops", reference: str = "FLEET") -> Host:
    secret = Secret(Source(Kind.ENV, reference), RIGHT)
    return Host(name, Login("127.0.0.1", port, user, host_keys=HostKeyPolicy.OFF, password=secret))


@pytest.mark.parametrize("keyboard", [False, True])
async def test_a_wrong_password_reaches_three_hosts(keyboard: bool) -> None:
    fleet = Fleet(lambda _: False, keyboard)
    async with running(fleet) as port:
        outcomes = await connect_all([host(name, port) for name in NAMES], deadline=20)
    assert fleet.tried == 3
    assert fleet.most == 2
    errors = [error_of(outcome) for outcome in outcomes.values()]
    assert all(isinstance(error, LoginRefused) for error in errors)
    said = [str(error).partition("(PubkeyAuthentication); ")[2] for error in errors]
    assert sorted(said) == [NOT_TRIED] * 9 + [REFUSED] * 3


@pytest.mark.parametrize("keyboard", [False, True])
async def test_a_right_password_holds_nobody_up_after_the_first(keyboard: bool) -> None:
    fleet = Fleet(lambda _: True, keyboard)
    async with running(fleet) as port:
        outcomes = await connect_all([host(name, port) for name in NAMES], deadline=20)
    assert all_done(outcomes)
    assert (fleet.tried, fleet.most) == (12, 2)


async def test_two_hosts_with_another_password_cost_only_themselves() -> None:
    fleet = Fleet(lambda number: number > 1)
    async with running(fleet) as port:
        outcomes = await connect_all([host(name, port) for name in NAMES], deadline=20)
    assert sum(all_done({name: outcome}) for name, outcome in outcomes.items()) == 10


async def test_each_account_and_each_reference_has_its_own_count() -> None:
    fleet = Fleet(lambda _: False)
    async with running(fleet) as port:
        hosts = [host(f"{user}{n}", port, user) for user in ("ops", "adm") for n in range(6)]
        hosts += [host(f"other{n}", port, "ops", "OTHER") for n in range(6)]
        await connect_all(hosts, deadline=20)
    assert fleet.users == {"ops": 6, "adm": 3}


async def with_two_that_never_answer(
    late: Sequence[str], dead_seconds: float, seconds: float
) -> dict[str, Outcome[None]]:
    """Two hosts that are given up after a while, and others that come after them."""
    fleet = Fleet(lambda _: True, hangs=2)
    outcomes: dict[str, Outcome[None]] = {}
    async with (
        running(fleet) as port,
        SshTransport(SshSettings(global_known_hosts=())) as transport,
    ):

        async def work(host: Host) -> None:
            async with transport.connect(host):
                pass

        async def run(names: Sequence[str], seconds: float) -> None:
            await fan_out(
                [host(name, port) for name in names],
                work,
                lambda host, outcome: outcomes.update({host.name: outcome}),
                deadline=seconds,
            )

        dead = asyncio.create_task(run(("dead0", "dead1"), dead_seconds))
        while fleet.tried < 2:  # noqa: ASYNC110 # counted by the server
            await asyncio.sleep(0.01)
        await asyncio.gather(run(late, seconds), dead)
    return outcomes


async def test_hosts_that_never_answer_free_their_places_when_they_are_given_up() -> None:
    outcomes = await with_two_that_never_answer(NAMES, 1, 30)
    done = [name for name, outcome in outcomes.items() if isinstance(outcome, Done)]
    assert sorted(done) == sorted(NAMES)


async def test_whoever_waits_in_vain_says_for_what() -> None:
    outcomes = await with_two_that_never_answer(("late",), 5, 1)
    outcome = outcomes["late"]
    assert isinstance(outcome, Failed)
    assert str(outcome.error) == (
        "the password of env:FLEET was not tried, because 2 other hosts have been sent it and "
        "none has answered: see them first, or --timeout"
    )
