"""Ask the host's own kubeadm too: from what the probe has found to what kubeadm is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from scanner.errors import ProbeFailed
from scanner.facts.base import Facts
from scanner.facts.environment import Binaries
from scanner.judge import facts_of, kubeadm_of
from scanner.kubeadm import releases
from scanner.kubeadm.config import Discovery, api_endpoint, documents
from scanner.probe.capture import Capture
from scanner.probe.preflight import Preflight, run
from scanner.request import Host, Request
from scanner.resolve import target_of
from scanner.secrets.guesses import Guesses
from scanner.target import Role, Target
from scanner.transport.base import Session
from scanner.transport.clock import host_clock

AskKubeadm: TypeAlias = Callable[
    [Session, Request, Host, Capture, Guesses], Awaitable[Preflight | None]
]
"""Gives the words of the host's kubeadm for a host whose probe is in."""

_MARGIN = 4.0
"""Seconds that stay for the way back before the host's time is up: its row must not be lost."""
_NO_LIMIT = 600.0
_NOBODYS_TOKEN = "kscan0.0000000000000000"  # noqa: S105 - no cluster has it
"""A join's checks come before its discovery, which this ends."""


async def ask_kubeadm(
    session: Session, request: Request, host: Host, capture: Capture, guesses: Guesses
) -> Preflight | None:
    """Run `kubeadm init|join phase preflight` where the probe has found a kubeadm.

    Returns:
        None where there is no kubeadm, or the probe did not say so.
    """
    try:
        facts = facts_of(capture)
    except ProbeFailed:
        return None
    kubeadm = kubeadm_of(facts)
    path = _path(facts)
    if kubeadm is None or path is None:
        return None
    version = request.cluster.kubernetes_version or kubeadm
    target = target_of(request, host, facts, version)
    discovery = Discovery(api_endpoint(target), _NOBODYS_TOKEN, seconds=1)
    left = host_clock().left
    seconds = int((_NO_LIMIT if left is None else left) - _MARGIN)
    if reason := _obstacle(target, discovery, seconds):
        return Preflight(target.role, ended=f"was not run: {reason}")
    return await run(
        session,
        host,
        target.role,
        kubeadm=path,
        verb="init" if target.role is Role.INIT else "join",
        config=documents(target, host, discovery),
        seconds=seconds,
        guesses=guesses,
    )


def _path(facts: Facts) -> str | None:
    """The kubeadm whose version the probe has read."""
    binaries = facts.get(Binaries)
    if binaries is None:
        return None
    return binaries.found.get("kubeadm") or binaries.elsewhere.get("kubeadm")


def _obstacle(target: Target, discovery: Discovery, seconds: int) -> str:
    if not releases.find(target.kubeadm).preflight_phase:
        return f"v{target.kubeadm} has no phase for it"
    if target.role is not Role.INIT and not discovery.endpoint:
        return "a join needs controlPlaneEndpoint, or a control plane in the inventory"
    return "no time was left for it; see --timeout" if seconds < 1 else ""
