"""Handshakes at once: a slot is this process's CPU and the jump host's patience."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from scanner.transport.clock import HostClock


class Slot:
    """The right to shake hands; no clock runs while it is waited for.

    It ends early where the host falls silent: such a handshake does not compute, it waits, and a
    host that stalls must hold up neither those that answer nor, with its place, those to come.

    Args:
        gates: limits, always in the same order, the narrower one first.
        clocks: the host's clocks; the places of both are lent with the slot.
        seconds: how long the host may be silent.
        silence: for how many seconds it has been so.
    """

    def __init__(
        self,
        gates: tuple[asyncio.Semaphore, ...],
        clocks: tuple[HostClock, ...],
        seconds: float,
        silence: Callable[[], float],
    ):
        self._gates = gates
        self._clocks = clocks
        self._seconds = seconds
        self._silence = silence
        self._held: list[asyncio.Semaphore] = []
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        try:
            await self.take()
        except BaseException:
            self.give()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.give()

    async def take(self) -> None:
        """Wait for the slot."""
        with ExitStack() as stack:
            for clock in self._clocks:
                stack.enter_context(clock.paused())
            for gate in self._gates:
                await gate.acquire()
                self._held.append(gate)
        self._look_after(self._seconds)

    def _look_after(self, seconds: float) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        """Not by the time alone: where this process is slow, every handshake takes long."""
        left = self._seconds - self._silence()
        if left > 0:
            self._look_after(left)
            return
        self.give()
        for clock in self._clocks:
            clock.lend()

    def give(self) -> None:
        """Give the slot back; also before the end, for as long as the user is being asked."""
        if self._timer is not None:
            self._timer.cancel()
        while self._held:
            self._held.pop().release()
