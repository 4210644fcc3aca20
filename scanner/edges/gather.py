"""Asks the hosts, wave by wave: one command on each, whatever the number of its edges."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from scanner.edges import crew as crews
from scanner.edges.answers import Answer, parse_answer
from scanner.edges.crew import Crew
from scanner.edges.forwarded import forwarded
from scanner.edges.patience import LEAVE_SECONDS, UP_SECONDS, Patience
from scanner.edges.plan import Plan
from scanner.edges.questions import (
    LISTEN_SECONDS,
    dial_seconds,
    listens_on,
    program,
    questions,
)
from scanner.edges.talk import Talk
from scanner.edges.tally import Tally
from scanner.errors import ProbeFailed
from scanner.request import Host
from scanner.transport.base import Completed, Session, Transport
from scanner.transport.descriptors import connections_at_once
from scanner.transport.fanout import Done, Outcome, fan_out

COMMAND = "sh -s"
"""As the login itself: ports above 1023 can be opened, and all can be dialled, without root."""

_GRACE = 10.0
"""Seconds beyond the program's own time, for the login and the answer."""
_LOG = logging.getLogger(__name__)

Ended: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Found:
    """What one host gave."""

    answer: Answer
    listened: frozenset[str] = frozenset()
    """Ports on which it has listened until it was told to end."""


class Gatherer:
    """One run over the hosts of a plan; what is known stays known when it is cancelled.

    Args:
        plan: who dials whom.
        hosts: of the plan's peers, in their order.
        transport: opens the sessions.
        tally: takes the answers.
        at_once: hosts that are worked on at the same time where they do not listen.
        patience: seconds that a host is given; a hung one costs no more before it has begun.
        ended: called with how many hosts have dialled all that they were asked, and how many there
            are; a host that takes part in several waves counts in each.
    """

    def __init__(
        self,
        plan: Plan,
        hosts: Sequence[Host],
        transport: Transport,
        tally: Tally,
        at_once: int,
        *,
        patience: float,
        ended: Ended,
    ) -> None:
        self._plan = plan
        self._hosts = hosts
        self._transport = transport
        self._tally = tally
        self._at_once = at_once
        self._patience = patience
        self._token = secrets.token_hex(16)
        self._notice = ended
        self._ended: set[tuple[int, int]] = set()
        self._open = {
            (wave, host)
            for wave, members in enumerate(plan.waves)
            for host in members
            if plan.asks_endpoint(wave, host) or plan.dials(wave, host) or listens_on(plan, host)
        }
        self._total = len(self._open)

    async def run(self) -> None:
        """Ask all of them."""
        plan = self._plan
        words = "a sample of " if plan.sampled else ""
        _LOG.info("%d hosts dial %s%d edges", len(plan.peers), words, plan.possible)
        self._notice(0, self._total)
        for wave in range(len(self._plan.waves)):
            members = [host for host in self._plan.waves[wave] if (wave, host) in self._open]
            if self._plan.mode.listens:
                await self._together(wave, members)
            else:
                await self._each(wave, members)

    def leave(self) -> None:
        """Nothing more comes: what was not asked is not known."""
        for wave, host in sorted(self._open):
            self._tally.missing(wave, host, "interrupted before it had dialled")
        self._open.clear()

    async def _each(self, wave: int, members: Sequence[int]) -> None:
        def take(host: int, outcome: Outcome[_Found]) -> None:
            self._end(wave, host)
            self._take(wave, host, outcome, {})

        await fan_out(
            members,
            lambda host: self._ask(wave, host, None),
            take,
            at_once=self._at_once,
            most=connections_at_once(),
            deadline=max((self._seconds(wave, host) for host in members), default=0.0) + _GRACE,
        )

    async def _together(self, wave: int, members: Sequence[int]) -> None:
        crew = Crew(members)
        found: dict[int, Outcome[_Found]] = {}

        def take(host: int, outcome: Outcome[_Found]) -> None:
            self._end(wave, host)
            found[host] = outcome

        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(crew.conduct())
                await fan_out(
                    members,
                    lambda host: self._ask(wave, host, crew),
                    take,
                    at_once=len(members),
                    most=connections_at_once(),
                    deadline=LISTEN_SECONDS + _GRACE,
                )
        finally:
            listened = {
                host: outcome.value.listened
                for host, outcome in found.items()
                if isinstance(outcome, Done)
            }
            for host, outcome in found.items():
                self._take(wave, host, outcome, listened)

    def _end(self, wave: int, host: int) -> None:
        """One host has dialled all, or has failed; told of twice, it counts once."""
        self._ended.add((wave, host))
        self._notice(len(self._ended), self._total)

    def _take(
        self,
        wave: int,
        host: int,
        outcome: Outcome[_Found],
        listened: dict[int, frozenset[str]],
    ) -> None:
        self._open.discard((wave, host))
        if isinstance(outcome, Done):
            self._tally.take(wave, host, outcome.value.answer, listened)
            return
        _LOG.info("%s: its edges are not known: %s", self._hosts[host].name, outcome.error)
        self._tally.missing(wave, host, str(outcome.error))

    def _seconds(self, wave: int, host: int) -> float:
        edges = sum(len(dial.ports) for dial in self._plan.dials(wave, host))
        return dial_seconds(edges, self._patience)

    async def _ask(self, wave: int, host: int, crew: Crew | None) -> _Found:
        try:
            async with Patience() as patience:
                if crew is not None:  # who is later than that is sent away
                    patience.within(crews.READY_SECONDS, "its login takes too long")
                async with self._transport.connect(self._hosts[host]) as session:
                    return await self._asked(session, wave, host, crew, patience)
        finally:
            if crew is not None:
                crew.leave(host)

    async def _asked(
        self, session: Session, wave: int, host: int, crew: Crew | None, patience: Patience
    ) -> _Found:
        boundary = f"kscan-{secrets.token_hex(16)}"
        text = questions(self._plan, wave, host, self._token)
        seconds = LISTEN_SECONDS if crew is not None else self._seconds(wave, host)

        def done() -> None:  # a listener goes on until all others have
            self._end(wave, host)
            if crew is not None:
                crew.done(host)
            else:
                talk.stop()

        talk = Talk(
            boundary,
            text,
            None if crew is None else lambda: crew.ready(host),
            done,
            up=patience.rest,
            stopped=lambda: patience.within(
                LEAVE_SECONDS, "it was told to end, and has not given its answer"
            ),
        )
        if crew is not None:
            crew.join(host, talk)
        up = min(UP_SECONDS, self._patience)
        patience.within(up, f"its login has not started what dials within {up:g} s")
        ran = await session.run(
            COMMAND,
            stdin=program(boundary, listens=crew is not None, seconds=seconds),
            timeout=seconds + _GRACE / 2,
            last_line=f"{boundary} over".encode(),
            dialogue=talk,
        )
        patience.rest()
        dials = self._plan.dials(wave, host)
        endpoint = self._plan.asks_endpoint(wave, host)
        if talk.program == "none":
            if crew is not None:
                crew.ready(host)
                await crew.begins()
            return _Found(await forwarded(session, self._plan, dials, endpoint=endpoint))
        try:
            answer = parse_answer(ran.stdout, boundary, dials, endpoint=endpoint)
        except ProbeFailed as error:
            raise ProbeFailed(_why(talk, ran) or str(error)) from error
        is_over = ran.exit_status == 0 or f"\n{boundary} over\n".encode() in ran.stdout
        stayed = talk.was_stopped and is_over
        return _Found(answer, answer.listening if stayed else frozenset())


def _why(talk: Talk, done: Completed) -> str:
    """What kept a host from answering; empty if nothing is known of it."""
    said = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
    if not talk.program:
        return f"its login does not run what dials: {said or done.ended or 'it says nothing'}"
    if talk.was_stopped:
        return "it did not come to an end while the others waited"
    if done.ended or done.exit_status:
        return f"its {talk.program} has ended early: {done.ended or f'status {done.exit_status}'}"
    return ""
