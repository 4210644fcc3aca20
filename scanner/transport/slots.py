"""Handshakes at once: a slot is this process's CPU and the jump host's patience."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from scanner.transport.clock import HostClock


class Slot:
    """The right to shake hands; no clock runs while it is waited for.

    Args:
        gates: limits, always in the same order, the narrower one first.
        clocks: the host's clocks.
    """

    def __init__(self, gates: tuple[asyncio.Semaphore, ...], clocks: tuple[HostClock, ...]):
        self._gates = gates
        self._clocks = clocks
        self._held: list[asyncio.Semaphore] = []

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

    @property
    def is_held(self) -> bool:
        """True between `take` and `give`."""
        return len(self._held) == len(self._gates)

    def give(self) -> None:
        """Give the slot back; also before the end, for as long as the user is being asked."""
        while self._held:
            self._held.pop().release()
