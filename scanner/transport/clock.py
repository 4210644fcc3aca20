"""One host's time: it stands still while kscan, not the host, is what is being waited for."""

from __future__ import annotations

import asyncio
import contextlib
from contextvars import ContextVar
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from types import TracebackType


class HostClock:
    """A time limit that can be paused, and a place among the hosts that run at once.

    `async with HostClock(...)` raises TimeoutError when the time is up; `expired` tells this
    TimeoutError from one that the operating system raised.

    Args:
        seconds: the limit, from entering the block; None has no limit.
        places: the hosts at once; one place is held already by whoever makes the clock.
    """

    def __init__(self, seconds: float | None = None, places: asyncio.Semaphore | None = None):
        self._seconds = seconds
        self._places = places
        self._has_place = places is not None
        self._timeout: asyncio.Timeout | None = None
        self._pauses = 0
        self._left: float | None = None

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
    def expired(self) -> bool:
        """True once the time was up."""
        return self._timeout is not None and self._timeout.expired()

    @property
    def left(self) -> float | None:
        """Seconds until the time is up; None without a limit, or while it is paused."""
        when = None if self._timeout is None else self._timeout.when()
        return None if when is None else when - asyncio.get_running_loop().time()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the clock for a block; the host keeps its place."""
        self._pauses += 1
        if self._pauses == 1:
            self._stop()
        try:
            yield
        finally:
            self._pauses -= 1
            if self._pauses == 0:
                self._go_on()

    @contextlib.asynccontextmanager
    async def aside(self) -> AsyncIterator[None]:
        """Stop the clock and let another host have this one's place; wait for one at the end.

        Whoever waits for the user must use this, else hosts that wait could fill all places and
        the question, which is asked when every host has been tried, would never come.
        """
        with self.paused():
            self.leave()
            yield
            # not in a finally: a host that is being cancelled must not queue for a place again
            if self._places is not None:
                await self._places.acquire()
                self._has_place = True

    def leave(self) -> None:
        """Give the place back, if it is held; the end of a host's turn."""
        if self._has_place and self._places is not None:
            self._has_place = False
            self._places.release()

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
