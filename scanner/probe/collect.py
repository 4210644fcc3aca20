"""One exec on an open session: send the script, take the answer."""

from __future__ import annotations

import datetime

from scanner.measure import NOTHING, Measure
from scanner.probe.capture import Capture
from scanner.probe.privilege import run_script
from scanner.probe.script import build
from scanner.request import Cluster, Host
from scanner.rules.rule import UserRule
from scanner.secrets.guesses import Guesses
from scanner.transport.base import Completed, Session
from scanner.transport.clock import host_clock

STDERR_LIMIT = 2000
_MARGIN = 3.0
"""Seconds before the host's time is up in which rules are given up."""


async def collect(
    session: Session,
    host: Host,
    cluster: Cluster,
    *,
    connect_seconds: float,
    timeout: float,
    guesses: Guesses | None = None,
    rules: tuple[UserRule, ...] = (),
    measures: frozenset[Measure] = NOTHING,
) -> Capture:
    """Run the probe once.

    Args:
        session: open, on this host.
        host: whose names and sockets are asked about.
        cluster: whose ports, directories and etcd are asked about.
        connect_seconds: how long the session took to open.
        timeout: seconds for the whole answer.
        guesses: sudo's passwords in this run.
        rules: the user's own, run after the probe.
        measures: what is measured only where it was asked for.
    """
    script = build(cluster, host, rules, measures=measures)
    taken_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    ran = await run_script(
        session,
        host,
        (script.own, script.common),
        timeout=_time_for_rules(timeout) if script.rules else timeout,
        last_line=script.last_line,
        guesses=guesses,
    )
    done = ran.done
    asked_at, heard_at = _round_trip(done, script.boundary)
    return Capture(
        host.name,
        host.login.address,
        taken_at,
        script.boundary,
        done.stdout,
        done.stderr[:STDERR_LIMIT].decode("utf-8", "replace"),
        done.ended,
        connect_seconds,
        done.seconds,
        roles=tuple(sorted(host.roles)),
        obstacle=ran.obstacle,
        asked_at=asked_at,
        heard_at=heard_at,
    )


def _time_for_rules(timeout: float) -> float:
    """Rules that take too long must not cost the host's own answers, which are there by then."""
    left = host_clock().left
    return timeout if left is None else max(1.0, min(timeout, left - _MARGIN))


def _round_trip(done: Completed, boundary: str) -> tuple[float | None, float | None]:
    """When the script was sent, and when the line with the host's clock was there.

    The host has read its clock between the two. The last answer counts: after one that hung, the
    driver asks all of them again.
    """
    begin = done.stdout.rfind(f"{boundary} begin clock".encode())
    end = done.stdout.find(f"\n{boundary} rc ".encode(), begin)
    if done.timing is None or begin < 0 or end < 0:
        return None, None
    return done.timing.sent, done.timing.arrived(end)
