"""Dials for a host that has no program for it: its sshd connects, one channel for each edge."""

from __future__ import annotations

import asyncio

from scanner.edges.answers import DROPPED, OPEN, OTHER, REFUSED, UNROUTABLE, Answer
from scanner.edges.plan import Dial, Plan
from scanner.edges.ports import EdgePort, Proto
from scanner.errors import HostUnreachable, ProbeFailed
from scanner.transport.base import Session
from scanner.transport.forward import Dialled, Forwards

_SILENCE = 3.5
_AT_ONCE = 8
"""Channels that one sshd is asked for at the same time."""
_MOST = 400
"""Edges; the others of this host stay unknown."""
_NO_PROGRAM = "it has neither python3 nor perl to dial with"

_LETTERS = {
    Dialled.OPEN: OPEN,
    Dialled.REFUSED: REFUSED,
    Dialled.SILENT: DROPPED,
    Dialled.UNROUTABLE: UNROUTABLE,
    Dialled.UNKNOWN: OTHER,
}


async def forwarded(
    session: Session, plan: Plan, dials: tuple[Dial, ...], *, endpoint: bool
) -> Answer:
    """Dial what can be dialled by SSH alone: TCP, by address; of the endpoint, by its name.

    Raises:
        HostUnreachable: the connection is lost.
        ProbeFailed: the host forwards nothing.
    """
    if not isinstance(session, Forwards):
        raise ProbeFailed(_NO_PROGRAM)
    questions = [(dial.peer, plan.ports[number]) for dial in dials for number in dial.ports]
    gate = asyncio.Semaphore(_AT_ONCE)

    async def letter(peer: int, port: EdgePort, *, asked: bool) -> str:
        if port.proto is not Proto.TCP or not asked:
            return OTHER
        async with gate:
            return await dialled(plan.peers[peer].addresses[0], port.number)

    async def dialled(host: str, port: int) -> str:
        result = await session.dial(host, port, timeout=_SILENCE)
        if result is Dialled.FORBIDDEN:
            raise ProbeFailed(f"{_NO_PROGRAM}, and its sshd forwards nothing for this login")
        return _LETTERS[result]

    failure: BaseException | None = None
    tasks: list[asyncio.Task[str]] = []
    at_endpoint: dict[str, str] | None = None
    try:
        if plan.endpoint is not None and endpoint:
            host = plan.endpoint.host
            at_endpoint = {host: await dialled(host, plan.endpoint.port)}
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(letter(peer, port, asked=number < _MOST))
                for number, (peer, port) in enumerate(questions)
            ]
    except* (HostUnreachable, ProbeFailed) as errors:
        failure = errors.exceptions[0]
    if failure is not None:
        raise failure
    return Answer(dials="".join(task.result() for task in tasks), endpoint=at_endpoint)
