"""One host's time: it stands still while kscan, not the host, is what is being waited for."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from contextvars import ContextVar
from typing import TYPE_CHECKING, Self

from scanner.errors import TimedOut

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from types import TracebackType

    from scanner.errors import HostUnreachable, Hurdle
    from scanner.transport.places import Place


class HostClock:
    """One host's turn: its time limit, which can be paused, its place, and how often it tried.

    `async with HostClock(...)` raises TimeoutError when the time is up; `expired` tells this
    TimeoutError from one that the operating system raised.

    Args:
        seconds: the limit, from entering the block; None has no limit.
        place: among the hosts that run at once; held already by whoever makes the clock.
    """

    def __init__(self, seconds: float | None = None, place: Place | None = None):
        self._seconds = seconds
        self._place = place
        self._timeout: asyncio.Timeout | None = None
        self._pauses = 0
        self._left: float | None = None
        self._followers: set[HostClock] = set()
        self.retried: Counter[Hurdle] = Counter()
        """Connections that were tried after the first one, by the cause that should pass."""
        self.late: Callable[[float], HostUnreachable] | None = None
        """Makes the error for the limit, in seconds, of what the host is waited for now."""

    async def __aenter__(self) -> Self:
        self._timeout = asyncio.timeout(self._seconds)
        await self._timeout.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timeout is not None:
            await self._timeout.__aexit__(kind, error, traceback)

    @property
    def retries(self) -> int:
        """Connections that were tried after the first one."""
        return self.retried.total()

    def tried_again(self, hurdle: Hurdle) -> None:
        """Count a connection that is tried because of this."""
        self.retried[hurdle] += 1

    @property
    def expired(self) -> bool:
        """True once the time was up."""
        return self._timeout is not None and self._timeout.expired()

    @property
    def left(self) -> float | None:
        """Seconds until the time is up; None without a limit, or while it is paused."""
        when = None if self._timeout is None else self._timeout.when()
        return None if when is None else when - asyncio.get_running_loop().time()

    def why_late(self, seconds: float) -> HostUnreachable:
        """The error of a host whose time is up."""
        if self.late is not None:
            return self.late(seconds)
        return TimedOut(
            f"not finished within {seconds:g} s: is the host overloaded? give it more with "
            "--timeout"
        )

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock for a block; the host keeps its place."""
        self._hold()
        try:
            yield
        finally:
            self._let_go()

    @contextlib.contextmanager
    def following(self, leader: HostClock) -> Iterator[None]:
        """Stand still in this block whenever `leader` does, which is waited for."""
        leader._followers.add(self)
        if leader._pauses:
            self._hold()
        try:
            yield
        finally:
            leader._followers.discard(self)
            if leader._pauses:
                self._let_go()

    @contextlib.asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Stop the clock and let another host have this one's place; wait for one at the end.

        Whoever waits for the user must use this, else hosts that wait could fill all places and
        the question, which is asked when every host has been tried, would never come.
        """
        with self.paused():
            if self._place is not None:
                self._place.leave()
            yield
            # not in a finally: a host that is being cancelled must not queue for a place again
            if self._place is not None:
                await self._place.take()

    @contextlib.asynccontextmanager
    async def lending(self, after: float) -> AsyncIterator[None]:
        """Let another host have this one's place once the block has lasted `after` seconds.

        Whoever waits for a host's answer uses this, so that hosts which are dead hold nobody up.
        The clock goes on, but for the wait for a place at the end.
        """
        timer = asyncio.get_running_loop().call_later(after, self.lend)
        try:
            yield
        finally:
            timer.cancel()
        await self.take_back()

    def lend(self) -> None:
        """Let another host be worked on instead of this one; its clock goes on."""
        if self._place is not None:
            self._place.lend()

    async def take_back(self) -> None:
        """Wait for a place again, if it was lent; the clock stands still."""
        if self._place is not None:
            with self.paused():
                await self._place.take()

    def leave(self) -> None:
        """Give the place back; the end of a host's turn."""
        if self._place is not None:
            self._place.leave()

    def _hold(self) -> None:
        self._pauses += 1
        if self._pauses == 1:
            self._stop()
            for follower in self._followers:
                follower._hold()  # noqa: SLF001 # its own class

    def _let_go(self) -> None:
        self._pauses -= 1
        if self._pauses == 0:
            self._go_on()
            for follower in self._followers:
                follower._let_go()  # noqa: SLF001 # its own class

    def _stop(self) -> None:
        timeout = self._timeout
        when = None if timeout is None else timeout.when()
        if timeout is None or when is None or timeout.expired():
            self._left = None
            return
        self._left = when - asyncio.get_running_loop().time()
        timeout.reschedule(None)

    def _go_on(self) -> None:
        if self._timeout is None or self._left is None or self._timeout.expired():
            return
        self._timeout.reschedule(asyncio.get_running_loop().time() + self._left)


_CURRENT: ContextVar[HostClock | None] = ContextVar("host_clock", default=None)


def host_clock() -> HostClock:
    """The clock of the host that the current task works for; one without a limit if none is set."""
    return _CURRENT.get() or HostClock()


def set_host_clock(clock: HostClock | None) -> None:
    """Make `clock` the one of the current task and of the tasks that it starts."""
    _CURRENT.set(clock)
