"""Problems with one cause together, and the sentence that sums up a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scanner.errors import Hurdle
from scanner.evaluate import Ignored
from scanner.matrix import Matrix, Origin, Problem, Row, urgency
from scanner.report import ClusterReport, Header
from scanner.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Folded:
    """A row that went wrong because of another one, on some of that one's hosts."""

    row: Row
    verdict: Verdict
    problems: tuple[Problem, ...]
    """The messages, the one on the most hosts first; no host is on two of them."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """All hosts that have it."""
        return tuple(host for problem in self.problems for host in problem.hosts)


@dataclass(frozen=True, slots=True)
class Cause:
    """One row that went wrong in one way: a name, a remedy, and the messages it was told with."""

    origin: Origin
    problems: tuple[Problem, ...]
    """The messages, the one on the most hosts first; no host is on two of them."""
    folded: tuple[Folded, ...] = ()
    """What went wrong because of it, worst first: its remedy mends them too."""

    @property
    def row(self) -> Row:
        """The row that it begins with."""
        return self.origin.row

    @property
    def verdict(self) -> Verdict:
        """The worst of its rows."""
        return self.origin.worst

    @property
    def blocking(self) -> bool:
        """True if one of its rows blocks."""
        return self.origin.blocking

    @property
    def ignored(self) -> Ignored | None:
        """Why its row does not count; such a row has nothing folded under it."""
        return self.origin.ignored

    @property
    def remedy(self) -> str:
        """What to do about all of it."""
        return self.origin.remedy

    @property
    def hosts(self) -> tuple[str, ...]:
        """All hosts that have it."""
        return tuple(host for problem in self.problems for host in problem.hosts)

    def told(self, problem: Problem) -> str:
        """The message of a row below, without the reason that stands above it already."""
        if problem.verdict is Verdict.UNKNOWN:
            for own in self.problems:
                _, colon, why = own.message.partition(": ")
                if why and problem.message.endswith(colon + why):
                    return problem.message.removesuffix(colon + why)
        return problem.message


def causes(matrix: Matrix) -> tuple[Cause, ...]:
    """The problems of a matrix by cause, worst first, the most hosts first."""
    place = {row: number for number, row in enumerate(matrix.rows)}
    found: dict[Origin, list[Problem]] = {}
    for problem in matrix.problems:
        found.setdefault(problem.origin, []).append(problem)
    made = [_cause(origin, problems, place) for origin, problems in found.items()]
    return tuple(sorted(made, key=lambda c: (_urgency(c), -len(c.hosts), place[c.row])))


def _cause(origin: Origin, problems: Iterable[Problem], place: Mapping[Row, int]) -> Cause:
    own: list[Problem] = []
    others: dict[tuple[Row, Verdict], list[Problem]] = {}
    for problem in problems:
        if problem.row == origin.row:
            own.append(problem)
        else:
            others.setdefault((problem.row, problem.verdict), []).append(problem)
    folded = [Folded(*key, tuple(some)) for key, some in others.items()]
    folded.sort(key=lambda one: (urgency(one.verdict, None, blocking=False), place[one.row]))
    return Cause(origin, tuple(own), tuple(folded))


def _urgency(cause: Cause) -> tuple[bool, bool, int]:
    return urgency(cause.verdict, cause.ignored, blocking=cause.blocking)


def headline(header: Header, found: tuple[Cause, ...], between: Iterable[str] = ()) -> str:
    """`37 of 40 hosts ready; 2 problems on 3 hosts`: counts only, in one line.

    Args:
        header: of the run.
        found: problems of hosts by themselves.
        between: what is to be said of several hosts together.
    """
    return "; ".join(_counts(header, found, between))


def version_line(cluster: ClusterReport) -> str:
    """Which Kubernetes the hosts were judged for, and where that came from."""
    origin = cluster.kubernetes_version_from
    return f"Kubernetes {cluster.kubernetes_version}" + (f" ({origin})" if origin else "")


def plural(count: int, noun: str) -> str:
    """`1 host`, `2 hosts`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _most_first(counts: Mapping[Hurdle, int]) -> list[tuple[Hurdle, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _counts(header: Header, found: tuple[Cause, ...], between: Iterable[str]) -> Iterator[str]:
    hosts = header.summary.hosts
    yield f"{hosts.ready:,} of {plural(hosts.total, 'host')} ready"
    if hosts.member:
        yield f"{hosts.member:,} already in the cluster"
    if hosts.half_done:
        yield f"{hosts.half_done:,} half done"
    blocking = [cause for cause in found if cause.blocking]
    warnings = [c for c in found if c.ignored is None and c.verdict is Verdict.WARN]
    for noun, some in (("problem", blocking), ("warning", warnings)):
        if some:
            on = len({host for cause in some for host in cause.hosts})
            yield f"{plural(len(some), noun)} on {plural(on, 'host')}"
    yield from between
    if hosts.unreachable:
        yield f"{plural(hosts.unreachable, 'host')} unreachable"
    if retries := header.summary.retries:
        retried = header.summary.retried_hosts
        to = f" to {plural(retried, 'host')}" if retried else ""
        why = ", ".join(f"{n:,} {hurdle}" for hurdle, n in _most_first(header.summary.retried_for))
        yield f"connected again {plural(retries, 'time')}{to}" + (f" ({why})" if why else "")
    if header.run.only:
        yield f"only {', '.join(header.run.only)} was judged"
    if header.run.skip:
        yield f"{', '.join(header.run.skip)} was not judged"
    if not header.run.complete:
        yield "interrupted before every host had finished"
