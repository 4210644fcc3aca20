"""Jump hosts: one connection for all hosts behind the same one, however long the way to it is."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from scanner.errors import HostUnreachable
from scanner.transport.clock import HostClock, host_clock, set_host_clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from scanner.transport.prompt import HostKeyPrompt

Link = TypeVar("Link")


@dataclass(frozen=True, slots=True)
class _Opening(Generic[Link]):
    task: asyncio.Task[Link]
    clock: HostClock


class JumpHosts(Generic[Link]):
    """Opens each jump host once, for the first host that needs it; the others wait for it.

    The opening is a task of its own, because it must outlive the host that came first, whose time
    may be up. The hosts that wait for it have their own time, which stands still while the user is
    asked for the jump host's key, and lend their places.

    Args:
        prompt: the question for host keys, if there is one.
        answer_seconds: how long a host that waits keeps its place.
    """

    def __init__(self, prompt: HostKeyPrompt | None, answer_seconds: float):
        self._prompt = prompt
        self._answer_seconds = answer_seconds
        self._openings: dict[Hashable, _Opening[Link]] = {}

    async def reach(
        self, key: Hashable, name: str, open_link: Callable[[], Awaitable[Link]]
    ) -> Link:
        """The connection to a jump host.

        Args:
            key: equal for the same jump host behind the same others.
            name: what it is called in messages and in the host key question.
            open_link: how to open it; called once for the run.

        Raises:
            HostUnreachable: it cannot be used; the message has its name and the reason.
        """
        opening = self._openings.get(key)
        if opening is None:
            opening = self._openings[key] = _start(open_link, name)
        task, leader = opening.task, opening.clock
        try:
            if task.done():
                return task.result()
            clock = host_clock()
            clock.late = lambda seconds: _unusable(name, leader.why_late(seconds))
            behind = self._prompt.behind(name) if self._prompt else contextlib.nullcontext()
            with behind, clock.following(leader):
                async with clock.lending(self._answer_seconds):
                    return await asyncio.shield(task)
        except HostUnreachable as error:
            raise _unusable(name, error) from None

    async def close(self, close_link: Callable[[Link], Awaitable[None]]) -> None:
        """End what is still being opened, and close the rest."""
        tasks = [opening.task for opening in self._openings.values()]
        self._openings.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        # a failure was told to every host behind it
        opened = [task for task in tasks if not task.cancelled() and task.exception() is None]
        # together, because one that is deaf takes its time, and carries the ones behind it
        await asyncio.gather(*(close_link(task.result()) for task in opened))


def _start(open_link: Callable[[], Awaitable[Link]], name: str) -> _Opening[Link]:
    clock = HostClock()
    context = contextvars.copy_context()
    context.run(set_host_clock, clock)
    task = asyncio.create_task(_run(open_link), name=f"open {name}", context=context)
    return _Opening(task, clock)


async def _run(open_link: Callable[[], Awaitable[Link]]) -> Link:
    return await open_link()


def _unusable(name: str, error: HostUnreachable) -> HostUnreachable:
    return HostUnreachable(f"{name} cannot be used: {error}")
