"""Problems with one cause together, and the sentence that sums up a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.evaluate import Ignored
from scanner.matrix import Matrix, Problem, Row
from scanner.report import ClusterReport, Header
from scanner.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Cause:
    """One row that went wrong in one way: a name, a remedy, and the messages it was told with."""

    row: Row
    verdict: Verdict
    blocking: bool
    ignored: Ignored | None
    remedy: str
    problems: tuple[Problem, ...]
    """The messages, the one on the most hosts first; no host is on two of them."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """All hosts that have it."""
        return tuple(host for problem in self.problems for host in problem.hosts)


def causes(matrix: Matrix) -> tuple[Cause, ...]:
    """The problems of a matrix by cause, worst first, the most hosts first."""
    found: dict[tuple[Row, Verdict, bool, Ignored | None, str], list[Problem]] = {}
    for problem in matrix.problems:
        key = (problem.row, problem.verdict, problem.blocking, problem.ignored, problem.remedy)
        found.setdefault(key, []).append(problem)
    grouped = (Cause(*key, tuple(problems)) for key, problems in found.items())
    place = {row: number for number, row in enumerate(matrix.rows)}
    urgency = {cause: number for number, cause in enumerate(_kinds(matrix.problems))}
    return tuple(sorted(grouped, key=lambda c: (urgency[_kind(c)], -len(c.hosts), place[c.row])))


_Kind = tuple[bool, bool, Verdict]


def _kind(problem: Problem | Cause) -> _Kind:
    return problem.blocking, problem.ignored is not None, problem.verdict


def _kinds(problems: Iterable[Problem]) -> dict[_Kind, None]:
    """The kinds of problems in the order that the matrix gave them: worst first."""
    return dict.fromkeys(map(_kind, problems))


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
        yield f"connected again {plural(retries, 'time')}"
    if header.run.only:
        yield f"only {', '.join(header.run.only)} was judged"
    if header.run.skip:
        yield f"{', '.join(header.run.skip)} was not judged"
    if not header.run.complete:
        yield "interrupted before every host had finished"
