"""The failures of one host -> which of them another one of them explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from scanner.evaluate import Result
from scanner.explanations import EXPLANATIONS, Explanation
from scanner.verdict import Verdict

Place: TypeAlias = tuple[str, str]
"""Check and subject; unique in a host."""
FAILED = frozenset({Verdict.WARN, Verdict.UNKNOWN, Verdict.FAIL})


def roots(
    results: Iterable[Result], explanations: tuple[Explanation, ...] = EXPLANATIONS
) -> Mapping[Place, Place]:
    """Each row that another one explains, and the row where its chain begins.

    What somebody has ignored neither explains nor is explained: it was spoken of by itself.

    Args:
        results: of one host; what passed or was not asked is left aside.
        explanations: in the order in which they are looked at.
    """
    failed = [r for r in results if r.verdict in FAILED and r.ignored is None]
    by_check: dict[str, list[Result]] = {}
    for result in failed:
        by_check.setdefault(result.check, []).append(result)
    able = [one for one in explanations if one.cause in by_check]
    causes = {}
    for effect in failed if able else ():
        cause = _cause(effect, able, by_check)
        if cause is not None:
            causes[_place(effect)] = _place(cause)
    return {place: root for place in causes if (root := _first(place, causes)) != place}


def _cause(
    effect: Result, able: Iterable[Explanation], by_check: Mapping[str, list[Result]]
) -> Result | None:
    for one in able:
        if not one.effects or effect.check in one.effects:
            for cause in by_check[one.cause]:
                if cause is not effect and one.holds(effect, cause):
                    return cause
    return None


def _first(place: Place, causes: Mapping[Place, Place]) -> Place:
    """The beginning of the chain; of a ring, which explains nothing, the place itself."""
    seen = {place}
    at = place
    while at in causes:
        at = causes[at]
        if at in seen:
            return place
        seen.add(at)
    return at


def _place(result: Result) -> Place:
    return result.check, result.subject
