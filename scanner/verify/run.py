"""The whole of verify over one open session: tunnel, read, judge."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from scanner.errors import HostUnreachable
from scanner.facts.base import FactMissing
from scanner.secrets.redact import Redactor, redactor
from scanner.secrets.secret import Kind, Secret, Source
from scanner.transport.base import Session
from scanner.verdict import Verdict
from scanner.verify.answered import ApiFailed
from scanner.verify.api import Api, opened
from scanner.verify.catalogue import VERIFY_CATALOGUE
from scanner.verify.cluster_info import CLUSTER_INFO, same_ca
from scanner.verify.expected import Expected
from scanner.verify.gather import gather, version_of
from scanner.verify.judge import judge, nothing_read
from scanner.verify.kube_proxy import not_wanted
from scanner.verify.kubeconfig import Credentials
from scanner.verify.observed import Observed, Trial, Unread
from scanner.verify.result import VerifyResult
from scanner.verify.smoke.attempt import SmokeOptions
from scanner.verify.smoke.run import not_known, smoke_test
from scanner.verify.smoke.steps import Smoke
from scanner.verify.step import Seen
from scanner.verify.tokens import Token, tokens
from scanner.verify.trial import tried
from scanner.verify.tunnel import way_to
from scanner.verify.validity import not_after
from scanner.versions import Version

_API_SERVER = "KS820"
_EXPIRED = "certificate has expired"
"""OpenSSL's words of a server's."""
_BEFORE = " (`kubeadm alpha certs renew` before 1.20)"
_MOST_TOKENS = 5
"""Tokens that are tried; somebody may have made hundreds."""


@dataclass(frozen=True, slots=True)
class Way:
    """How the cluster is reached."""

    session: Session | None
    """Open, on a control plane; None = from this machine."""
    credentials: Credentials
    own: Credentials | None = None
    """The API server of the session's host itself, for where the usual way does not lead on."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What verify says."""

    results: tuple[VerifyResult, ...]
    version: Version | None = None
    """The API server's; None if it was not reached."""
    observed: Observed | None = None

    @property
    def passed(self) -> bool:
        """True if nothing blocks."""
        return not any(result.blocking for result in self.results)


async def verify(way: Way, expected: Expected) -> Verified:
    """Read the cluster once and judge it; an API server that is not reached is a result too.

    Nothing is changed: every request is a GET, but for etcdctl, which lists the members in a pod
    of etcd.
    """
    found: list[Verified] = []
    await verify_and_smoke(way, expected, None, found.append)
    return found[-1]


async def verify_and_smoke(
    way: Way,
    expected: Expected,
    smoke: SmokeOptions | None,
    found: Callable[[Verified], None],
) -> None:
    """The same, and then a workload; `found` is told what there is so far, the last time all.

    The workload is tried whatever else was found, as long as the API server answers.
    """
    try:
        async with _entered(way) as (api, detour):
            judged = await verified(way, api, expected, detour)
            found(judged)
            if smoke is None:
                return
            tried: list[VerifyResult] = []

            def say(result: VerifyResult) -> None:
                tried.append(result)
                found(replace(judged, results=(*judged.results, *tried)))

            await smoke_test(way.session, api, smoke, say)
    except (ApiFailed, HostUnreachable) as error:
        found(unreachable(way.credentials, str(error)))


async def smoked(way: Way, smoke: SmokeOptions) -> tuple[VerifyResult, ...]:
    """A workload alone; what could not be tried is UNKNOWN."""
    said: list[VerifyResult] = []
    try:
        async with _entered(way) as (api, _):
            await smoke_test(way.session, api, smoke, said.append)
    except (ApiFailed, HostUnreachable) as error:
        tried = {result.check for result in said}
        said += [not_known(step, f"not tried: {error}") for step in Smoke if step not in tried]
    return tuple(said)


@asynccontextmanager
async def _entered(way: Way) -> AsyncIterator[tuple[Api, str]]:
    """An API server that answers, and why it is not the usual one; empty if it is.

    Raises:
        ApiFailed: or HostUnreachable: none does; the reason is that of the usual one.
    """
    async with AsyncExitStack() as stack:
        detour = ""
        try:
            api = await _enter(stack, way.session, way.credentials)
        except (ApiFailed, HostUnreachable) as error:
            if way.own is None:
                raise
            detour = str(error)
            try:
                api = await _enter(stack, way.session, way.own)
            except (ApiFailed, HostUnreachable):
                raise error from None
        yield api, detour


async def _enter(stack: AsyncExitStack, session: Session | None, server: Credentials) -> Api:
    port = await stack.enter_async_context(way_to(session, server))
    api = await stack.enter_async_context(opened(server, port))
    await version_of(api)
    return api


async def verified(way: Way, api: Api, expected: Expected, detour: str = "") -> Verified:
    """The same over an open login.

    Args:
        way: how the cluster is reached.
        api: an open login.
        expected: what is known before.
        detour: why it is not the API server that admin.conf names; empty if it is.

    Raises:
        ApiFailed: the API server does not answer.
    """
    version = await version_of(api)
    observed = await gather(api, version, expected, way.credentials.ca)
    detour = f"{way.credentials.server} is not reached: {detour}" if detour else ""
    observed = replace(observed, detour=detour, trials=await _trials(way, observed, expected))
    results = judge(VERIFY_CATALOGUE, observed, expected)
    return Verified(_without_secrets(results, observed, expected), version, observed)


def unreachable(credentials: Credentials, reason: str) -> Verified:
    """The results where there is no API server to ask, or none that lets this login in."""
    why = f"the API server {credentials.server} was not reached: {reason}"
    remedy = "See `crictl ps -a` and `journalctl -u kubelet` on a control plane."
    end = not_after(credentials.certificate)
    if end is not None and end < now():
        why += f"; the certificate of this login ended on {end:%Y-%m-%d}"
        remedy = f"Renew it on a control plane: `kubeadm certs renew admin.conf`{_BEFORE}."
    elif _EXPIRED in reason:
        remedy = (
            f"Renew it on a control plane: `kubeadm certs renew apiserver`{_BEFORE}, and start the "
            "API server anew."
        )
    results = nothing_read(VERIFY_CATALOGUE, why)
    return Verified(
        tuple(
            replace(result, verdict=Verdict.FAIL, message=why, remedy=remedy)
            if result.check == _API_SERVER
            else result
            for result in results
        )
    )


def now() -> datetime.datetime:
    """The time that expiry is judged at."""
    return datetime.datetime.now(datetime.UTC)


async def _trials(way: Way, observed: Observed, expected: Expected) -> tuple[Trial, ...] | Unread:
    seen = Seen(observed, expected)
    try:
        cluster_info = observed.get(CLUSTER_INFO)
    except FactMissing as missing:
        return Unread(str(missing))
    if cluster_info is None:
        return Unread(f"{CLUSTER_INFO} does not exist")
    if not same_ca(cluster_info, observed.ca):
        return Unread("a token is not given to a server with another CA")
    try:
        usable = [token for token in tokens(seen) if token.authentication]
    except FactMissing:
        usable = []
    trials = [
        tried(
            way.session,
            cluster_info,
            token,
            observed.version,
            proxy=not_wanted(seen, "") is None,
            get_nodes=seen.left.get_nodes,
        )
        for token in usable[:_MOST_TOKENS] or (None,)
    ]
    return tuple(await asyncio.gather(*trials))


def _without_secrets(
    results: tuple[VerifyResult, ...], observed: Observed, expected: Expected
) -> tuple[VerifyResult, ...]:
    """Nothing that a rule repeats of the cluster may be a token's secret."""
    try:
        found: tuple[Token, ...] = tokens(Seen(observed, expected))
    except FactMissing:
        found = ()
    words = (Secret(Source(Kind.PROMPT, token.name), token.secret) for token in found)
    return redactor().value(Redactor(words).value(results))
