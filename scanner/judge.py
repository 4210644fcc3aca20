"""One host's row of the report, from its answer or from the reason why there is none."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from scanner.beside import beside
from scanner.broken_answer import why_broken
from scanner.checks import CATALOGUE
from scanner.checks.rule import Check
from scanner.errors import ProbeFailed
from scanner.evaluate import evaluate
from scanner.facts import parse_facts
from scanner.facts.base import Facts
from scanner.facts.clock import RoundTrip
from scanner.facts.describe import describe
from scanner.facts.failure import shortage
from scanner.facts.identity import Obstacle
from scanner.facts.paths import Listeners
from scanner.facts.programs import Kubeadm
from scanner.fleet.intake import record_of
from scanner.fleet.record import FleetFacts
from scanner.ignore import IgnoreList
from scanner.membership import NOT_ASKED, Authority
from scanner.probe.capture import Capture
from scanner.probe.frames import parse_frames
from scanner.report import HostReport, HostSeconds, HostStatus, HostVersions, status_of
from scanner.request import Host, Request
from scanner.resolve import node_name, target_of
from scanner.rules.answers import Answers, parse_answers
from scanner.selection import Selection
from scanner.sentences import harmless_host
from scanner.target import Target
from scanner.versions import Version


@dataclass(frozen=True, slots=True)
class Judged:
    """One host, done."""

    report: HostReport
    record: FleetFacts
    target: Target
    """What it was judged as."""


@dataclass(frozen=True, slots=True)
class Judge:
    """Evaluates the whole catalogue on one host after the other and keeps what was asked for."""

    request: Request
    selection: Selection
    ignore: IgnoreList
    catalogue: tuple[Check, ...] = CATALOGUE

    def __call__(
        self,
        host: Host,
        capture: Capture,
        facts: Facts,
        kubernetes: Version,
        authority: Authority = NOT_ASKED,
    ) -> Judged:
        """Make a host's row, and what is kept of it for the rules between hosts.

        Args:
            host: as the inventory has it.
            capture: its answer.
            facts: made of that answer.
            kubernetes: the version of the control plane.
            authority: the CA of the first control plane.
        """
        taken_at = _taken_at(capture)
        target = target_of(self.request, host, facts, kubernetes, now=taken_at, authority=authority)
        said = beside(evaluate(self.catalogue, facts, target), capture.preflight, target.role)
        selected = filter(self.selection.keeps, said.results)
        day = None if taken_at is None else taken_at.date()
        results = self.ignore.apply(host.name, selected, day)
        report = harmless_host(
            HostReport(
                name=host.name,
                node_name=node_name(host, facts),
                address=host.login.address,
                roles=tuple(sorted(host.roles)),
                role=target.role,
                status=status_of(results, target.membership.state),
                seconds=_seconds(capture),
                retries=capture.retries,
                retried_for=capture.retried_for,
                versions=HostVersions(_text(kubeadm_of(facts)), _text(target.kubelet)),
                capture_id=capture.id,
                notes=(
                    *_notes(capture),
                    *_unread_kubeadm(facts, target),
                    *_member(target),
                    *_kscan_beside(facts),
                    *said.notes,
                ),
                facts=describe(facts),
                results=results,
            )
        )
        return Judged(report, record_of(host, facts, target), target)


def facts_of(capture: Capture) -> Facts:
    """The facts in an answer.

    Raises:
        ProbeFailed: the answer is not whole; the message has what the host said instead.
    """
    try:
        facts = parse_facts(parse_frames(capture.stdout, capture.boundary))
    except ProbeFailed as error:
        raise ProbeFailed(why_broken(error, capture)) from error
    groups = dict(facts.groups)
    if (answers := parse_answers(capture.stdout, capture.boundary)) is not None:
        groups[Answers] = answers
    if capture.obstacle:
        groups[Obstacle] = Obstacle(capture.obstacle)
    if (round_trip := _round_trip(capture)) is not None:
        groups[RoundTrip] = round_trip
    return Facts(groups, _explained(facts.missing, capture))


def _explained(missing: Mapping[type[object], str], capture: Capture) -> Mapping[type[object], str]:
    """Say what is behind it where the host had no process left for a section."""
    short = missing and shortage(capture.stdout.decode("utf-8", "replace") + capture.stderr)
    return {kind: f"{why}; {short}" for kind, why in missing.items()} if short else missing


def _round_trip(capture: Capture) -> RoundTrip | None:
    """None also for numbers that no run has written: a capture is a file that anyone may edit."""
    asked, heard = capture.asked_at, capture.heard_at
    if asked is None or heard is None or not 0 <= asked <= heard < _LATEST:
        return None
    return RoundTrip(asked, heard)


_LATEST = 1e11
"""Seconds since 1970: far beyond any clock's."""


def unreachable(host: Host, reason: str, capture: Capture | None = None) -> HostReport:
    """The row of a host about which nothing can be known."""
    return harmless_host(
        HostReport(
            name=host.name,
            node_name=host.node_name or "",
            address=host.login.address,
            roles=tuple(sorted(host.roles)),
            role="",
            status=HostStatus.UNREACHABLE,
            reason=reason,
            seconds=HostSeconds() if capture is None else _seconds(capture),
            retries=0 if capture is None else capture.retries,
            retried_for={} if capture is None else capture.retried_for,
        )
    )


def kubeadm_of(facts: Facts) -> Version | None:
    """The version of the host's kubeadm; None if there is none or it cannot be read."""
    kubeadm = facts.get(Kubeadm)
    return None if kubeadm is None else kubeadm.version


def _unread_kubeadm(facts: Facts, target: Target) -> tuple[str, ...]:
    kubeadm = facts.get(Kubeadm)
    if kubeadm is not None and kubeadm.run is None:
        return ()  # there is none, and the one to be installed is judged
    if kubeadm_of(facts) is not None:
        return ()
    return (f"its kubeadm did not tell its version: judged as v{target.kubeadm}",)


def _member(target: Target) -> tuple[str, ...]:
    if not target.is_member:
        return ()
    return ("a member of the cluster: its ports and files are judged as a member's",)


def _kscan_beside(facts: Facts) -> tuple[str, ...]:
    listeners = facts.get(Listeners)
    if listeners is None or not listeners.kscans:
        return ()
    ports = ", ".join(map(str, sorted(listeners.kscans)))
    return (f"another kscan listens here for a moment: ports {ports} are not counted as held",)


def _taken_at(capture: Capture) -> datetime.datetime | None:
    """The time that expiry is judged at; a capture may come from a file that anyone has edited."""
    try:
        taken_at = datetime.datetime.fromisoformat(capture.taken_at)
    except ValueError:
        return None
    return taken_at if taken_at.tzinfo is not None else taken_at.replace(tzinfo=datetime.UTC)


def _seconds(capture: Capture) -> HostSeconds:
    def rounded(seconds: float | None) -> float | None:
        return None if seconds is None else round(seconds, 3)

    return HostSeconds(rounded(capture.connect_seconds), rounded(capture.probe_seconds))


def _text(version: Version | None) -> str | None:
    return None if version is None else f"v{version}"


def _notes(capture: Capture) -> tuple[str, ...]:
    """What the shell or sudo said beside the answer."""
    said = " ".join(capture.stderr.split())
    return (f"stderr: {said[:300]}",) if said else ()
