"""A session of no machine: each test says what its hosts answer."""

from __future__ import annotations

from scanner.transport.base import Completed
from scanner.transport.dialogue import Dialogue, Stdin, whole


class FakeSession:
    """Keeps the shape of Session.run in one place; whoever inherits it gives the answer."""

    async def run(
        self,
        command: str,
        *,
        stdin: Stdin = b"",
        timeout: float,
        last_line: bytes | None = None,
        dialogue: Dialogue | None = None,
    ) -> Completed:
        del command, last_line
        return await self.answer(whole(stdin), timeout, dialogue)

    async def answer(self, given: bytes, timeout: float, dialogue: Dialogue | None) -> Completed:
        """What a command leaves behind that was given this on its standard input."""
        raise NotImplementedError
