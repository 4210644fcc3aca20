from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest

from scanner.errors import HostUnreachable, ProbeFailed, TimedOut
from scanner.transport.clock import HostClock, host_clock
from scanner.transport.fanout import Done, Failed, Outcome, fan_out


class Results:
    def __init__(self) -> None:
        self.by_item: dict[int, Outcome[str]] = {}
        self.order: list[int] = []

    def __call__(self, item: int, outcome: Outcome[str]) -> None:
        assert item not in self.by_item
        self.by_item[item] = outcome
        self.order.append(item)

    def error(self, item: int) -> Exception:
        outcome = self.by_item[item]
        assert isinstance(outcome, Failed)
        return outcome.error


async def test_each_item_comes_once_in_the_order_of_the_ends() -> None:
    results = Results()

    async def work(item: int) -> str:
        await asyncio.sleep((3 - item) * 0.05)
        return f"host {item}"

    await fan_out([1, 2, 3], work, results)
    assert results.order == [3, 2, 1]
    done = results.by_item[2]
    assert isinstance(done, Done)
    assert done.value == "host 2"
    assert 0.04 < done.seconds < 1


async def test_expected_failures_are_values() -> None:
    results = Results()

    async def work(item: int) -> str:
        if item == 1:
            raise HostUnreachable("no route")
        if item == 2:
            raise ProbeFailed("cut")
        return "fine"

    await fan_out([1, 2, 3], work, results)
    assert str(results.error(1)) == "no route"
    assert isinstance(results.error(2), ProbeFailed)
    assert results.error(1).__traceback__ is None
    assert isinstance(results.by_item[3], Done)


async def test_a_bug_cancels_everything_and_is_raised() -> None:
    results = Results()
    cancelled = 0

    async def work(item: int) -> str:
        nonlocal cancelled
        if item == 2:
            await asyncio.sleep(0.01)
            raise TypeError("a bug")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled += 1
            raise
        return ""

    with pytest.raises(ExceptionGroup) as raised:
        await fan_out(range(5), work, results)
    assert raised.group_contains(TypeError, match="a bug")
    assert cancelled == 4
    assert results.order == []


async def test_a_timeout_that_is_not_the_deadline_is_a_bug() -> None:
    async def work(item: int) -> str:
        raise TimeoutError(item)

    with pytest.raises(ExceptionGroup):
        await fan_out([1], work, Results(), deadline=10)


async def test_only_so_many_at_once() -> None:
    running = 0
    most = 0

    async def work(item: int) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        return str(item)

    results = Results()
    await fan_out(range(100), work, results, at_once=7)
    assert most == 7
    assert len(results.order) == 100


async def test_many_items_cost_nothing_before_their_start() -> None:
    most_tasks = 0
    taken = 0

    def items() -> Iterator[int]:
        nonlocal taken
        for number in range(5000):
            taken += 1
            yield number

    async def work(item: int) -> str:
        nonlocal most_tasks
        most_tasks = max(most_tasks, len(asyncio.all_tasks()))
        assert taken <= len(results.order) + 50 + 1
        await asyncio.sleep(0)
        return str(item)

    results = Results()
    await fan_out(items(), work, results, at_once=50, deadline=60)
    assert len(results.order) == 5000
    assert most_tasks < 60


async def test_the_deadline_counts_from_the_items_own_start() -> None:
    results = Results()

    async def work(item: int) -> str:
        await asyncio.sleep(60 if item == 3 else 0.15)
        return ""

    await fan_out(range(6), work, results, at_once=1, deadline=0.3)
    assert isinstance(results.error(3), TimedOut)
    assert "0.3 s" in str(results.error(3))
    assert sum(isinstance(outcome, Done) for outcome in results.by_item.values()) == 5


async def test_interruption_keeps_what_is_finished() -> None:
    results = Results()

    async def work(item: int) -> str:
        await asyncio.sleep(0 if item < 3 else 60)
        return ""

    task = asyncio.create_task(fan_out(range(10), work, results, at_once=5))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(results.order) == [0, 1, 2]


async def test_cancelling_a_host_from_inside_is_no_result() -> None:
    async def work(_: int) -> str:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await asyncio.sleep(60)
        return ""

    results = Results()
    await fan_out([1], work, results)
    assert results.order == []


async def test_a_paused_clock_stands_still() -> None:
    start = time.monotonic()
    with pytest.raises(TimeoutError):  # noqa: PT012 # the time before it is what is tested
        async with HostClock(0.2) as clock:
            with clock.paused(), clock.paused():
                await asyncio.sleep(0.4)
            assert not clock.expired
            await asyncio.sleep(60)
    assert clock.expired
    assert 0.55 < time.monotonic() - start < 2


async def test_a_clock_without_a_limit() -> None:
    async with HostClock() as clock:
        with clock.paused():
            pass
        async with clock.aside():
            pass
    assert not clock.expired
    assert not host_clock().expired


async def test_who_steps_aside_lets_others_have_the_place() -> None:
    """More waiting hosts than places: all of them must get to the question."""
    waiting = 0
    question = asyncio.Event()

    async def work(item: int) -> str:
        nonlocal waiting
        async with host_clock().aside():
            waiting += 1
            if waiting == 20:
                question.set()
            await question.wait()
            await asyncio.sleep(0.3)
        return str(item)

    results = Results()
    await fan_out(range(20), work, results, at_once=2, deadline=0.25)
    assert all(isinstance(outcome, Done) for outcome in results.by_item.values())


async def test_places_are_not_lost_when_a_waiting_host_fails() -> None:
    running = 0
    most = 0

    async def work(item: int) -> str:
        nonlocal running, most
        if item % 2:
            async with host_clock().aside():
                await asyncio.sleep(0)
                raise HostUnreachable("while aside")
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.005)
        running -= 1
        return ""

    results = Results()
    await fan_out(range(40), work, results, at_once=3)
    assert len(results.order) == 40
    assert most == 3
