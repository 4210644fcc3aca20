"""What is wrong with the running cluster, and what init, join or reset has not done, for pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from scanner.cluster.result import NOT_DONE, PhaseResult
from scanner.render.causes import plural
from scanner.report import Report
from scanner.verdict import Verdict
from scanner.verify.result import VerifyResult

CLUSTER = "The running cluster"
PHASES = "Phases that were not done"
_ORDER = (Verdict.FAIL, Verdict.UNKNOWN, Verdict.WARN)


def problems(results: Iterable[VerifyResult]) -> tuple[VerifyResult, ...]:
    """All that is not green, the worst first."""
    bad = [result for result in results if result.verdict in _ORDER]
    bad.sort(key=lambda result: (not result.blocking, _ORDER.index(result.verdict)))
    return tuple(bad)


def fine(results: Iterable[VerifyResult]) -> str:
    """How many passed, in one line; empty where nothing was asked."""
    verdicts = [result.verdict for result in results]
    asked = len(verdicts) - verdicts.count(Verdict.SKIP)
    passed = verdicts.count(Verdict.PASS)
    line = f"{passed} of {plural(asked, 'result')} about the running cluster passed"
    return line if verdicts else ""


def undone(phases: Iterable[PhaseResult]) -> tuple[PhaseResult, ...]:
    """Those that failed or were not come to, in their order."""
    return tuple(phase for phase in phases if phase.outcome in NOT_DONE)


def told(phase: PhaseResult) -> str:
    """What became of it, in one sentence."""
    return phase.message or "not done, because of what went wrong before"


def name(result: VerifyResult, titles: Mapping[str, str]) -> str:
    """The check's title, and what it is about where there are several."""
    return f"{titles.get(result.check, result.check)} {result.subject}".rstrip()


def counts(report: Report) -> Iterator[str]:
    """What the headline says of them."""
    if wrong := sum(result.blocking for result in report.verify):
        yield f"{plural(wrong, 'problem')} of the running cluster"
    warned = sum(r.verdict is Verdict.WARN and r.ignored is None for r in report.verify)
    if warned:
        yield f"{plural(warned, 'warning')} of the running cluster"
    if left := len(undone(report.phases)):
        yield f"{left:,} of {plural(len(report.phases), 'phase')} not done"
