"""Ask one host everything that a run asks of it alone: one connection, one capture."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping
from dataclasses import replace

from scanner.errors import Hurdle
from scanner.probe.capture import Capture
from scanner.probe.collect import collect
from scanner.request import Host, Request
from scanner.rules.check import asked_of
from scanner.scan_options import ScanOptions
from scanner.secrets.guesses import Guesses
from scanner.transport.base import Transport
from scanner.transport.clock import host_clock

_WAY_BACK = 0.25
"""Seconds of a host's time that stay for taking what was said so far."""


class Ask:
    """What all hosts of a run are asked, and what the run has learnt of sudo's passwords."""

    def __init__(self, request: Request, options: ScanOptions) -> None:
        self._request = request
        self._options = options
        self._rules = asked_of(request.rules, options.selection)
        self._guesses = Guesses()

    async def __call__(self, transport: Transport, host: Host) -> Capture:
        """Connect, run the probe, and then the host's own kubeadm if that was asked for.

        Raises:
            HostUnreachable: the host cannot be asked; the message says why and what to do.
        """
        began = time.monotonic()
        async with transport.connect(host) as session:
            capture = await collect(
                session,
                host,
                self._request.cluster,
                connect_seconds=time.monotonic() - began,
                timeout=self._seconds_left(),
                guesses=self._guesses,
                rules=self._rules,
                measures=self._options.measures,
            )
            if self._options.ask_kubeadm is None:
                return capture
            said = await self._options.ask_kubeadm(
                session, self._request, host, capture, self._guesses
            )
            return replace(capture, preflight=said)

    def _seconds_left(self) -> float:
        """For the probe: what it has said by then is kept, and tells where it hangs."""
        left = host_clock().left
        return self._options.host_seconds if left is None else max(left - _WAY_BACK, 0)


def never_answered(
    host: Host, reason: str, retried: Mapping[Hurdle, int], now: datetime.datetime
) -> Capture:
    """The capture of a host that could not be asked."""
    return Capture(
        host.name,
        host.login.address,
        now.isoformat(timespec="seconds"),
        unreachable=reason,
        retries=sum(retried.values()),
        retried_for=dict(retried),
        roles=tuple(sorted(host.roles)),
    )
