"""The lock on the master: one kscan at a time, from whichever machine it comes."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from scanner.cluster.connections import Connections
from scanner.cluster.script import Answer, build
from scanner.errors import ClusterError

_LONGEST = 7 * 24 * 3600.0
_SECONDS = 20.0

_IS_OURS = """\
tries=0
until [ "$(cat /run/kscan.lock 2>/dev/null)" = {holder} ]; do
	tries=$((tries + 1))
	[ "$tries" -lt 60 ] || exit 1
	sleep 0.2 2>/dev/null || sleep 1
done
"""


@asynccontextmanager
async def master_lock(connections: Connections, master: str, holder: str) -> AsyncIterator[None]:
    """Hold it for the block.

    Args:
        connections: to the master.
        master: its name.
        holder: who holds it, for whoever comes second; another one for each run.

    Raises:
        ClusterError: another kscan holds it, or there can be no lock.
        HostUnreachable: there is no connection.
    """
    script = build("lock", {"HOLDER": holder})
    holding = asyncio.create_task(
        connections.ask(master, script, seconds=_LONGEST, attempts=1), name="lock"
    )
    question = build("command", {}, _IS_OURS.format(holder=shlex.quote(holder)))
    asking = asyncio.create_task(connections.ask(master, question, seconds=_SECONDS))
    try:
        await asyncio.wait({holding, asking}, return_when=asyncio.FIRST_COMPLETED)
        if holding.done():
            raise ClusterError(f"{master}: {_why_not(holding.result())}")
        if (await asking).status != 0:
            raise ClusterError(f"{master}: the lock /run/kscan.lock could not be taken in time")
        yield
    finally:
        for task in (holding, asking):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task


def _why_not(answer: Answer) -> str:
    if "held" in answer.words:
        return f"another kscan is at work on this cluster: {answer.words['held'] or 'it begins'}"
    if "without" in answer.words:
        return "without flock(1) two runs could not be told apart: install util-linux"
    return f"the lock /run/kscan.lock cannot be taken: {answer.ended or answer.stderr}"
