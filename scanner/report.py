"""`kscan.report/v1` as frozen values: one run's header, and a host's results.

Field names are those of the JSON document in snake case; times are ISO 8601 in UTC, durations
are seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from scanner.cluster.result import NOT_DONE, PhaseResult
from scanner.edges.report import EdgesReport
from scanner.errors import Hurdle
from scanner.evaluate import Result
from scanner.fleet.judge import FleetResult
from scanner.json_names import JSON_NAMES
from scanner.membership import State
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult

SCHEMA = "kscan.report/v1"


class HostStatus(StrEnum):
    """What a host is, all its results together."""

    READY = "ready"
    NOT_READY = "notReady"
    MEMBER = "member"
    HALF_DONE = "halfDone"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class HostSeconds:
    """How long the host took; None where it did not come so far."""

    connect: float | None = None
    probe: float | None = None


@dataclass(frozen=True, slots=True)
class HostVersions:
    """The versions found on the host; None if there is none or it could not be read."""

    kubeadm: str | None = None
    kubelet: str | None = None


@dataclass(frozen=True, slots=True)
class HostReport:
    """One host: a row of the matrix with everything that is known about it.

    Its sentences are harmless to show; what stands in `facts` is what the host said.
    """

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    name: str
    node_name: str
    """Empty if the host did not tell its hostname."""
    address: str
    roles: tuple[str, ...]
    role: str
    """What it was judged as: init, join-control-plane, join-worker; empty if unreachable."""
    status: HostStatus
    reason: str = ""
    """Why it is unreachable, in one sentence that tells what to do; else empty."""
    seconds: HostSeconds = HostSeconds()
    retries: int = 0
    versions: HostVersions = HostVersions()
    capture_id: str = ""
    """SHA-256 of the probe's answer without its boundary, 16 hex digits."""
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] | None = None
    results: tuple[Result, ...] = ()
    retried_for: Mapping[Hurdle, int] = field(default_factory=dict)
    """`retries` by their cause; empty in reports of before."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Who wrote the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the tool."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    id: str
    started_at: str
    seconds: float
    complete: bool = True
    """False if it was interrupted: hosts that had not finished are unreachable."""
    only: tuple[str, ...] = ()
    """Names or patterns of `--only`: the other checks were not judged. Empty = all were."""
    skip: tuple[str, ...] = ()
    """Names or patterns of `--skip`."""


@dataclass(frozen=True, slots=True)
class ClusterReport:
    """The cluster that the hosts were judged for."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    name: str
    kubernetes_version: str
    kubernetes_version_from: str
    """Where the version comes from, as a clause: `asked for`, `kubeadm on node1`, ..."""
    control_plane_endpoint: str
    bind_port: int
    pod_subnets: tuple[str, ...]
    service_subnets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostCounts:
    """Hosts by status."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    total: int = 0
    ready: int = 0
    not_ready: int = 0
    member: int = 0
    half_done: int = 0
    unreachable: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """The counts that the exit status follows from."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    hosts: HostCounts
    verdicts: Mapping[Verdict, int]
    """Every verdict has a count."""
    blocking_unknown: int = 0
    """UNKNOWN results where the check could have said an error."""
    warnings: int = 0
    """WARN results that nobody has ignored: what `--strict` looks at."""
    retries: int = 0
    """Connections that were tried again, of all hosts together."""
    fleet: Mapping[Verdict, int] = field(default_factory=dict)
    """Results between hosts by verdict; the two counts above have them too."""
    verify: Mapping[Verdict, int] = field(default_factory=dict)
    """Results about the running cluster by verdict, likewise; empty if it was not asked."""
    retried_hosts: int = 0
    """Hosts of which a connection was tried again; 0 beside `retries` in older reports."""
    retried_for: Mapping[Hurdle, int] = field(default_factory=dict)
    """`retries` by their cause, as far as it is known."""


@dataclass(frozen=True, slots=True)
class Header:
    """Everything of a report but the hosts."""

    tool: Tool
    run: Run
    cluster: ClusterReport
    ready: bool
    summary: Summary
    titles: Mapping[str, str] = field(default_factory=dict)
    """Check id -> its title, for the rows that kubeadm has no name for."""


@dataclass(frozen=True, slots=True)
class Report:
    """A finished run: the header, and the hosts in the order of the inventory.

    Renderers iterate over `hosts()` as often as they need; a host is decoded anew each time, so
    that a report of 5,000 hosts is never in memory as a whole.
    """

    header: Header
    hosts: Callable[[], Iterator[HostReport]]
    host_lines: Callable[[], Iterator[bytes]]
    """The same hosts as JSON documents of one line each."""
    fleet: tuple[FleetResult, ...] = ()
    """What no host shows alone; by check and subject."""
    edges: EdgesReport | None = None
    """What the hosts found out about each other; None if none has dialled another."""
    verify: tuple[VerifyResult, ...] = ()
    """What the running cluster was seen to be; by check and subject. Empty if it was not asked."""
    phases: tuple[PhaseResult, ...] = ()
    """What was done to the hosts and the cluster, in this order; empty for a check."""


_OF_MEMBERSHIP = {
    State.MEMBER: HostStatus.MEMBER,
    State.OTHER_CLUSTER: HostStatus.NOT_READY,
    State.HALF_DONE: HostStatus.HALF_DONE,
}


def status_of(results: tuple[Result, ...], membership: State) -> HostStatus:
    """A host that is in no cluster is ready when nothing blocks it.

    A member stays one whatever else is wrong with it; the summary's verdicts tell of that.
    """
    if membership in _OF_MEMBERSHIP:
        return _OF_MEMBERSHIP[membership]
    blocked = any(result.blocking for result in results)
    return HostStatus.NOT_READY if blocked else HostStatus.READY


def is_ready(summary: Summary, phases: Iterable[PhaseResult] = (), *, complete: bool) -> bool:
    """Decide `ready`: all is finished, hosts are ready or members, and nothing blocks or failed."""
    hosts = summary.hosts
    if not complete or hosts.ready + hosts.member != hosts.total or summary.blocking_unknown:
        return False
    counted = (summary.verdicts, summary.fleet, summary.verify)
    failed = any(counts.get(Verdict.FAIL, 0) for counts in counted)
    return not failed and not any(phase.outcome in NOT_DONE for phase in phases)


class Counter:
    """Adds up a summary while hosts arrive."""

    def __init__(self) -> None:
        self._status = dict.fromkeys(HostStatus, 0)
        self._verdicts = dict.fromkeys(Verdict, 0)
        self._fleet = dict.fromkeys(Verdict, 0)
        self._verify: dict[Verdict, int] = {}
        self._blocking_unknown = 0
        self._warnings = 0
        self._retries = 0
        self._retried_hosts = 0
        self._retried_for: dict[Hurdle, int] = {}

    def add_fleet(self, results: Iterable[FleetResult]) -> None:
        """Count the results between hosts."""
        for result in results:
            self._fleet[result.verdict] += 1
            self._add_beside(result)

    def add_verify(self, results: Iterable[VerifyResult]) -> None:
        """Count the results about the running cluster."""
        for result in results:
            self._verify = self._verify or dict.fromkeys(Verdict, 0)
            self._verify[result.verdict] += 1
            self._add_beside(result)

    def _add_beside(self, result: FleetResult | VerifyResult) -> None:
        if result.blocking and result.verdict is not Verdict.FAIL:
            self._blocking_unknown += 1
        if result.verdict is Verdict.WARN and result.ignored is None:
            self._warnings += 1

    def add(self, host: HostReport) -> None:
        """Count one host."""
        self._status[host.status] += 1
        self._retries += host.retries
        self._retried_hosts += host.retries > 0
        for hurdle, times in host.retried_for.items():
            self._retried_for[hurdle] = self._retried_for.get(hurdle, 0) + times
        for result in host.results:
            self._verdicts[result.verdict] += 1
            if result.verdict is Verdict.UNKNOWN and result.blocking:
                self._blocking_unknown += 1
            if result.verdict is Verdict.WARN and result.ignored is None:
                self._warnings += 1

    def summary(self) -> Summary:
        """What was counted so far."""
        status, verdicts = self._status, self._verdicts
        return Summary(
            HostCounts(
                sum(status.values()),
                status[HostStatus.READY],
                status[HostStatus.NOT_READY],
                status[HostStatus.MEMBER],
                status[HostStatus.HALF_DONE],
                status[HostStatus.UNREACHABLE],
            ),
            dict(verdicts),
            self._blocking_unknown,
            self._warnings,
            self._retries,
            dict(self._fleet),
            dict(self._verify),
            self._retried_hosts,
            dict(self._retried_for),
        )
