"""Work that blocks, in a thread of its own that nobody has to wait for."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


async def in_daemon(work: Callable[[], T]) -> T:
    """Let a thread do it and wait for that.

    Who does not wait any more leaves the thread to itself. asyncio's own threads would be waited
    for when the loop ends, for ever where a server sends one byte a second.
    """
    ended: Future[T] = Future()

    def run() -> None:
        if not ended.set_running_or_notify_cancel():
            return
        try:
            ended.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            ended.set_exception(error)

    threading.Thread(target=run, name="kscan-api", daemon=True).start()
    return await asyncio.wrap_future(ended)
