"""Ending commands early without losing what they have printed."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar


class Stop:
    """Ends the commands that run in its context; each returns what was read until then."""

    def __init__(self) -> None:
        self.called = False
        self._ends: list[Callable[[str], None]] = []

    def add(self, end: Callable[[str], None]) -> None:
        """Let a command be ended by this."""
        self._ends.append(end)

    def now(self, why: str) -> None:
        """End them all; one that is over already does not notice."""
        self.called = True
        for end in self._ends:
            end(why)


_STOP: ContextVar[Stop | None] = ContextVar("stop", default=None)


def set_stop(stop: Stop) -> None:
    """Let all commands of this task, and of those that it starts, be ended by this."""
    _STOP.set(stop)


def current_stop() -> Stop | None:
    """What ends the commands of this task, if anything does."""
    return _STOP.get()
