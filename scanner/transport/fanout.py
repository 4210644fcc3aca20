"""Run one coroutine for each host: so many at once, a deadline for each, results as they come."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from scanner.errors import HostUnreachable, ProbeFailed
from scanner.transport.clock import HostClock, set_host_clock
from scanner.transport.places import Place, Places

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from scanner.errors import Hurdle

Item = TypeVar("Item")
Value = TypeVar("Value")

AT_ONCE = 256
"""Hosts that are worked on at the same time: a socket each, far from the usual limit of 1024."""

_MOST_TIMES = 10


@dataclass(frozen=True, slots=True)
class Done(Generic[Value]):
    """What the work returned."""

    value: Value
    seconds: float
    """Since this host's start, waiting for our own limits included."""
    retried: Mapping[Hurdle, int] = field(default_factory=dict)
    """Connections that were tried after the first one, by their cause."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Why the work could not be done for this host; an expected failure, never a bug."""

    error: HostUnreachable | ProbeFailed
    seconds: float
    retried: Mapping[Hurdle, int] = field(default_factory=dict)


Outcome: TypeAlias = Done[Value] | Failed


async def fan_out(
    items: Iterable[Item],
    work: Callable[[Item], Awaitable[Value]],
    on_done: Callable[[Item, Outcome[Value]], None],
    *,
    at_once: int = AT_ONCE,
    most: int | None = None,
    deadline: float | None = None,
) -> None:
    """Run `work` for each item and hand over each outcome as soon as it is there.

    A callback and not an async generator: what has been handed over cannot be lost when the run
    is interrupted, and a generator may not yield from inside a TaskGroup (PEP 789). An item costs
    a task and a timer only between its start and its end, whatever the number of items.

    Args:
        items: the hosts, started in this order.
        work: the coroutine function; it may raise HostUnreachable or ProbeFailed.
        on_done: called once for each item, in the order in which they end.
        at_once: items being worked on at the same time; one that steps aside does not count, nor
            one that is waited for in vain.
        most: items between their start and their end, those included; None = 10 times `at_once`.
        deadline: seconds for each item from its own start; None has no limit.

    Raises:
        ExceptionGroup: `work` or `on_done` has a bug; everything else was cancelled.
    """
    places = Places(at_once, _MOST_TIMES * at_once if most is None else most)

    async def run(item: Item, place: Place) -> None:
        start = time.monotonic()
        clock = HostClock(deadline, place)
        set_host_clock(clock)
        outcome: Outcome[Value]
        try:
            async with clock:
                value = await work(item)
            outcome = Done(value, time.monotonic() - start, clock.retried)
        except (HostUnreachable, ProbeFailed) as error:
            # the traceback would keep the frames of each failed host alive until the report
            error = error.with_traceback(None)
            outcome = Failed(error, time.monotonic() - start, clock.retried)
        except TimeoutError:
            if not clock.expired or deadline is None:
                raise
            outcome = Failed(clock.why_late(deadline), time.monotonic() - start, clock.retried)
        finally:
            clock.leave()
        on_done(item, outcome)

    async with asyncio.TaskGroup() as group:
        for item in items:
            place = Place(places)
            await place.take()
            group.create_task(run(item, place))
