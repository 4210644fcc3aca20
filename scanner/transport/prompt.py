"""Unknown host keys: gathered from the whole run, shown in one table, asked for once."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scanner.transport.settings import AskHostKeys, UnknownKey


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    key: UnknownKey
    turn: asyncio.Future[bool | None]
    """The user's answer, or None: no host is left to wait for, so this one asks for all."""


class HostKeyPrompt:
    """Asks when no host is left that could still bring an unknown key.

    A host is open from `expect` or `enter` until `settle`, or until it waits here itself. Hosts
    behind a jump host that waits here cannot move either, so they do not delay the question; they
    come with a second one, because their keys cannot be seen earlier.
    """

    def __init__(self, ask: AskHostKeys):
        self._ask = ask
        self._open: set[str] = set()
        self._behind: Counter[str] = Counter()
        self._waiting: list[_Waiter] = []
        self._asking: _Waiter | None = None

    def expect(self, hosts: Iterable[str]) -> None:
        """These hosts will be connected to; the question waits until each has been tried."""
        self._open.update(hosts)

    def enter(self, host: str) -> None:
        """This host, expected or not, is being connected to."""
        self._open.add(host)

    def settle(self, host: str) -> None:
        """This host brings no unknown key: its key is known, or it has failed."""
        self._open.discard(host)
        self._look()

    @contextlib.contextmanager
    def behind(self, jump: str) -> Iterator[None]:
        """An open host waits for a jump host for the length of the block."""
        self._behind[jump] += 1
        self._look()
        try:
            yield
        finally:
            self._behind[jump] -= 1

    async def accepts(self, key: UnknownKey) -> bool:
        """Wait for the user's word on a key; the caller must hold no place and no clock."""
        waiter = _Waiter(key, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._open.discard(key.host)
        self._look()
        try:
            answer = await waiter.turn
            return await self._ask_for_all(key) if answer is None else answer
        finally:
            self._waiting = [other for other in self._waiting if other is not waiter]
            if self._asking is waiter:
                self._asking = None
                self._look()

    async def _ask_for_all(self, own: UnknownKey) -> bool:
        asked = list(self._waiting)
        accepted = await self._ask(tuple(dict.fromkeys(waiter.key for waiter in asked)))
        for waiter in asked:
            if not waiter.turn.done():
                waiter.turn.set_result(waiter.key in accepted)
        gone = set(map(id, asked))
        self._waiting = [waiter for waiter in self._waiting if id(waiter) not in gone]
        return own in accepted

    def _look(self) -> None:
        """Let the first one that waits ask, if nothing more is to be expected."""
        if self._asking is not None or not self._waiting:
            return
        if self._open and len(self._open) > self._stuck():
            return
        self._asking = self._waiting[0]
        if not self._asking.turn.done():
            self._asking.turn.set_result(None)

    def _stuck(self) -> int:
        """How many open hosts are behind a jump host that waits for the answer."""
        if not any(self._behind.values()):
            return 0
        waiting = {waiter.key.host for waiter in self._waiting}
        return sum(count for jump, count in self._behind.items() if jump in waiting)
