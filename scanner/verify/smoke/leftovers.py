"""Namespaces of the smoke test: kept alive while their run lives, taken away when it was killed."""

from __future__ import annotations

import asyncio
import datetime
import logging

from scanner.verify.api import Api, ApiFailed
from scanner.verify.objects import Ref, collection, name_of
from scanner.verify.reply import Reply
from scanner.verify.smoke.workload import MANAGED_BY, MANAGER, UNTIL, is_left_over, stamp

_LOG = logging.getLogger(__name__)
LIFE = datetime.timedelta(seconds=90)
"""How long a namespace is taken for that of a run that lives, after its last sign."""
_BEAT = 15.0
"""Seconds between two signs."""
ABSENT = 404


async def keep_alive(api: Api, space: Ref) -> None:
    """Move the namespace's time on, until cancelled; one that is missed does not matter."""
    while True:
        await asyncio.sleep(_BEAT)
        until = stamp(datetime.datetime.now(datetime.UTC) + LIFE)
        try:
            await api.ask("PATCH", space.path, {"metadata": {"annotations": {UNTIL: until}}})
        except ApiFailed as error:
            _LOG.info("%s was not told that its run lives: %s", space, error)


async def remove(api: Api, now: datetime.datetime) -> None:
    """Delete what killed runs have left; what cannot be deleted is left for the next run.

    Args:
        api: an open login.
        now: by which it is told whether a run still lives.
    """
    try:
        listed = await api.all(collection("Namespace"), labelSelector=f"{MANAGED_BY}={MANAGER}")
        if isinstance(listed, Reply):
            _LOG.info("namespaces were not looked through: %s", listed.reason)
            return
        for namespace in listed:
            if is_left_over(namespace, now):
                space = Ref("Namespace", name_of(namespace))
                _LOG.warning("%s was left by a run that was killed: it is deleted", space)
                await api.ask("DELETE", space.path)
    except ApiFailed as error:
        _LOG.info("namespaces were not looked through: %s", error)
