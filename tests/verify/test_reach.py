"""Which of several control planes is gone through."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import cast

import pytest

from scanner.errors import HostUnreachable
from scanner.request import Host, Login
from scanner.transport.base import Session
from scanner.transport.forward import Dialled
from scanner.verify.kubeconfig import Credentials
from scanner.verify.reach import reached
from tests.sessions import FakeSession

ENDPOINT = Credentials("10.0.0.1", 6443, b"ca", token="t")  # noqa: S106 - of no cluster
HOSTS = tuple(Host(name, Login(name)) for name in ("one", "two", "three"))


class Machine(FakeSession):
    """Tells what each of the API servers answers that it connects to."""

    def __init__(self, answers: Mapping[str, Dialled]) -> None:
        self.answers = answers
        self.dialled: list[str] = []

    async def dial(self, host: str, port: int, *, timeout: float) -> Dialled:
        del port, timeout
        self.dialled.append(host)
        return self.answers.get(host, Dialled.REFUSED)


class Machines:
    """A transport to those of the hosts that are there."""

    def __init__(self, machines: Mapping[str, Machine]) -> None:
        self._machines = machines

    def connect(self, host: Host) -> AbstractAsyncContextManager[Session]:
        return self._connect(host)

    @asynccontextmanager
    async def _connect(self, host: Host) -> AsyncIterator[Session]:
        if host.name not in self._machines:
            raise HostUnreachable(f"{host.name} is off")
        yield cast("Session", self._machines[host.name])


OWN = {"127.0.0.1": Dialled.OPEN}
USUAL = {"10.0.0.1": Dialled.OPEN}


@pytest.mark.parametrize(
    ("machines", "taken"),
    [
        ({"one": OWN, "two": OWN}, "one"),
        ({"one": USUAL, "two": OWN}, "one"),
        ({"one": {}, "two": OWN, "three": OWN}, "two"),
        ({"two": {}, "three": USUAL}, "three"),
        ({"one": {}, "two": {}, "three": {}}, "one"),
        ({"two": {}}, "two"),
    ],
)
async def test_the_first_from_which_an_api_server_is_reached(
    machines: Mapping[str, Mapping[str, Dialled]], taken: str
) -> None:
    made = {name: Machine(answers) for name, answers in machines.items()}
    async with reached(Machines(made), HOSTS, ENDPOINT, bind_port=6443) as way:
        assert way.session is cast("Session", made[taken])


async def test_the_only_one_is_not_asked_twice() -> None:
    machine = Machine({})
    async with reached(Machines({"one": machine}), HOSTS[:1], ENDPOINT, bind_port=6443):
        assert machine.dialled == []


async def test_none_is_reached() -> None:
    with pytest.raises(HostUnreachable, match="one is off"):
        async with reached(Machines({}), HOSTS, ENDPOINT, bind_port=6443):
            pass
