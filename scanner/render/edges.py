"""The words for what the hosts dialled of each other, the same in every format."""

from __future__ import annotations

from scanner.edges.report import EdgesReport, EdgeState
from scanner.render.causes import plural

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
