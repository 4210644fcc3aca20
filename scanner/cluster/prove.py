"""The proof at the end: what `kscan verify` asks, over the connection that is open already."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from scanner.cluster.credentials import Credentials
from scanner.cluster.plan import Plan
from scanner.ignore import IgnoreList
from scanner.request import Request
from scanner.transport.base import Session
from scanner.verify import kubeconfig
from scanner.verify.catalogue import VERIFY_CATALOGUE
from scanner.verify.expected import Expected, expected
from scanner.verify.manifests import read_manifests
from scanner.verify.result import VerifyResult
from scanner.verify.run import Verified, Way, now, smoked, verify
from scanner.verify.smoke.attempt import SmokeOptions

SETTLES_SECONDS = 120.0
"""What was begun by the last phase comes up a little later: DNS, the pods of kubelets' own."""
_PAUSE = 3.0


def proof_line(plan: Plan) -> str:
    """What is asked, for `--plan`."""
    return (
        f"the cluster asked through its API on {plan.master}, as `kscan verify` does: what init "
        f"leaves behind, control plane, nodes, add-ons ({len(VERIFY_CATALOGUE)} steps; nothing is "
        f"changed); again for up to {SETTLES_SECONDS:g} s until all of it is there"
    )


@dataclass(frozen=True, slots=True)
class Prove:
    """Verifies the cluster of a request.

    Args:
        request: the hosts that shall be nodes.
        settles: seconds until what is not there counts as missing.
        smoke: the workload that is tried after it; None: none.
    """

    request: Request
    settles: float = SETTLES_SECONDS
    smoke: SmokeOptions | None = None

    async def __call__(
        self, session: Session, known: Credentials, left_behind: frozenset[str], *, minted: bool
    ) -> Verified:
        """Verify, and once more until all is good or the time is over.

        Args:
            session: open, to the master.
            known: with admin.conf, and the token if there is one.
            left_behind: hosts of the request that did not join.
            minted: whether the token was made in this run.

        Raises:
            NoCredentials: admin.conf cannot be used.
        """
        way = _way(session, known)
        wanted = self._expected(known.token.partition(".")[0] if minted else "", left_behind)
        end = time.monotonic() + self.settles
        while True:
            found = await verify(way, replace(wanted, now=now()))
            found = replace(found, results=self._ignored(found.results))
            if found.passed or time.monotonic() > end:
                return found
            await asyncio.sleep(_PAUSE)

    async def try_workload(self, session: Session, known: Credentials, found: Verified) -> Verified:
        """What was found, and after it what the smoke test says, if there is one.

        Raises:
            NoCredentials: admin.conf cannot be used.
        """
        if self.smoke is None:
            return found
        tried = await smoked(_way(session, known), self.smoke)
        return replace(found, results=(*found.results, *self._ignored(tried)))

    def _ignored(self, results: tuple[VerifyResult, ...]) -> tuple[VerifyResult, ...]:
        ignore = IgnoreList(self.request.ignore, now().date())
        return tuple(ignore.apply_verify(results))

    def _expected(self, token_id: str, left_behind: frozenset[str]) -> Expected:
        hosts = tuple(host for host in self.request.hosts if host.name not in left_behind)
        addons = read_manifests(self.request.cluster)
        return expected(replace(self.request, hosts=hosts), now(), token_id=token_id, addons=addons)


def _way(session: Session, known: Credentials) -> Way:
    return Way(session, kubeconfig.parse(known.kubeconfig, "admin.conf of the master"))
