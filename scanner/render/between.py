"""The results between hosts as they are told: what is not green in words, the rest as a number."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scanner.fleet.judge import FleetResult
from scanner.render.causes import plural
from scanner.report import Summary
from scanner.verdict import Verdict

TITLE = "Between the hosts"
_TOLD = frozenset({Verdict.FAIL, Verdict.WARN})


@dataclass(frozen=True, slots=True)
class Unknown:
    """Rules that could not be judged for one reason, because of the same hosts."""

    titles: tuple[str, ...]
    message: str
    hosts: tuple[str, ...]
    blocking: bool


@dataclass(frozen=True, slots=True)
class Between:
    """All results of a report, the worst first."""

    problems: tuple[FleetResult, ...]
    """FAIL and WARN."""
    unknown: tuple[Unknown, ...]
    lost: tuple[Unknown, ...]
    """What is not known of unreachable hosts alone: it is told with them."""
    fine: str
    """How many are fine, in one line; empty where nothing was asked."""

    @property
    def is_worth_a_word(self) -> bool:
        """False for a single host about which there is nothing to say."""
        return bool(self.problems or self.unknown or self.fine)


def between(
    results: Iterable[FleetResult], titles: Mapping[str, str], unreachable: Iterable[str]
) -> Between:
    """Sort the results of a report into what is told and what is counted.

    Args:
        results: of the report.
        titles: check id -> our title.
        unreachable: hosts that nobody could ask; a rule that lacks nobody else is explained.
    """
    found = tuple(results)
    silent = frozenset(unreachable)
    problems = sorted(
        (result for result in found if result.verdict in _TOLD),
        key=lambda result: (not result.blocking, result.verdict is not Verdict.FAIL, result.check),
    )
    open_ = [result for result in found if result.verdict is Verdict.UNKNOWN]
    lost = [r for r in open_ if r.hosts and silent.issuperset(r.hosts) and r.ignored is None]
    passed = sum(result.verdict is Verdict.PASS for result in found)
    asked = sum(result.verdict is not Verdict.SKIP for result in found)
    compared = any(result.total > 1 for result in found)
    fine = f"{passed} of {plural(asked, 'rule')} between hosts found nothing wrong"
    return Between(
        tuple(problems),
        tuple(_unknown((result for result in open_ if result not in lost), titles)),
        tuple(_unknown(lost, titles)),
        fine if compared else "",
    )


def _unknown(results: Iterable[FleetResult], titles: Mapping[str, str]) -> Iterator[Unknown]:
    unknown: dict[tuple[str, tuple[str, ...], bool], list[str]] = {}
    for result in results:
        key = (result.message, result.hosts, result.blocking)
        unknown.setdefault(key, []).append(name(result, titles))
    for key, names in unknown.items():
        yield Unknown(tuple(names), *key)


def sentences(result: FleetResult) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What is wrong, each sentence once, and the hosts that it is about."""
    said: dict[str, dict[str, None]] = {}
    for finding in result.findings:
        said.setdefault(finding.message, {}).update(dict.fromkeys(finding.hosts))
    return tuple((message, tuple(hosts)) for message, hosts in said.items())


def name(result: FleetResult, titles: Mapping[str, str]) -> str:
    """The rule's title, and what it is about where there are several."""
    return f"{titles.get(result.check, result.check)} {result.subject}".rstrip()


def counts(summary: Summary, results: Iterable[FleetResult]) -> Iterator[str]:
    """What the headline says of them."""
    failed = summary.fleet.get(Verdict.FAIL, 0)
    if failed:
        yield f"{plural(failed, 'problem')} between hosts"
    warned = sum(result.verdict is Verdict.WARN and result.ignored is None for result in results)
    if warned:
        yield f"{plural(warned, 'warning')} between hosts"
