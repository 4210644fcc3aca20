"""The smoke test: make, scale, call, update, roll back, delete; and nothing is ever left."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from scanner.checks.rule import clip
from scanner.errors import HostUnreachable
from scanner.transport.base import Session
from scanner.verdict import Verdict
from scanner.verify.api import Api, ApiFailed, Reply
from scanner.verify.dns import SERVICE as DNS_SERVICE
from scanner.verify.objects import Object, collection, name_of, text
from scanner.verify.result import VerifyResult
from scanner.verify.rollout import unfinished
from scanner.verify.smoke import leftovers, workload
from scanner.verify.smoke.caller import (
    DNS_PORT,
    CallFailed,
    Load,
    Place,
    place_of,
    resolve,
    who_answers,
)
from scanner.verify.smoke.steps import Smoke
from scanner.verify.smoke.workload import Workload

_REPLICAS = 3
_POLL = 0.5
_PAUSE = 0.05
"""Seconds between two requests while a rolling update goes on."""
_AFTER = 2.0
"""Seconds of requests after the update's end."""
_UNDO_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class SmokeOptions:
    """What the user chose."""

    image: str
    seconds: float = 120.0
    """For each step."""
    dns_domain: str = "cluster.local"


class StepFailed(Exception):
    """A step did not do what it should; the message says what was seen."""


class StepUnknown(Exception):
    """A step could not be tried; the message says why."""


@dataclass(slots=True)
class _Run:
    session: Session | None
    api: Api
    options: SmokeOptions
    workload: Workload
    say: Callable[[VerifyResult], None]
    failed: str = ""
    """The id of the step that failed; those after it are not tried."""
    address: str = ""
    load: Load | None = field(default=None)


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

    Raises:
        UsageError: the image is no reference.
    """
    image = workload.checked_image(options.image)
    name = f"{workload.MANAGER}-{secrets.token_hex(4)}"
    run = _Run(session, api, options, Workload(name, image), say)
    await leftovers.remove(api, _now())
    heart = asyncio.create_task(leftovers.keep_alive(api, run.workload.space))
    try:
        await _steps(run)
    finally:
        heart.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await heart
        # a cancelled task may still await: this is what Ctrl-C waits for
        deleted = await _delete(run)
    say(deleted)
    await leftovers.remove(api, _now())


async def _steps(run: _Run) -> None:
    await _step(run, Smoke.CREATE, _create)
    await _step(run, Smoke.SCALE, _scale)
    try:
        async with _way(run) as place:
            await _step(run, Smoke.ADDRESS, lambda run: _by_address(run, place))
            await _step(run, Smoke.NAME, _by_name)
            await _step(run, Smoke.UPDATE, lambda run: _update(run, place))
            await _step(run, Smoke.ROLLBACK, lambda run: _roll_back(run, place))
    except HostUnreachable as error:
        _rest(run, str(error))


_CALLED = (Smoke.ADDRESS, Smoke.NAME, Smoke.UPDATE, Smoke.ROLLBACK)


def _rest(run: _Run, reason: str) -> None:
    for step in _CALLED:
        run.say(_unknown(step, reason))


@asynccontextmanager
async def _way(run: _Run) -> AsyncIterator[Place]:
    if run.failed or run.session is None:
        yield Place("", 0)  # nothing is asked there
        return
    async with place_of(run.session, run.address, workload.PORT) as place:
        yield place


async def _step(run: _Run, step: Smoke, work: Callable[[_Run], Awaitable[str]]) -> None:
    """Do one step, if those before it went well, and say how it ended."""
    if run.failed:
        run.say(_unknown(step, f"not tried, because {run.failed} failed"))
        return
    if run.session is None and step in _CALLED:
        why = "not tried: a Service is called from a node, and no host is reached over SSH"
        run.say(_unknown(step, why))
        return
    try:
        message = await work(run)
        run.say(VerifyResult(step, "", Verdict.PASS, message, depends=_before(step)))
    except StepFailed as error:
        run.failed = step
        run.say(_bad(step, str(error)))
    except (ApiFailed, StepUnknown) as error:
        run.failed = step
        run.say(_unknown(step, f"could not be known: {error}"))


def _before(step: Smoke) -> tuple[str, ...]:
    steps = list(Smoke)
    place = steps.index(step)
    return (steps[place - 1].value,) if 0 < place < len(steps) - 1 else ()


def _bad(step: Smoke, message: str) -> VerifyResult:
    return VerifyResult(
        step,
        "",
        Verdict.FAIL,
        clip(message),
        depends=_before(step),
        remedy="See `kubectl get events -A`; with an image of your own: --smoke-image.",
        blocking=True,
    )


def _unknown(step: Smoke, reason: str) -> VerifyResult:
    return VerifyResult(
        step, "", Verdict.UNKNOWN, clip(reason), depends=_before(step), blocking=True
    )


async def _create(run: _Run) -> str:
    until = _now() + leftovers.LIFE
    for document in run.workload.documents(until):
        kind = text(document, "kind")
        namespace = text(document, "metadata", "namespace")
        reply = await run.api.ask("POST", collection(kind, namespace), document)
        _good(reply, f"{kind} was not made")
    seconds = await _rolled_out(run)
    service = await _read(run, run.workload.service.path)
    run.address = text(service, "spec", "clusterIP")
    try:
        ipaddress.ip_address(run.address)
    except ValueError:
        raise StepFailed("the Service was given no address") from None
    return f"available after {seconds:.1f} s"


async def _scale(run: _Run) -> str:
    path = run.workload.deployment.path
    _good(await run.api.ask("PATCH", path, {"spec": {"replicas": _REPLICAS}}), "it was not scaled")
    seconds = await _rolled_out(run)
    return f"{_REPLICAS} pods available after {seconds:.1f} s"


async def _by_address(run: _Run, place: Place) -> str:
    wanted = workload.ready_pods(await _pods(run))
    seen: set[str] = set()
    said = ""
    deadline = time.monotonic() + run.options.seconds
    while not wanted <= seen:
        if time.monotonic() > deadline:
            missing = ", ".join(sorted(wanted - seen))
            raise StepFailed(
                f"{run.address}:{workload.PORT} never led to {missing}" + (said and f": {said}")
            )
        try:
            seen.add(await who_answers(place))
        except CallFailed as error:
            said = str(error)
            await asyncio.sleep(_POLL)
    return f"all {len(wanted)} pods answered at {run.address}"


async def _by_name(run: _Run) -> str:
    assert run.session is not None  # noqa: S101 - _step has looked
    service = await _read(run, DNS_SERVICE.path)
    server = text(service, "spec", "clusterIP")
    name = f"smoke.{run.workload.namespace}.svc.{run.options.dns_domain}"
    said, deadline = "", time.monotonic() + run.options.seconds
    try:
        async with place_of(run.session, server, DNS_PORT) as place:
            while time.monotonic() < deadline:
                try:
                    found = await resolve(place, name, v6=":" in run.address)
                    if run.address in found:
                        return f"{name} is {run.address}"
                    said = f"it is {', '.join(found) or 'without an address'}"
                except CallFailed as error:
                    said = str(error)
                await asyncio.sleep(_POLL)
    except HostUnreachable as error:
        raise StepUnknown(str(error)) from None
    raise StepFailed(f"{name}, asked of {server}: {said}; need {run.address}")


async def _update(run: _Run, place: Place) -> str:
    before = workload.ready_pods(await _pods(run))
    load = Load(place)
    calls = asyncio.create_task(load.run(_PAUSE))
    try:
        path = run.workload.deployment.path
        _good(await run.api.ask("PATCH", path, workload.changed("second")), "it was not updated")
        seconds = await _rolled_out(run)
        await _gone(run, before)
        await asyncio.sleep(_AFTER)
    finally:
        calls.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await calls
    total = load.answered + len(load.failures)
    if load.failures:
        kinds = "; ".join(dict.fromkeys(load.failures))
        raise StepFailed(f"{len(load.failures)} of {total} requests failed: {kinds}")
    if not load.pods - before:
        raise StepFailed(f"none of {total} requests was answered by a new pod")
    return f"{total} requests, none failed, in {seconds:.1f} s"


async def _roll_back(run: _Run, place: Place) -> str:
    before = workload.ready_pods(await _pods(run))
    listed = await run.api.all(collection("ReplicaSet", run.workload.namespace))
    if isinstance(listed, Reply):
        raise StepFailed(listed.reason)
    patch = workload.rolled_back(listed)
    if patch is None:
        raise StepFailed("the Deployment has kept no ReplicaSet of its first revision")
    _good(await run.api.ask("PATCH", run.workload.deployment.path, patch), "it was not rolled back")
    seconds = await _rolled_out(run)
    await _gone(run, before)
    first = next(
        name_of(found)
        for found in listed
        if text(found, "metadata", "annotations", workload.REVISION) == "1"
    )
    try:
        answered = await who_answers(place)
    except CallFailed as error:
        raise StepFailed(f"after it, the Service: {error}") from None
    if not answered.startswith(f"{first}-"):
        raise StepFailed(f"after it, {answered} answers, which is not of {first}")
    return f"the first revision answers again after {seconds:.1f} s"


async def _delete(run: _Run) -> VerifyResult:
    """Take the namespace away and wait until it is gone."""
    try:
        reply = await run.api.ask("DELETE", run.workload.space.path)
        if reply.status == leftovers.ABSENT:
            return _unknown(Smoke.DELETE, "nothing was made, so nothing was deleted")
        if not reply.is_good:
            return _bad(Smoke.DELETE, f"{run.workload.space}: {reply.reason}")
        began = time.monotonic()
        while time.monotonic() - began < max(run.options.seconds, _UNDO_SECONDS):
            reply = await run.api.get(run.workload.space.path)
            if reply.status == leftovers.ABSENT:
                message = f"gone after {time.monotonic() - began:.1f} s"
                return VerifyResult(Smoke.DELETE, "", Verdict.PASS, message)
            await asyncio.sleep(_POLL)
    except ApiFailed as error:
        return _bad(Smoke.DELETE, f"{run.workload.space} is left: {error}")
    return _bad(Smoke.DELETE, f"{run.workload.space} is still there: see its finalizers")


async def _rolled_out(run: _Run) -> float:
    """Wait until the Deployment is; seconds that it took.

    Raises:
        StepFailed: it is not in time.
        StepUnknown: its image cannot be had, which says nothing of the cluster.
    """
    began = time.monotonic()
    clauses: list[str] = []
    while time.monotonic() - began < run.options.seconds:
        found = await _read(run, run.workload.deployment.path)
        clauses = list(unfinished("Deployment", found))
        if not clauses:
            return time.monotonic() - began
        why = workload.why_not(await _pods(run))
        if why.startswith(("ErrImage", "ImagePull", "InvalidImageName", "ErrImageNeverPull")):
            await asyncio.sleep(_POLL)
            if time.monotonic() - began > run.options.seconds / 4:
                raise StepUnknown(f"{why}: name an image that the nodes have by --smoke-image")
            continue
        await asyncio.sleep(_POLL)
    why = workload.why_not(await _pods(run))
    raise StepFailed(
        f"not rolled out within {run.options.seconds:g} s: {'; '.join(clauses)}"
        + (f": {why}" if why else "")
    )


async def _gone(run: _Run, before: frozenset[str]) -> None:
    """Wait until none of these pods is left.

    Raises:
        StepFailed: some are still there.
    """
    deadline = time.monotonic() + run.options.seconds
    while left := before & {name_of(pod) for pod in await _pods(run)}:
        if time.monotonic() > deadline:
            raise StepFailed(f"{', '.join(sorted(left))} did not end")
        await asyncio.sleep(_POLL)


async def _pods(run: _Run) -> tuple[Object, ...]:
    listed = await run.api.all(collection("Pod", run.workload.namespace))
    if isinstance(listed, Reply):
        raise StepFailed(listed.reason)
    return listed


async def _read(run: _Run, path: str) -> Object:
    reply = await run.api.get(path)
    _good(reply, f"{path} cannot be read")
    return reply.body if isinstance(reply.body, dict) else {}


def _good(reply: Reply, what: str) -> None:
    if not reply.is_good:
        raise StepFailed(f"{what}: {reply.reason}")


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
