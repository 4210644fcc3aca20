"""What needs connections, as whole steps: find an earlier run's ends, undo, run the plan."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    suppress,
)
from dataclasses import dataclass
from typing import TypeAlias

from scanner.cluster.connections import Connections
from scanner.cluster.credentials import Credentials
from scanner.cluster.execute import Execute
from scanner.cluster.journal import Entry
from scanner.cluster.kubeconfig import ca_of
from scanner.cluster.lock import Lock, master_lock
from scanner.cluster.phase import Phase
from scanner.cluster.place import Place
from scanner.cluster.plan import Plan
from scanner.cluster.prove import Prove
from scanner.cluster.recover import Recovery
from scanner.cluster.result import PhaseResult
from scanner.cluster.run import Runner, Tell
from scanner.cluster.script import build
from scanner.cluster.steps.nodes import all_nodes
from scanner.errors import ClusterError, HostUnreachable
from scanner.fleet.nodes_there import NodesThere, nodes_there
from scanner.request import Request
from scanner.resolve import init_host
from scanner.secrets.guesses import Guesses
from scanner.transport.base import Transport
from scanner.verdict import Verdict
from scanner.verify.catalogue import VERIFY_CATALOGUE
from scanner.verify.judge import nothing_read
from scanner.verify.kubeconfig import NoCredentials
from scanner.verify.run import Verified

_CERTIFICATES_HOURS = 2
"""Of kubeadm's Secret of the control plane's certificates (phases/copycerts, v1.20.2)."""
Open: TypeAlias = Callable[[], AbstractAsyncContextManager[Transport]]


@dataclass(frozen=True, slots=True)
class Worked:
    """How it ended."""

    results: tuple[PhaseResult, ...]
    dropped: tuple[tuple[str, str], ...]
    """(host, why) of those that were left behind."""
    stopped: bool
    verified: Verified | None = None
    """What the proof said; None if there was none."""
    interrupted: bool = False
    broken: bool = False
    """A phase has failed, and not only because a host could not be reached."""
    lock_lost: bool = False
    """It was stopped because another kscan may be at work by now."""

    @property
    def good(self) -> bool:
        """True if everything was done, and nothing speaks against what was made."""
        proven = self.verified is None or self.verified.passed
        return not (self.stopped or self.dropped or self.interrupted) and proven

    @property
    def failed(self) -> bool:
        """True if something is known to be wrong; what is not good else could not be known."""
        results = () if self.verified is None else self.verified.results
        fails = (result.blocking and result.verdict is Verdict.FAIL for result in results)
        return self.broken or any(fails)


@dataclass(frozen=True, slots=True)
class Work:
    """One run over the hosts of a request.

    Args:
        request: who takes part.
        place: the folder and its journal.
        open: makes the transport.
        tell: shows what is done.
    """

    request: Request
    place: Place
    open: Open
    tell: Tell

    @asynccontextmanager
    async def _connections(self) -> AsyncIterator[Connections]:
        hosts = {host.name: host for host in self.request.hosts}
        async with (
            self.open() as transport,
            Connections(transport, hosts, Guesses()) as connections,
        ):
            yield connections

    async def attach(self) -> None:
        """Wait for what an earlier run has begun, under the lock of the master.

        Raises:
            ClusterError: it still goes on after half an hour, or cannot be seen; or another kscan
                is at work on the master.
        """
        names = {host.name for host in self.request.hosts}
        master = init_host(self.request)
        if master is None or master not in names:
            return  # the check that follows says so
        async with AsyncExitStack() as stack:
            connections = await stack.enter_async_context(self._connections())
            holder = self.place.folder.holder
            try:
                lock = await stack.enter_async_context(master_lock(connections, master, holder))
            except HostUnreachable as error:
                self.tell(f"{master}: {error}: what an earlier run began is not looked for")
                return
            await self._recovery(connections, lock).attach(names.__contains__, master)

    async def nodes(self, master: str) -> NodesThere | None:
        """The Nodes of the cluster that the master runs; None if they cannot be known."""
        command = all_nodes(master)
        script = build("command", {}, command.text)
        async with self._connections() as connections:
            try:
                answer = await connections.ask(master, script, seconds=command.seconds)
            except (HostUnreachable, ClusterError):
                return None
        return nodes_there(answer.output) if answer.status == 0 else None

    async def undo(self, entries: tuple[Entry, ...], plan: Plan) -> tuple[Entry, ...]:
        """See Recovery.undo; under the lock of the master."""
        async with (
            self._connections() as connections,
            master_lock(connections, plan.master, self.place.folder.holder) as lock,
        ):
            return await self._recovery(connections, lock).undo(entries, plan)

    def _recovery(self, connections: Connections, lock: Lock) -> Recovery:
        return Recovery(self.place, Execute(connections, Credentials.new(), lock), self.tell)

    async def run(
        self,
        plan: Plan,
        phases: tuple[Phase, ...],
        finish: tuple[Phase, ...] = (),
        prove: Prove | None = None,
    ) -> Worked:
        """Run the phases, prove what was made, and take back what must not stay.

        Raises:
            ClusterError: another kscan is at work on the master.
            HostUnreachable: the master is.
        """
        credentials = Credentials.new()
        async with (
            self._connections() as connections,
            master_lock(connections, plan.master, self.place.folder.holder) as lock,
        ):
            execute = Execute(connections, credentials, lock)
            runner = Runner(plan, self.place, execute, credentials, self.tell)
            verified, interrupted = None, False
            try:
                await runner.run(phases)
                self._note_cluster(plan, credentials)
                if prove is not None and not runner.stopped and credentials.kubeconfig:
                    left = frozenset(runner.dropped)
                    async for found in self._proof(prove, plan, connections, credentials, left):
                        verified = found
                await runner.run(finish)
            except asyncio.CancelledError:
                interrupted = True  # what is done is reported
            except Exception:
                await self._take_back(runner, finish)
                raise
        if (runner.lost or interrupted) and finish and self.place.journal.owed:
            hours = max(plan.token_hours, _CERTIFICATES_HOURS)
            self.tell(
                "what was minted for the joins is not revoked: the same command does it first, and "
                f"it ends within {hours} hours"
            )
        dropped = tuple(runner.dropped.items())
        results = tuple(runner.results)
        return Worked(
            results,
            dropped,
            runner.stopped,
            verified,
            interrupted=interrupted,
            broken=runner.broken,
            lock_lost=bool(runner.lost),
        )

    async def _proof(
        self,
        prove: Prove,
        plan: Plan,
        connections: Connections,
        credentials: Credentials,
        left: frozenset[str],
    ) -> AsyncIterator[Verified]:
        """What the API says of it, and then the workload too; without a way there, nothing."""
        self.tell("the cluster, asked through its API for all that init leaves behind")
        try:
            session = await connections.session(plan.master)
            found = await prove(session, credentials, left, minted=plan.changes)
            yield found
            if prove.smoke is not None:
                self.tell("a workload made, scaled, called, updated, rolled back and deleted")
                yield await prove.try_workload(session, credentials, found)
        except (HostUnreachable, NoCredentials) as error:
            yield Verified(nothing_read(VERIFY_CATALOGUE, str(error)))

    async def _take_back(self, runner: Runner, finish: tuple[Phase, ...]) -> None:
        """What must not stay goes, whatever has happened; that is what is raised, not this."""
        if runner.results and not runner.took_back(finish):
            with suppress(Exception):
                await runner.run(phase for phase in finish if phase.always)

    def _note_cluster(self, plan: Plan, credentials: Credentials) -> None:
        ca = ca_of(credentials.kubeconfig)
        if ca and ca != self.place.journal.ca:
            self.place.note_cluster(plan.master, ca)
