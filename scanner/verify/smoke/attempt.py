"""One run of the smoke test: what its steps share, and how they wait for the cluster."""

from __future__ import annotations

import asyncio
import datetime
import re
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from scanner.transport.base import Session
from scanner.verify.api import Api
from scanner.verify.objects import Object, collection, name_of
from scanner.verify.reply import Reply
from scanner.verify.result import VerifyResult
from scanner.verify.rollout import unfinished
from scanner.verify.smoke import workload
from scanner.verify.smoke.workload import Workload

_AWAY = frozenset({401, 429, 502, 503, 504})
_MAY_NOT = re.compile(r"answers 403: .*is forbidden: User \".*\" cannot ", re.DOTALL)
"""The words of authorization (k8s.io/apiserver), not those of a quota or a policy."""
POLL = 0.5
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class SmokeOptions:
    """What the user chose."""

    image: str
    """See workload.checked_image."""
    seconds: float = 120.0
    """For each step."""
    dns_domain: str = "cluster.local"


class StepFailed(Exception):
    """A step did not do what it should; the message says what was seen."""


class StepWarned(Exception):
    """A step did what it should, but for something that the message names; the next ones go on."""


class StepUnknown(Exception):
    """A step could not be tried; the message says why."""


@dataclass(slots=True)
class Attempt:
    """One run, and how far it has come."""

    session: Session | None
    api: Api
    options: SmokeOptions
    workload: Workload
    say: Callable[[VerifyResult], None]
    failed: str = ""
    """The id of the step that failed and that those after it need: they are not tried."""
    made: bool = False
    """True if the namespace may be there."""
    address: str = ""
    """Of the Service, once it has one."""


async def uncut(asked: Coroutine[None, None, Reply]) -> Reply:
    """Wait for what makes something, also when interrupted: only what is there can be deleted."""
    work = asyncio.create_task(asked)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait({work})
        raise


async def rolled_out(run: Attempt) -> float:
    """Wait until the Deployment is; seconds that it took.

    Raises:
        StepFailed: it is not in time.
        StepUnknown: its image cannot be had, or it cannot be read.
    """
    began = time.monotonic()
    found: Object = {}
    clauses: list[str] = []
    while time.monotonic() - began < run.options.seconds:
        found = await read(run, run.workload.deployment.path)
        clauses = list(unfinished("Deployment", found))
        if not clauses:
            return time.monotonic() - began
        why = workload.why_not(await pods(run))
        if why.startswith(("ErrImage", "ImagePull", "InvalidImageName", "ErrImageNeverPull")):
            await asyncio.sleep(POLL)
            if time.monotonic() - began > run.options.seconds / 4:
                raise StepUnknown(
                    f"the image {run.workload.image} cannot be had; name one that the nodes have "
                    f"by --smoke-image: {why}"
                )
            continue
        await asyncio.sleep(POLL)
    # what is not let make any pod (a quota, a policy) says so itself
    why = workload.why_not(await pods(run)) or workload.why_none(found)
    raise StepFailed(
        f"not rolled out within {run.options.seconds:g} s: {'; '.join(clauses)}"
        + (f": {why}" if why else "")
    )


async def still_there(run: Attempt, before: frozenset[str]) -> tuple[Object, ...]:
    """Wait until none of these pods is left; those that are after the step's time.

    Raises:
        StepUnknown: the pods cannot be read.
    """
    deadline = time.monotonic() + run.options.seconds
    while True:
        left = tuple(pod for pod in await pods(run) if name_of(pod) in before)
        if not left or time.monotonic() > deadline:
            return left
        await asyncio.sleep(POLL)


async def pods(run: Attempt) -> tuple[Object, ...]:
    """All pods of the namespace.

    Raises:
        StepUnknown: they cannot be read.
    """
    listed = await run.api.all(collection("Pod", run.workload.namespace))
    if isinstance(listed, Reply):
        raise StepUnknown(f"the pods cannot be read: {listed.reason}")
    return listed


async def read(run: Attempt, path: str) -> Object:
    """One object that must be there.

    Raises:
        StepFailed: it is not.
        StepUnknown: it cannot be read.
    """
    reply = await run.api.get(path)
    if reply.is_absent:
        raise StepFailed(f"{path} does not exist")
    if not reply.is_good:
        raise StepUnknown(f"{path} cannot be read: {reply.reason}")
    return reply.body if isinstance(reply.body, dict) else {}


def good(reply: Reply, what: str) -> None:
    """Say how the API server has not done it.

    Raises:
        StepFailed: it refuses the thing itself.
        StepUnknown: it refuses this login, or is away or busy: that says nothing of the cluster.
    """
    if reply.is_good:
        return
    if reply.status in _AWAY or _MAY_NOT.search(reply.reason):
        raise StepUnknown(f"{what}: {reply.reason}")
    raise StepFailed(f"{what}: {reply.reason}")


def now() -> datetime.datetime:
    """In UTC."""
    return datetime.datetime.now(datetime.UTC)
