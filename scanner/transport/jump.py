"""Jump hosts: one connection for all hosts behind the same one, however long the way to it is."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
from typing import TYPE_CHECKING, Generic, TypeVar

from scanner.errors import HostUnreachable
from scanner.transport.clock import host_clock, set_host_clock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from scanner.transport.prompt import HostKeyPrompt

Link = TypeVar("Link")


class JumpHosts(Generic[Link]):
    """Opens each jump host once, for the first host that needs it; the others wait for it.

    The opening is a task of its own, because it must outlive the host that came first, whose time
    may be up; no host's clock runs in it or while waiting for it.
    """

    def __init__(self, prompt: HostKeyPrompt | None):
        self._prompt = prompt
        self._tasks: dict[Hashable, asyncio.Task[Link]] = {}

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
        task = self._tasks.get(key)
        if task is None:
            context = contextvars.copy_context()
            context.run(set_host_clock, None)
            task = asyncio.create_task(_run(open_link), name=f"open {name}", context=context)
            self._tasks[key] = task
        try:
            if task.done():
                return task.result()
            behind = self._prompt.behind(name) if self._prompt else contextlib.nullcontext()
            async with host_clock().aside():
                with behind:
                    return await asyncio.shield(task)
        except HostUnreachable as error:
            raise HostUnreachable(f"{name} cannot be used: {error}") from None

    async def close(self, close_link: Callable[[Link], Awaitable[None]]) -> None:
        """End what is still being opened, and close the rest."""
        tasks = list(self._tasks.values())
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        # a failure was told to every host behind it
        opened = [task for task in tasks if not task.cancelled() and task.exception() is None]
        # together, because one that is deaf takes its time, and carries the ones behind it
        await asyncio.gather(*(close_link(task.result()) for task in opened))


async def _run(open_link: Callable[[], Awaitable[Link]]) -> Link:
    return await open_link()
