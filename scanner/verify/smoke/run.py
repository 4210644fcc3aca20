"""The smoke test: make, scale, call, update, roll back, delete; and nothing is ever left."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from scanner.checks.rule import clip
from scanner.errors import HostUnreachable
from scanner.transport.base import Session
from scanner.verdict import Verdict
from scanner.verify.answered import ApiFailed
from scanner.verify.api import Api
from scanner.verify.objects import mapping
from scanner.verify.reply import Reply
from scanner.verify.result import VerifyResult
from scanner.verify.smoke import leftovers, tries, workload
from scanner.verify.smoke.attempt import (
    POLL,
    Attempt,
    SmokeOptions,
    StepFailed,
    StepUnknown,
    StepWarned,
    now,
)
from scanner.verify.smoke.caller import Place, place_of
from scanner.verify.smoke.steps import NEEDS, Smoke
from scanner.verify.smoke.workload import Workload

_LOG = logging.getLogger(__name__)
_UNDO_SECONDS = 30.0
_BUSY = frozenset({429, 500, 502, 503, 504})
_LEFT = (
    "Delete it when the API server answers again: `kubectl delete namespace`; the next --smoke "
    "does it too."
)
_FINALIZERS = (
    "See `kubectl get namespace -o yaml` and what is left in it: a finalizer waits for a "
    "controller or an API service that does not answer."
)


async def smoke_test(
    session: Session | None,
    api: Api,
    options: SmokeOptions,
    say: Callable[[VerifyResult], None],
) -> None:
    """Try all of it; each result is said as soon as it is known.

    Args:
        session: of a node, whose way to the Service is taken; None: there is no such way.
        api: an open login.
        options: the image and the time.
        say: called once for each step.
    """
    name = f"{workload.MANAGER}-{secrets.token_hex(4)}"
    run = Attempt(session, api, options, Workload(name, options.image), say)
    began = time.monotonic()
    spared = await leftovers.remove(api, now())
    heart = asyncio.create_task(leftovers.keep_alive(api, run.workload.space))
    try:
        await _steps(run)
        gone = await _delete(run, wait=True) if run.made else _nothing()
        say(gone)
    except BaseException:
        # also for Ctrl-C: a task that is cancelled may still ask, and the API server does the rest
        left = await _delete(run, wait=False) if run.made else _nothing()
        if left.verdict is Verdict.FAIL:
            _LOG.warning("%s: %s", left.message, left.remedy)
        raise
    finally:
        heart.cancel()
        await asyncio.wait({heart})
    await leftovers.remove_silent(api, spared, began)


async def _steps(run: Attempt) -> None:
    await _step(run, Smoke.CREATE, tries.create)
    await _step(run, Smoke.SCALE, tries.scale)
    try:
        async with _way(run) as place:
            await _step(run, Smoke.ADDRESS, lambda run: tries.by_address(run, place))
            await _step(run, Smoke.NAME, tries.by_name)
            await _step(run, Smoke.UPDATE, lambda run: tries.update(run, place))
            await _step(run, Smoke.ROLLBACK, lambda run: tries.roll_back(run, place))
    except HostUnreachable as error:
        _rest(run, str(error))


_CALLED = (Smoke.ADDRESS, Smoke.NAME, Smoke.UPDATE, Smoke.ROLLBACK)


def _rest(run: Attempt, reason: str) -> None:
    for step in _CALLED:
        run.say(not_known(step, reason))


@asynccontextmanager
async def _way(run: Attempt) -> AsyncIterator[Place]:
    if run.failed or run.session is None:
        yield Place("", 0)  # nothing is asked there
        return
    async with place_of(run.session, run.address, workload.PORT) as place:
        yield place


async def _step(run: Attempt, step: Smoke, work: Callable[[Attempt], Awaitable[str]]) -> None:
    """Do one step, if those before it went well, and say how it ended."""
    if run.failed:
        run.say(not_known(step, f"not tried, because {run.failed} failed"))
        return
    if run.session is None and step in _CALLED:
        why = "not tried: a Service is called from a node, and no host is reached over SSH"
        run.say(not_known(step, why))
        return
    try:
        message = await work(run)
    except StepWarned as error:
        run.say(_warned(step, str(error)))
        return
    except StepFailed as error:
        run.say(_bad(step, str(error)))
    except (ApiFailed, StepUnknown) as error:
        run.say(not_known(step, f"could not be known: {error}"))
    else:
        run.say(VerifyResult(step, "", Verdict.PASS, message, depends=_before(step)))
        return
    if step in NEEDS.values():
        run.failed = step


def _before(step: Smoke) -> tuple[str, ...]:
    return (NEEDS[step].value,) if step in NEEDS else ()


def _bad(step: Smoke, message: str, remedy: str = "") -> VerifyResult:
    return VerifyResult(
        step,
        "",
        Verdict.FAIL,
        clip(message),
        depends=_before(step),
        remedy=remedy or "See `kubectl get events -A`; with an image of your own: --smoke-image.",
        blocking=True,
    )


def _warned(step: Smoke, message: str) -> VerifyResult:
    remedy = "See `journalctl -u kubelet` on the pods' nodes: what ends so late costs every update."
    return VerifyResult(step, "", Verdict.WARN, clip(message), depends=_before(step), remedy=remedy)


def not_known(step: Smoke, reason: str) -> VerifyResult:
    """The result of a step that could not be tried."""
    return VerifyResult(
        step, "", Verdict.UNKNOWN, clip(reason), depends=_before(step), blocking=True
    )


def _nothing() -> VerifyResult:
    return not_known(Smoke.DELETE, "nothing was made, so nothing was deleted")


async def _delete(run: Attempt, *, wait: bool) -> VerifyResult:
    """Take the namespace away, and wait until it is gone or leave that to the API server."""
    space, began = run.workload.space, time.monotonic()
    deadline = began + (max(run.options.seconds, _UNDO_SECONDS) if wait else _UNDO_SECONDS)
    try:
        reply = await _answered(lambda: run.api.ask("DELETE", space.path), deadline)
        if reply.is_absent:
            return _nothing()
        if not reply.is_good:
            return _bad(Smoke.DELETE, f"{space} is left: {reply.reason}", _LEFT)
        while wait and time.monotonic() < deadline:
            reply = await _answered(lambda: run.api.get(space.path), deadline)
            if reply.is_absent:
                message = f"gone after {time.monotonic() - began:.1f} s"
                return VerifyResult(Smoke.DELETE, "", Verdict.PASS, message)
            await asyncio.sleep(POLL)
    except ApiFailed as error:
        return _bad(Smoke.DELETE, f"{space} is left: {error}", _LEFT)
    if not reply.is_good:
        return not_known(Smoke.DELETE, f"whether {space} is gone: {reply.reason}")
    why = workload.why_it_stays(mapping(reply.body))
    return _bad(Smoke.DELETE, f"{space} is still there: {why}", _FINALIZERS)


async def _answered(ask: Callable[[], Awaitable[Reply]], deadline: float) -> Reply:
    """Ask again while the API server is away or busy: what was made must not stay for that.

    Raises:
        ApiFailed: it is still away at the deadline.
    """
    while True:
        try:
            reply = await ask()
            if reply.status not in _BUSY or time.monotonic() > deadline:
                return reply
        except ApiFailed:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(POLL)
