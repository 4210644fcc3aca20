"""How long one host is waited for, step by step: one that hangs must not hold the others up."""

from __future__ import annotations

import asyncio
import contextlib
from types import TracebackType
from typing import Self

from scanner.errors import ProbeFailed

UP_SECONDS = 20.0
"""At most, until a program on a host says that it is there."""
LEAVE_SECONDS = 5.0
"""For the rest of its answer, once it was told to end."""


class Patience:
    """A deadline that each step sets anew; where it is missed, ProbeFailed says at which step."""

    def __init__(self) -> None:
        self._clock = asyncio.timeout(None)
        self._missed = ""

    def within(self, seconds: float, missed: str) -> None:
        """The next step must be taken in this time from now.

        Args:
            seconds: more than 0.
            missed: the error's sentence, if it is not.
        """
        self._missed = missed
        self._until(asyncio.get_running_loop().time() + seconds)

    def rest(self) -> None:
        """Nothing is waited for that has a time of its own here."""
        self._until(None)

    def _until(self, when: float | None) -> None:
        with contextlib.suppress(RuntimeError):  # it is over already
            self._clock.reschedule(when)

    async def __aenter__(self) -> Self:
        await self._clock.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._clock.__aexit__(kind, error, traceback)
        except TimeoutError as late:
            raise ProbeFailed(self._missed) from late
