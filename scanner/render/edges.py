"""The words for what the hosts found out about each other, the same in every format."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.edges.report import EdgeResult, EdgesReport, EdgeState
from scanner.render.causes import plural
from scanner.verdict import Verdict

PROBLEMS = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN)
"""The worst first."""
WORDS = {
    ".": "ok",
    "r": "refused",
    "d": "DROPPED",
    "u": "no route",
    "?": "?",
    "n": "no name",
    "-": "",
}
"""A letter of `EdgesReport.matrix` -> what is shown."""


def problems(edges: EdgesReport) -> tuple[EdgeResult, ...]:
    """The results that are not green, the worst first; those that are accepted last."""
    found = [result for result in edges.results if result.verdict in PROBLEMS]
    return tuple(sorted(found, key=lambda r: (r.ignored is not None, PROBLEMS.index(r.verdict))))


def is_worth_a_matrix(edges: EdgesReport) -> bool:
    """True if it would show more than dots."""
    return any(set(row) - set(".-") for row in edges.matrix)


def summary_line(edges: EdgesReport) -> str:
    """`24 edges (full): 22 open, 2 dropped`."""
    total = sum(edges.counts.values())
    states = ", ".join(
        f"{edges.counts[state]:,} {state}" for state in EdgeState if edges.counts.get(state)
    )
    of = f", a sample of {edges.possible:,}" if edges.sampled else ""
    return f"{plural(total, 'edge')} ({edges.mode}{of}): {states or 'none'}"


def counts(edges: EdgesReport | None) -> Iterator[str]:
    """What the headline says of them."""
    blocking = sum(result.blocking for result in edges.results) if edges is not None else 0
    if blocking:
        yield f"{plural(blocking, 'problem')} between hosts"
