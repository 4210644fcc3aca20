"""The pipeline: request -> captures -> facts -> targets -> results -> spool and header."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from scanner.ask import Ask, never_answered
from scanner.catalogue import EVERYTHING
from scanner.checks import CATALOGUE
from scanner.edges.gather import Ended
from scanner.edges.scan import EdgeScan
from scanner.edges_then import EdgesThen
from scanner.errors import CaptureError, ProbeFailed
from scanner.facts.base import Facts
from scanner.fleet import FLEET_CATALOGUE
from scanner.fleet.intake import silent
from scanner.fleet.judge import FleetResult, judge_fleet
from scanner.fleet.record import FleetFacts
from scanner.fleet.rule import Fleet
from scanner.header import header_of
from scanner.ignore import IgnoreList
from scanner.judge import Judge, facts_of, kubeadm_of, unreachable
from scanner.membership import NOT_ASKED, shows_signs
from scanner.probe import capture as captures
from scanner.probe.capture import Capture
from scanner.report import Counter, HostReport, Report, Run
from scanner.request import Host, Request
from scanner.resolve import (
    KubernetesVersion,
    authority_of,
    early_authority,
    early_version,
    init_host,
    late_version,
    size_of,
)
from scanner.rules.check import checks_of
from scanner.runs import saved_edges
from scanner.runs.run_id import new_run_id
from scanner.runs.saved_edges import SavedEdges
from scanner.runs.spool import Spool
from scanner.runs.waiting import Waiting
from scanner.scan_options import ScanOptions
from scanner.secrets.redact import redactor
from scanner.sentences import harmless_fleet
from scanner.transport.base import Transport
from scanner.transport.descriptors import connections_at_once
from scanner.transport.fanout import Done, Outcome, fan_out
from scanner.versions import Version

_LOG = logging.getLogger(__name__)

Observe: TypeAlias = Callable[[HostReport], None]


def _nobody(_ended: int, _total: int) -> None:
    """Where nobody watches the hosts dial each other."""


class Scan:
    """One run over the hosts of a request.

    A host is judged as soon as it has answered and the Kubernetes version is known; then only its
    counts stay in memory. Until the version is known, its answer waits in a file.

    Args:
        request: the hosts and the cluster; `request.hosts` is not empty.
        options: limits and selection.
        spool: empty; it holds the hosts of the report, so close it after the report is read.
        observe: called once for each host when its results are in.
        now: the time that expiry is judged at.
        dialled: called while hosts dial each other, with how many of them have ended, and of all.
    """

    def __init__(
        self,
        request: Request,
        options: ScanOptions,
        spool: Spool,
        observe: Observe,
        now: datetime.datetime,
        *,
        dialled: Ended = _nobody,
    ) -> None:
        self._request = request
        self._options = options
        self._observe = observe
        self._now = now
        self._began = time.monotonic()
        rules = checks_of(request.rules)
        self._ignore = IgnoreList(request.ignore, now.date(), (*EVERYTHING, *rules))
        self._judge = Judge(request, options.selection, self._ignore, (*CATALOGUE, *rules))
        self._places = {host.name: place for place, host in enumerate(request.hosts)}
        self._records: dict[str, FleetFacts] = {}
        self._kubeadms: dict[str, Version | None] = {}
        self._version = early_version(request, self._kubeadms)
        self._waiting = Waiting()
        self._authority = early_authority(request)
        self._ask = Ask(request, options)
        self._edges = (
            EdgeScan(request, options.network, dialled)
            if options.edges_then is None
            else EdgesThen(request, options.edges_then.saved, options.selection)
        )
        self._counter = Counter()
        self._spool = spool
        self._unsaved: list[str] = []

    async def run(self, transport: Transport, interrupt: asyncio.Event) -> Report:
        """Probe and judge every host; when `interrupt` is set, those that are done stay done."""
        self._forget_edges()
        work = asyncio.create_task(self._work(transport))
        interrupted = asyncio.create_task(interrupt.wait())
        await asyncio.wait({work, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        complete = work.done()
        work.cancel()
        interrupted.cancel()
        await asyncio.wait({work, interrupted})
        if not work.cancelled():
            work.result()  # a bug in the work is raised here
        return self._finish(complete=complete)

    async def _work(self, transport: Transport) -> None:
        """Ask each host about itself; when all have their rows, about the others."""
        await fan_out(
            self._request.hosts,
            lambda host: self._ask(transport, host),
            self._arrived,
            at_once=self._options.at_once,
            most=connections_at_once(),
            deadline=self._options.host_seconds,
        )
        self._judge_the_rest()
        await self._edges.run(transport, self._options.at_once, self._options.host_seconds)

    def warnings(self) -> tuple[str, ...]:
        """What the user should know about the request once all hosts are judged."""
        unsaved = (
            f"{len(self._unsaved)} captures were not saved: {self._unsaved[0]}"
            if self._unsaved
            else ""
        )
        return (*self._ignore.warnings(), *filter(None, (unsaved,)))

    def _arrived(self, host: Host, outcome: Outcome[Capture]) -> None:
        """Take what one host gave; a capture is saved before anything is made of it."""
        if not isinstance(outcome, Done):
            missed = never_answered(host, str(outcome.error), outcome.retried, self._now)
            self._save(missed)
            self._keep_silent(host, unreachable(host, missed.unreachable, missed))
            self._no_facts(host)
            return
        retried = dict(outcome.retried)
        capture = replace(outcome.value, retries=sum(retried.values()), retried_for=retried)
        self._save(capture)
        try:
            facts = facts_of(capture)
        except ProbeFailed as error:
            self._keep_silent(host, unreachable(host, str(error), capture))
            self._no_facts(host)
            return
        self._edges.add(host, facts)
        news = self._learn(host, facts)
        self._judge_or_wait(host, capture, facts)
        if news:
            self._judge_waiting()

    def _no_facts(self, host: Host) -> None:
        if self._learn(host, None):
            self._judge_waiting()

    def _learn(self, host: Host, facts: Facts | None) -> bool:
        """Take what one host tells about the others; True if hosts have waited for it."""
        before = self._version, self._authority
        self._kubeadms[host.name] = None if facts is None else kubeadm_of(facts)
        if host.name == init_host(self._request):
            self._authority = authority_of(host.name, facts)
        self._version = self._version or early_version(self._request, self._kubeadms)
        return before != (self._version, self._authority)

    def _judge_or_wait(self, host: Host, capture: Capture, facts: Facts) -> None:
        """Judge who can be; whoever may be a member waits for the first control plane's CA."""
        version, authority = self._version, self._authority
        if version is None or (authority is None and shows_signs(facts)):
            self._waiting.put(host, capture)
            return
        judged = self._judge(host, capture, facts, version.version, authority or NOT_ASKED)
        if self._options.take is not None:
            self._options.take(host, facts, judged.target)
        self._keep(host, judged.report, judged.record)

    def _judge_waiting(self) -> None:
        for host, capture in self._waiting.take():
            self._judge_or_wait(host, capture, facts_of(capture))

    def _keep_silent(self, host: Host, report: HostReport) -> None:
        self._keep(host, report, silent(host, "not reached"))

    def _keep(self, host: Host, report: HostReport, record: FleetFacts) -> None:
        self._records[host.name] = record
        _LOG.info("%s: %s %s", report.name, report.status, report.reason)
        self._spool.add(self._places[host.name], report)
        self._counter.add(report)
        self._observe(report)

    def _judge_the_rest(self) -> KubernetesVersion:
        version = self._version = self._version or late_version(self._kubeadms)
        self._authority = self._authority or NOT_ASKED
        self._judge_waiting()
        return version

    def _finish(self, *, complete: bool) -> Report:
        version = self._judge_the_rest()
        for host in self._request.hosts:
            if self._places[host.name] not in self._spool:
                report = unreachable(host, "interrupted before this host had answered")
                self._keep(host, report, silent(host, "the run was interrupted"))
        records = self._edges.seen_from(self._records[host.name] for host in self._request.hosts)
        self._save_edges(records)
        fleet = self._judge_fleet(records)
        self._counter.add_fleet(fleet)
        run = Run(
            id=new_run_id(self._now),
            started_at=self._now.isoformat(timespec="seconds"),
            seconds=round(time.monotonic() - self._began, 3),
            complete=complete,
            only=self._options.selection.only,
            skip=self._options.selection.skip,
        )
        header = header_of(self._request, version, run, self._counter.summary())
        edges = redactor().value(self._edges.report())  # names as the hosts' rows have them
        return Report(header, self._spool.hosts, self._spool.lines, fleet, edges)

    def _judge_fleet(self, records: tuple[FleetFacts, ...]) -> tuple[FleetResult, ...]:
        """Judge what no host shows alone, once all have answered or never will."""
        size = size_of(self._request)
        fleet = Fleet(
            records,
            self._request.cluster,
            size.control_planes,
            size.nodes,
            self._options.there,
        )
        results = (*judge_fleet(FLEET_CATALOGUE, fleet), *self._edges.results())
        selected = tuple(filter(self._options.selection.keeps, results))
        return redactor().value(harmless_fleet(self._ignore.apply_fleet(selected)))

    def _save(self, capture: Capture) -> None:
        if self._options.save_captures is None:
            return
        with self._keeping():
            captures.save(self._options.save_captures, capture)

    def _forget_edges(self) -> None:
        """The edges of an earlier run must not stand beside new captures."""
        if self._options.save_captures is not None:
            with self._keeping():
                saved_edges.forget(self._options.save_captures)

    def _save_edges(self, records: tuple[FleetFacts, ...]) -> None:
        report = self._edges.report()
        if self._options.save_captures is not None and report is not None:
            edges = SavedEdges.of(self._edges.results(), report, records)
            with self._keeping():
                saved_edges.save(self._options.save_captures, edges)

    @contextlib.contextmanager
    def _keeping(self) -> Iterator[None]:
        """The hosts have answered, and that must not be lost where it cannot be written."""
        try:
            yield
        except CaptureError as error:
            self._unsaved.append(str(error))
