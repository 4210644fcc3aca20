"""The one question about unknown host keys."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence

from scanner.cli.progress import Progress
from scanner.cli.question import read_line
from scanner.cli.tell import say
from scanner.render.harmless import harmless
from scanner.transport.settings import AskHostKeys, UnknownKey


def asker(shown: Progress) -> AskHostKeys:
    """Make the callback that shows all unknown keys of the run and takes one answer for them."""

    async def ask(keys: Sequence[UnknownKey]) -> frozenset[UnknownKey]:
        with shown.aside():
            rows = [
                (harmless(key.host), harmless(key.name), key.key_type, key.fingerprint)
                for key in keys
            ]
            from tabulate import tabulate

            table = tabulate(rows, headers=("host", "known_hosts name", "type", "fingerprint"))
            say("These host keys are in no known_hosts file:")
            say(table)
            question = "Trust them and add them to known_hosts? [yes/no] "
            say(question, nl=False)
            answer = await _line()
        return frozenset(keys) if answer.strip().lower() in {"yes", "y"} else frozenset()

    return ask


async def _line() -> str:
    """A line of stdin, without a thread: a thread that waits for it would outlive Ctrl-C."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()

    def readable() -> None:
        if not ready.done():
            ready.set_result(None)

    loop.add_reader(sys.stdin.fileno(), readable)
    try:
        await ready
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return read_line()
