"""The lock on the master: one kscan at a time, from whichever machine it comes."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from scanner.cluster.connections import Connections
from scanner.cluster.script import Answer, build
from scanner.errors import ClusterError

_LONGEST = 7 * 24 * 3600.0
_SECONDS = 20.0
_TRIES = 20
"""One each 0.2 s, or each second where the host's sleep knows only whole ones."""

_IS_OURS = """\
tries=0
until tail -n 1 /run/kscan.lock 2>/dev/null | grep -q -x -F -e {turn}; do
	tries=$((tries + 1))
	[ "$tries" -lt 60 ] || exit 1
	sleep 0.2 2>/dev/null || sleep 1
done
"""


class LockLost(ClusterError):
    """Another kscan may be at work by now: nothing more may be changed."""


class Lock(Protocol):
    """What is asked before each change."""

    def check(self) -> None:
        """Go on only if the lock is held.

        Raises:
            LockLost: it is not.
        """


class Held:
    """The lock, as long as the command on the master that holds it runs.

    Args:
        master: its name.
        holding: the command.
    """

    def __init__(self, master: str, holding: asyncio.Task[Answer]) -> None:
        self._master = master
        self._holding = holding

    def check(self) -> None:
        """See Lock.check."""
        if self._holding.done():
            raise LockLost(
                f"{self._master}: the lock /run/kscan.lock was lost with its connection "
                f"({_end(self._holding)}), and another kscan may be at work: nothing more was "
                "changed: the same command goes on"
            )


@asynccontextmanager
async def master_lock(connections: Connections, master: str, holder: str) -> AsyncIterator[Lock]:
    """Hold it for the block.

    Args:
        connections: to the master.
        master: its name.
        holder: who holds it, for whoever comes second; another one for each run, which may take
            it several times.

    Raises:
        ClusterError: another kscan holds it, or there can be no lock.
        HostUnreachable: there is no connection.
    """
    turn = secrets.token_hex(8)
    script = build("lock", {"HOLDER": holder, "TURN": turn, "TRIES": str(_TRIES)})
    holding = asyncio.create_task(
        connections.ask(master, script, seconds=_LONGEST, attempts=1), name="lock"
    )
    question = build("command", {}, _IS_OURS.format(turn=shlex.quote(turn)))
    asking = asyncio.create_task(connections.ask(master, question, seconds=_SECONDS))
    try:
        await asyncio.wait({holding, asking}, return_when=asyncio.FIRST_COMPLETED)
        if holding.done():
            raise ClusterError(f"{master}: {_why_not(holding.result())}")
        if (await asking).status != 0:
            raise ClusterError(f"{master}: the lock /run/kscan.lock could not be taken in time")
        yield Held(master, holding)
    finally:
        for task in (holding, asking):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task


def _end(holding: asyncio.Task[Answer]) -> str:
    """Why it holds the lock no longer, as a clause."""
    if holding.cancelled():
        return "it was given up"
    error = holding.exception()
    return str(error) if error is not None else holding.result().ended or "its command has ended"


def _why_not(answer: Answer) -> str:
    if "held" in answer.words:
        return (
            f"another kscan is at work on this cluster: {answer.words['held'] or 'it begins'}; of "
            "one whose machine is gone the lock ends when sshd misses it, or with `fuser -k "
            "/run/kscan.lock` there"
        )
    if "without" in answer.words:
        return "without flock(1) two runs could not be told apart: install util-linux"
    return f"the lock /run/kscan.lock cannot be taken: {answer.ended or answer.stderr}"
