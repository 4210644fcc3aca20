"""One exec on an open session: send the script, take the answer."""

from __future__ import annotations

import datetime

from scanner.guesses import Guesses
from scanner.measure import NOTHING, Measure
from scanner.probe.capture import Capture
from scanner.probe.privilege import run_script
from scanner.probe.script import build
from scanner.request import Cluster, Host
from scanner.transport.base import Completed, Session

STDERR_LIMIT = 2000


async def collect(
    session: Session,
    host: Host,
    cluster: Cluster,
    *,
    connect_seconds: float,
    timeout: float,
    guesses: Guesses | None = None,
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
        measures: what is measured only where it was asked for.
    """
    script = build(cluster, host, measures=measures)
    taken_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    ran = await run_script(
        session,
        host,
        (script.own, script.common),
        timeout=timeout,
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
