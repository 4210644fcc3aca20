"""What a rule between hosts is: a pure generator over the records of all hosts of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, TypeAlias, TypeVar

from scanner.checks.rule import Severity
from scanner.fleet.nodes_there import NodesThere
from scanner.fleet.record import FleetFacts
from scanner.json_names import JSON_NAMES
from scanner.request import Cluster

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fleet:
    """All hosts of a run, in the order of the inventory, and what the cluster shall be."""

    hosts: tuple[FleetFacts, ...]
    cluster: Cluster
    control_planes: int
    """In the whole inventory, also where a run looks at some of its hosts only."""
    nodes: int
    """Hosts of the whole inventory."""
    there: NodesThere | None = None
    """The Nodes of the cluster that runs already; None if nobody has asked for them."""

    def machines(self) -> Iterator[FleetFacts]:
        """The hosts without those that are another one again: that is a finding of its own."""
        first: dict[tuple[str | None, str], str] = {}
        for host in self.hosts:
            if host.boot_id:
                key = (host.machine_id, host.boot_id)
                first[key] = min(first.get(key, host.host), host.host)
        for host in self.hosts:
            key = (host.machine_id, host.boot_id or "")
            if first.get(key, host.host) == host.host:
                yield host


@dataclass(frozen=True, slots=True)
class FleetFinding:
    """One thing that is wrong between hosts, with the hosts that it is about."""

    __pydantic_config__: ClassVar = JSON_NAMES

    message: str
    """One sentence without the hosts' names."""
    hosts: tuple[str, ...]
    """In the order of the inventory; empty where it is about the cluster as a whole."""
    have: str = ""
    need: str = ""
    source: str = ""
    severity: Severity | None = None
    """None = the check's."""
    remedy: str = ""
    """What to do about just this; empty = the check's own."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Hosts of which a rule could not know what it needs: without them it never passes."""

    hosts: tuple[str, ...]
    reason: str
    worst: Severity | None = None
    """The worst that could still be true of them; None = the check's severity."""


Said: TypeAlias = FleetFinding | Gap
FleetRule: TypeAlias = Callable[[Fleet], Iterator[Said]]
Skip: TypeAlias = Callable[[Fleet], str | None]


@dataclass(frozen=True, slots=True, eq=False)
class FleetCheck:
    """One entry of the catalogue of rules between hosts, ids KS7xx."""

    id: str
    title: str
    severity: Severity
    """The worst that it can say."""
    passed: str
    """What is true where nothing is wrong, as a clause."""
    remedy: str
    compares: bool
    """False for a rule that also speaks of a single host."""
    skip: Skip
    rule: FleetRule
    kubeadm: None = None
    """kubeadm sees one host and has none of these."""

    @property
    def description(self) -> str:
        """The rule's docstring."""
        return (self.rule.__doc__ or "").strip()


def _never_skip(_fleet: Fleet) -> str | None:
    return None


def fleet_check(
    check_id: str,
    title: str,
    severity: Severity,
    *,
    passed: str,
    remedy: str,
    compares: bool = True,
    skip: Skip = _never_skip,
) -> Callable[[FleetRule], FleetCheck]:
    """Turn a rule into a FleetCheck.

    Args:
        check_id: unique in both catalogues.
        title: a noun phrase.
        severity: of its findings, unless they say otherwise.
        passed: what is true where nothing is wrong.
        remedy: what to do about it, in the imperative.
        compares: False if it means something for one host alone.
        skip: fleet -> why nothing is asked, or None.
    """

    def wrap(rule: FleetRule) -> FleetCheck:
        return FleetCheck(check_id, title, severity, passed, remedy, compares, skip, rule)

    return wrap


def told(hosts: Iterable[FleetFacts], name: str, kind: type[T]) -> Iterator[tuple[FleetFacts, T]]:
    """The hosts that told a field, each with its value."""
    for host in hosts:
        value = getattr(host, name)
        if isinstance(value, kind):
            yield host, value


def untold(hosts: Iterable[FleetFacts], name: str) -> Iterator[Gap]:
    """A gap for each reason for which hosts did not tell a field."""
    missing: dict[str, list[str]] = {}
    for host in hosts:
        if getattr(host, name) is None:
            missing.setdefault(host.reason(name), []).append(host.host)
    for reason, names in missing.items():
        yield Gap(tuple(names), reason)
