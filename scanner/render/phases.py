"""The phases of init, join or reset as a table for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tabulate import tabulate

from scanner.cluster.result import Outcome, PhaseResult
from scanner.render.harmless import harmless

_WORDS = {
    Outcome.DONE: "done",
    Outcome.ALREADY: "was there",
    Outcome.FAILED: "FAILED",
    Outcome.SKIPPED: "not done",
}


def phase_lines(results: Sequence[PhaseResult]) -> Iterator[str]:
    """A row for each phase of each host, and what went wrong below it."""
    rows = [
        (result.phase, result.host, _WORDS[result.outcome], f"{result.seconds:.1f}")
        for result in results
    ]
    if rows:
        table = tabulate(rows, headers=("phase", "host", "", "seconds"), disable_numparse=True)
        yield from (harmless(line) for line in table.splitlines())
    for result in results:
        if result.outcome is Outcome.FAILED:
            yield ""
            yield harmless(f"{result.phase} on {result.host}: {result.message}")
            yield from (harmless(f"  {line}") for line in result.said)
