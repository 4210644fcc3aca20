"""Namespaces of the smoke test: kept alive while their run lives, taken away when it was killed."""

from __future__ import annotations

import asyncio
import datetime
import logging
import time
from collections.abc import Iterable, Mapping

from scanner.verify.answered import ApiFailed
from scanner.verify.api import Api
from scanner.verify.objects import Object, Ref, collection, name_of, text
from scanner.verify.reply import Reply
from scanner.verify.smoke.workload import (
    MANAGED_BY,
    MANAGER,
    UNTIL,
    is_left_over,
    is_ours,
    sign_of,
    stamp,
)

_LOG = logging.getLogger(__name__)
LIFE = datetime.timedelta(seconds=90)
"""How long a namespace is taken for that of a run that lives, after its last sign."""
_BEAT = 15.0
"""Seconds between two signs."""
_BEATS = 3


async def keep_alive(api: Api, space: Ref) -> None:
    """Move the namespace's time on, until cancelled; one that is missed does not matter."""
    while True:
        await asyncio.sleep(_BEAT)
        until = stamp(datetime.datetime.now(datetime.UTC) + LIFE)
        try:
            await api.ask("PATCH", space.path, {"metadata": {"annotations": {UNTIL: until}}})
        except ApiFailed as error:
            _LOG.info("%s was not told that its run lives: %s", space, error)


async def remove(api: Api, now: datetime.datetime) -> Mapping[str, str]:
    """Delete what killed runs have left; what cannot be deleted is left for the next run.

    Args:
        api: an open login.
        now: by which it is told whether a run still lives.

    Returns:
        Namespaces of runs that may live, each with its last sign; see remove_silent.
    """
    listed = await _listed(api)
    await _delete(api, (space for space in listed if is_left_over(space, now)))
    return {name_of(space): sign_of(space) for space in listed if not is_left_over(space, now)}


async def remove_silent(api: Api, spared: Mapping[str, str], since: float) -> None:
    """Delete those that have given no sign for so long that a run which lives had given three.

    Args:
        api: an open login.
        spared: what `remove` has returned.
        since: when, on time.monotonic's clock.
    """
    silent = dict(spared)
    while silent:
        there = {name_of(space): space for space in await _listed(api)}
        silent = {n: sign for n, sign in silent.items() if sign_of(there.get(n)) == sign}
        left = since + _BEATS * _BEAT - time.monotonic()
        if left <= 0:
            await _delete(api, (there[name] for name in silent))
            return
        if silent:
            await asyncio.sleep(min(left, _BEAT))


async def _listed(api: Api) -> tuple[Object, ...]:
    """All of them that nobody has deleted yet; nothing where they cannot be read."""
    try:
        listed = await api.all(collection("Namespace"), labelSelector=f"{MANAGED_BY}={MANAGER}")
    except ApiFailed as error:
        _LOG.info("namespaces were not looked through: %s", error)
        return ()
    if isinstance(listed, Reply):
        _LOG.info("namespaces were not looked through: %s", listed.reason)
        return ()
    return tuple(
        space
        for space in listed
        if is_ours(space) and not text(space, "metadata", "deletionTimestamp")
    )


async def _delete(api: Api, spaces: Iterable[Object]) -> None:
    for found in spaces:
        space = Ref("Namespace", name_of(found))
        _LOG.warning("%s was left by a run that was killed: it is deleted", space)
        try:
            await api.ask("DELETE", space.path)
        except ApiFailed as error:
            _LOG.info("%s was not deleted: %s", space, error)
