"""Places among the hosts of a run: who is worked on, and who may hold a connection."""

from __future__ import annotations

import asyncio


class Places:
    """Two limits of a run.

    Args:
        at_once: hosts that are worked on; one whose answer does not come lends its place.
        most: hosts that have been started and hold a connection, lent places included.
    """

    def __init__(self, at_once: int, most: int):
        self.open = asyncio.Semaphore(most)
        self.busy = asyncio.Semaphore(min(at_once, most))


class Place:
    """One host's place.

    The right to be open is always taken first, and nobody who is being worked on waits for it, so
    that hosts which wait for each other cannot stop the run.
    """

    def __init__(self, places: Places):
        self._places = places
        self._is_open = False
        self._is_busy = False

    async def take(self) -> None:
        """Wait for what is missing."""
        if not self._is_open:
            await self._places.open.acquire()
            self._is_open = True
        if not self._is_busy:
            await self._places.busy.acquire()
            self._is_busy = True

    def lend(self) -> None:
        """Let another host be worked on; this one stays open."""
        if self._is_busy:
            self._is_busy = False
            self._places.busy.release()

    def leave(self) -> None:
        """Give everything back."""
        self.lend()
        if self._is_open:
            self._is_open = False
            self._places.open.release()
