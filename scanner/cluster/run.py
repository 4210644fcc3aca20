"""Runs phases: what is done already is left alone, what fails stops the run or drops its host."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from typing import TypeAlias

from scanner.cluster.action import Action, Command, Gives, Question, SaveKubeconfig
from scanner.cluster.credentials import Credentials
from scanner.cluster.execute import Ended, Execute
from scanner.cluster.folder import save_kubeconfig
from scanner.cluster.journal import Event
from scanner.cluster.kubeadm_words import error_lines
from scanner.cluster.lock import LockLost
from scanner.cluster.phase import OnFailure, Phase
from scanner.cluster.place import Place
from scanner.cluster.plan import Plan
from scanner.cluster.result import Outcome, PhaseResult
from scanner.errors import ClusterError, HostUnreachable, KscanError
from scanner.secrets.redact import Redactor

_BY_SIGKILL = 128 + 9
Tell: TypeAlias = Callable[[str], None]
"""Shows one line to the user."""


class ActionFailed(KscanError):
    """A command has ended badly."""

    def __init__(self, message: str, said: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.said = said


class Runner:
    """One run over a plan.

    Args:
        plan: what is done.
        place: the folder and the journal.
        execute: reaches the hosts.
        credentials: of this run.
        tell: shows what is done.
    """

    def __init__(
        self,
        plan: Plan,
        place: Place,
        execute: Execute,
        credentials: Credentials,
        tell: Tell,
    ) -> None:
        self._plan = plan
        self._place = place
        self._execute = execute
        self._credentials = credentials
        self._tell = tell
        self._failed = False
        self.broken = False
        """True if something has failed, and not only because a host could not be reached."""
        self.lost = ""
        """Why the lock is held no longer, so that nothing at all is done any more; else empty."""
        self.results: list[PhaseResult] = []
        self.dropped: dict[str, str] = {}
        """Hosts that take no further part, and why."""

    @property
    def failure(self) -> PhaseResult | None:
        """The first that failed."""
        failed = (result for result in self.results if result.outcome is Outcome.FAILED)
        return next(failed, None)

    @property
    def stopped(self) -> bool:
        """True if a phase has failed that the others need."""
        return self._failed

    def took_back(self, finish: Iterable[Phase]) -> bool:
        """True if one of these phases was come to."""
        names = {phase.name for phase in finish}
        return any(result.phase in names for result in self.results)

    async def run(self, phases: Iterable[Phase]) -> None:
        """Run them one after the other.

        Raises:
            ExceptionGroup: a bug; what runs detached on hosts goes on.
        """
        for phase in phases:
            hosts = [host for host in phase.hosts(self._plan) if host not in self.dropped]
            if self._stops(phase):
                for host in hosts:
                    self.results.append(PhaseResult(phase.name, host, Outcome.SKIPPED, 0.0))
                continue
            gate = asyncio.Semaphore(phase.window)
            async with asyncio.TaskGroup() as group:
                for host in hosts:
                    group.create_task(self._one(phase, host, gate))

    def _stops(self, phase: Phase) -> bool:
        """Without the lock not even what takes back: it could be another run's."""
        return bool(self.lost) or (self._failed and not phase.always)

    async def _one(self, phase: Phase, host: str, gate: asyncio.Semaphore) -> None:
        async with gate:
            if self._stops(phase):
                self.results.append(PhaseResult(phase.name, host, Outcome.SKIPPED, 0.0))
                return
            began = time.monotonic()
            title = phase.title.format(host=host)
            message, said = "", tuple[str, ...]()
            try:
                outcome = await self._do(phase, host, title)
            except ActionFailed as error:
                outcome, message, said = Outcome.FAILED, str(error), error.said
                self.broken = True
            except LockLost as error:
                outcome, message = Outcome.FAILED, str(error)
                self.lost = message
            except (HostUnreachable, ClusterError) as error:
                outcome, message = Outcome.FAILED, str(error)
                self.broken |= not isinstance(error, HostUnreachable)
            seconds = round(time.monotonic() - began, 3)
            safe = self._redactor()
            result = PhaseResult(phase.name, host, outcome, seconds, message, said)
            self.results.append(safe.value(result))
            if outcome is Outcome.FAILED:
                self._fail(phase, host, title, self.results[-1])
            elif outcome is Outcome.DONE:
                self._tell(f"{title}: done in {seconds:.1f} s")

    def _fail(self, phase: Phase, host: str, title: str, result: PhaseResult) -> None:
        self._tell(f"{title}: FAILED: {result.message}")
        for line in result.said:
            self._tell(f"    {line}")
        if self.lost or phase.on_failure is OnFailure.STOP:
            self._failed = True
        else:
            why = (*result.said[-1:], result.message)
            self.dropped[host] = " - ".join(why)

    async def _do(self, phase: Phase, host: str, title: str) -> Outcome:
        done = phase.done(self._plan, host)
        if done is not None and (await self._execute.at_once(done)).good:
            return Outcome.ALREADY
        self._tell(title)
        if phase.owes:  # before it is made: kscan may be killed at any moment from there on
            self._place.note(phase.owes, host, Event.BEGUN)
        for action in phase.actions(self._plan, host):
            await self._act(phase, host, action)
        for name in phase.settles & self._place.journal.owed_for(host):
            self._place.note(name, host, Event.DONE)
        return Outcome.DONE

    async def _act(self, phase: Phase, host: str, action: Action) -> None:
        self._execute.lock.check()
        if isinstance(action, Question):
            ended = await self._execute.at_once(action.command)
            self._good(phase, action.command, ended)
            decision = action.decide(ended.output)
            if decision.refused:
                raise ActionFailed(decision.refused)
            for further in decision.then:
                await self._act(phase, host, further)
            return
        if isinstance(action, SaveKubeconfig):
            ended = await self._execute.at_once(action.source)
            self._good(phase, action.source, ended)
            self._credentials.kubeconfig = ended.output + "\n"
            save_kubeconfig(self._place.folder.kubeconfig, self._credentials.kubeconfig)
            return
        ended = await (
            self._detached(phase, host, action)
            if action.detached
            else self._execute.at_once(action)
        )
        self._good(phase, action, ended)
        for note in ended.notes:
            self._tell(f"{host}: {self._without_secrets(note)}")
        if action.gives is Gives.JOIN_COMMAND:
            self._credentials.take_join_command(ended.output)

    async def _detached(self, phase: Phase, host: str, command: Command) -> Ended:
        """In the journal before it is begun: kscan may be killed at any moment from there on."""
        job = f"{self._place.run}-{secrets.token_hex(4)}"
        clean = phase.changes_host and self._plan.member(host).clean
        self._place.note(phase.name, host, Event.BEGUN, job, clean=clean)
        await self._execute.start(command, job)
        ended = await self._execute.attach(command.on, job, command.seconds)
        if ended is None:
            ended = Ended(None, "", "what it has left below /run is gone: was the host restarted?")
        if ended.goes_on:  # the next run looks for its end
            return ended
        event = Event.DONE if ended.good else Event.FAILED
        self._place.note(phase.name, host, event, job, clean=clean)
        if ended.good:  # of a bad one the next run needs the time of its end
            # what an earlier one has left there tells nothing any more
            older = () if phase.keeps_evidence else self._place.journal.jobs(host)
            await self._execute.forget(command.on, job, *older)
        return ended

    def _good(self, phase: Phase, command: Command, ended: Ended) -> None:
        """Keep what was printed, and raise if it was bad.

        Raises:
            ActionFailed: the command has failed, in its own words.
        """
        if command.gives is None:
            title = f"{phase.name}: exit status {ended.status}"
            text = self._without_secrets(ended.output)
            log = self._place.folder.keep_output(command.on, title, text)
        else:
            log = None
        if ended.good:
            return
        said = error_lines(self._without_secrets(ended.output))
        where = f"; all of its words: {log}" if log else ""
        reason = ended.reason or _how(ended.status)
        raise ActionFailed(f"{reason}{where}", said)

    def _without_secrets(self, output: str) -> str:
        """Neither credentials nor the queries of manifests' URLs, which kubectl repeats."""
        text = self._redactor().text(output)
        manifests = (self._plan.cni, *self._plan.addons)
        for query in {found.query for found in manifests if found is not None} - {""}:
            text = text.replace(query, "")
        return text

    def _redactor(self) -> Redactor:
        return self._credentials.redactor()


def _how(status: int | None) -> str:
    """A shell's exit status, in words where a signal has ended the command."""
    if status == _BY_SIGKILL:
        return f"exit status {status}: killed, perhaps for want of memory (see dmesg there)"
    return f"exit status {status}"
