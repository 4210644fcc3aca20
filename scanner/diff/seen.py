"""What the old run could know at all: a problem that it could not have found is not a new one."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace

from scanner.fleet.judge import FleetResult
from scanner.report import Header


@dataclass(frozen=True, slots=True)
class Seen:
    """How far the old report goes, as the new one needs it."""

    alike: bool = True
    """True if both runs have asked the same of their hosts."""
    hosts: frozenset[str] | None = None
    """Those that the old run has reached; None = all."""

    def has(self, hosts: Iterable[str]) -> bool:
        """True if the old run has reached all of these."""
        return self.hosts is None or self.hosts.issuperset(hosts)

    def with_added(self, old: Container[str], results: Iterable[FleetResult]) -> Seen:
        """Take the hosts that the old run did not have for known: what they bring along is new.

        Args:
            old: the names of all its hosts, reached or not.
            results: of the new run.
        """
        if self.hosts is None:
            return self
        named = {name for result in results for name in _named(result)}
        return replace(self, hosts=self.hosts.union(name for name in named if name not in old))

    def is_first(self, before: FleetResult | None, after: FleetResult) -> bool:
        """True if all that is new of a result is about a host that was not reached before."""
        same = before is not None and before.verdict is after.verdict
        told = {*before.hosts} if before is not None and same else set[str]()
        about = [finding.hosts for finding in after.findings] or [after.hosts]
        fresh = [hosts for hosts in about if not told.issuperset(hosts)]
        return bool(fresh) and not any(map(self.has, fresh))


def _named(result: FleetResult) -> Iterator[str]:
    yield from result.hosts
    for finding in result.findings:
        yield from finding.hosts


EVERYTHING = Seen()


def asked_alike(old: Header, new: Header) -> bool:
    """True if the two runs differ in none of what decides which checks are asked."""
    return _asked(old) == _asked(new)


def _asked(header: Header) -> tuple[object, ...]:
    run = header.run
    version = header.cluster.kubernetes_version
    return run.only, run.skip, header.tool.version, version, frozenset(header.titles)
