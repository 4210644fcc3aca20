"""Trying again: only for causes that pass, after a random wait, and never out of proportion."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, TypeVar

from scanner.errors import Busy, Hurdle

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from scanner.transport.clock import HostClock

Link = TypeVar("Link")

MOST_DOUBLINGS = 4
"""The wait grows from `retry_seconds` to 16 times that: 0.25 s to 4 s."""

_FIRST_TOKENS = 10.0
_FOR_A_HOST = 0.1
_FOR_A_LOGIN = 5.0
"""Where logins succeed, the others may try as often as sshd's MaxStartups makes them; 200 hosts
behind one sshd that takes two at once need about four tries each."""


class RetryBudget:
    """What all hosts of a run may spend on retries; one token each.

    A fleet that is down as a whole is asked by 10 + 10 % more connections than it has hosts, not
    by several times as many.
    """

    def __init__(self) -> None:
        self._tokens = _FIRST_TOKENS

    def host_begins(self) -> None:
        """A host is connected to for the first time."""
        self._tokens += _FOR_A_HOST

    def login_succeeds(self) -> None:
        """The network and sshd work."""
        self._tokens += _FOR_A_LOGIN

    def spend(self) -> bool:
        """Take a token; False if there is none."""
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


async def persist(
    connect: Callable[[], Awaitable[Link]], budget: RetryBudget, clock: HostClock, seconds: float
) -> Link:
    """Connect; if what is in the way will pass, wait and try again.

    The wait is drawn from 0 to its limit ("full jitter"), so that hosts which were turned away
    together do not come back together. A turn for which the run's budget has no token is waited
    for and left out. The host's place is lent meanwhile, its clock goes on.

    Args:
        connect: makes one try.
        budget: the run's.
        clock: the host's; its `retries` are counted here.
        seconds: the longest first wait.

    Raises:
        HostUnreachable: for a cause that does not pass, or the last one that should have.
    """
    budget.host_begins()
    turns = _Turns(budget, clock, seconds)
    while True:
        try:
            link = await connect()
        except Busy as busy:
            turns.error = busy
        else:
            budget.login_succeeds()
            return link
        clock.late = turns.given_up
        async with clock.lending(0):
            await turns.wait()
        clock.tried_again(turns.error.hurdle)


class _Turns:
    """One host's waits."""

    def __init__(self, budget: RetryBudget, clock: HostClock, seconds: float):
        self._budget = budget
        self._clock = clock
        self._seconds = seconds
        self._turn = 0
        self._left_out = False
        self.error = Busy("", 0, Hurdle.CUT)
        """The last one."""

    async def wait(self) -> None:
        """Wait for the next try.

        Raises:
            Busy: there is none.
        """
        while self._turn < self.error.turns:
            limit = self._seconds * 2 ** min(self._turn, MOST_DOUBLINGS)
            await asyncio.sleep(random.uniform(0, limit))  # noqa: S311 # no secret
            self._turn += 1
            if self._budget.spend():
                return
            self._left_out = True
        raise self.given_up()

    def given_up(self, _: float = 0) -> Busy:
        """The error with what was done about it."""
        words = [str(self.error)]
        if self._clock.retries:
            words.append(f"tried {self._clock.retries + 1} times")
        if self._left_out:
            words.append("not more often, because it is the same with so many hosts")
        return Busy("; ".join(words), self.error.turns, self.error.hurdle)
