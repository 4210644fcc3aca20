"""Hosts that listen for each other: nobody dials before all are there, or leaves before all are."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from scanner.edges.talk import Talk

READY_SECONDS = 20.0
"""Until the hosts of a wave have logged in and listen; who is later does not take part."""
DONE_SECONDS = 30.0
"""From then on; with what came before, it is less than a listener's own minute."""


class Crew:
    """The hosts of one wave.

    Args:
        members: indices of their peers; each must be told of by `leave` at the end.
    """

    def __init__(self, members: Iterable[int]) -> None:
        self._coming = set(members)
        self._working = set(self._coming)
        self._all_ready = asyncio.Event()
        self._all_done = asyncio.Event()
        self._talks: dict[int, Talk] = {}
        self._begun = asyncio.Event()
        self._look()

    def join(self, member: int, talk: Talk) -> None:
        """A host's program is being started."""
        self._talks[member] = talk

    async def begins(self) -> None:
        """Return when the hosts begin to dial."""
        await self._begun.wait()

    def ready(self, member: int) -> None:
        """It listens; who comes after the others have begun is sent away."""
        self._coming.discard(member)
        if self._begun.is_set():
            self._talks[member].stop()
        self._look()

    def done(self, member: int) -> None:
        """It has dialled all."""
        self._working.discard(member)
        self._look()

    def leave(self, member: int) -> None:
        """It has ended, however that came."""
        self._coming.discard(member)
        self._working.discard(member)
        self._talks.pop(member, None)
        self._look()

    def _look(self) -> None:
        if not self._coming:
            self._all_ready.set()
        if not self._working:
            self._all_done.set()

    async def conduct(self) -> None:
        """Let all begin and end together."""
        await _within(self._all_ready, READY_SECONDS)
        self._begun.set()
        for member, talk in list(self._talks.items()):
            if member in self._coming:
                self._working.discard(member)
            else:
                talk.go()
        self._look()
        await _within(self._all_done, DONE_SECONDS)
        for talk in list(self._talks.values()):
            talk.stop()


async def _within(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
