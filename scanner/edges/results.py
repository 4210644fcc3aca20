"""A tally -> results in words: `node3 -> node1 6443/tcp: dropped, answers on 22; ...`."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeGuard

from scanner.checks.rule import Severity
from scanner.edges.checks import CLOSED, NAMES, PATHS, EdgeCheck
from scanner.edges.folding import Group, fold_edges
from scanner.edges.mode import Network
from scanner.edges.paths import path_results
from scanner.edges.plan import Plan
from scanner.edges.report import By, EdgeState
from scanner.edges.tally import NAME, OWN_ROUTES, SILENT, Tally
from scanner.fleet.judge import FleetResult
from scanner.fleet.rule import FleetFinding
from scanner.render.fold import fold
from scanner.verdict import Verdict

MOST_RESULTS = 100
"""Results of one check; what is beyond is counted in one more."""
_NAMES = 3
"""Names that a subject holds as they are."""
_EVERYBODY = "every host"
_OWN_ROUTES = "unroutable by the diallers' own routes: see those"


def edge_results(tally: Tally) -> tuple[FleetResult, ...]:
    """Everything that is to be said, one PASS for each check that has found nothing."""
    groups = fold_edges(tally.bad, tally.incoming, tally.outgoing)
    names = [peer.name for peer in tally.plan.peers]
    closed = [_closed(tally.plan, group) for group in groups if group.ports != (NAME,)]
    closed += _unknown(tally)
    nameless = [_nameless(tally.plan, group) for group in groups if group.ports == (NAME,)]
    results = (
        *_limited(CLOSED, closed, _measured(tally)),
        *_limited(NAMES, nameless, _looked_up(tally)),
        *_limited(PATHS, list(path_results(names, tally.paths)), _compared(tally)),
    )
    silent = {host for r in results if r.verdict is Verdict.UNKNOWN for host in r.hosts}
    hosts = (len(names) - len(silent), len(names))
    return tuple(_with_finding(_counted(result, tally, hosts)) for result in results)


def _counted(result: FleetResult, tally: Tally, hosts: tuple[int, int]) -> FleetResult:
    """Of how much something is known: of edges for what is said of edges, else of hosts."""
    if result.check != CLOSED.id:
        return replace(result, measured=hosts[0], total=hosts[1])
    total = sum(tally.counts.values())
    known = total - tally.counts[EdgeState.UNKNOWN]
    if result.verdict is Verdict.UNKNOWN and not result.hosts:
        # of a port that stays silent in this mode nothing is known; its edges are counted already
        known, total = result.measured, result.total
    return replace(result, measured=known, total=total, unit="edge")


def _with_finding(result: FleetResult) -> FleetResult:
    """What is wrong stands in a finding too, as with the other rules between hosts."""
    if result.verdict not in {Verdict.FAIL, Verdict.WARN}:
        return result
    severity = Severity.ERROR if result.verdict is Verdict.FAIL else Severity.WARNING
    said = FleetFinding(result.message, result.hosts, source=result.source, severity=severity)
    return replace(result, findings=(said,))


def _limited(check: EdgeCheck, found: list[FleetResult], passed: str) -> Iterator[FleetResult]:
    if not found and passed:
        yield FleetResult(check.id, "", Verdict.PASS, passed)
    worst_first = list(_unique(sorted(found, key=lambda result: not result.blocking)))
    yield from worst_first[:MOST_RESULTS]
    if rest := worst_first[MOST_RESULTS:]:
        worst = rest[0]
        message = f"{len(rest)} more results of this kind: see the rows of the report"
        yield FleetResult(
            check.id,
            "others",
            worst.verdict,
            message,
            remedy=check.remedy,
            blocking=any(result.blocking for result in rest),
        )


def _unique(found: list[FleetResult]) -> Iterator[FleetResult]:
    """Number the subjects that two reasons share."""
    seen: Counter[str] = Counter()
    for result in found:
        seen[result.subject] += 1
        number = seen[result.subject]
        yield result if number == 1 else replace(result, subject=f"{result.subject}#{number}")


def _measured(tally: Tally) -> str:
    counts = tally.counts
    total = sum(counts.values())
    if not total:
        return ""
    sample = f", a sample of {tally.plan.possible}" if tally.plan.sampled else ""
    return f"all {total} edges dialled answer{sample}"


def _looked_up(tally: Tally) -> str:
    count = sum(n for (port, _), n in tally.outgoing.items() if port == NAME)
    return f"the hosts find each other by name, in {count} lookups" if count else ""


def _compared(tally: Tally) -> str:
    if not tally.paths:
        return ""
    paths = tally.paths.values()
    times = [path.rtt_us / 1000 for path in paths if path.rtt_us is not None]
    delay = f" of {statistics.median(times):.1f} ms (at most {max(times):.1f})" if times else ""
    mtus = sorted({path.mtu for path in paths if path.mtu})
    mtu = f" {mtus[0]}" if len(mtus) == 1 else ""
    sized = any(path.largest is not None for path in paths)
    rest = "" if sized else "; lost and vanished packets were not looked for"
    return f"{len(paths)} paths are alike in delay{delay} and MTU{mtu}{rest}"


def _closed(plan: Plan, group: Group) -> FleetResult:
    ports = [plan.ports[number] for number in group.ports]
    needed = any(port.needed for port in ports)
    listed = ", ".join(port.name for port in ports)
    if group.by is By.NAME:
        listed += " by name"
    optional = "" if needed else f" (only some ways to run {ports[0].component} need it)"
    words = f"{_side(plan, group.diallers)} -> {_side(plan, group.targets)} {listed}: "
    return FleetResult(
        CLOSED.id,
        _subject(plan, group, ",".join(port.name for port in ports)),
        Verdict.FAIL if needed else Verdict.WARN,
        words + _state(plan, group) + optional,
        _hosts(plan, group),
        remedy=CLOSED.remedy,
        source="; ".join(dict.fromkeys(port.source for port in ports)),
        blocking=needed,
    )


def _state(plan: Plan, group: Group) -> str:
    targets = group.targets or ()
    there = plan.peers[targets[0]].name if len(targets) == 1 else "the hosts dialled"
    answers_on = next((note for note in group.notes if note), "")
    where = _where(plan, group, there)
    match group.state:
        case EdgeState.REFUSED:
            return f"refused, though kscan listened there: a firewall rejects it, {where}"
        case EdgeState.UNROUTABLE if answers_on == OWN_ROUTES:
            names = plan.peers[group.diallers[0]].name if _is_one(group.diallers) else ""
            return f"unroutable from {names}: see its routes" if names else _OWN_ROUTES
        case EdgeState.UNROUTABLE:
            return f"no route, or a firewall says that it may not be reached, {where}"
    if answers_on == SILENT:
        return f"dropped, as is all else; {there} may be down, or everything between is closed"
    alive = f", answers on {answers_on}" if answers_on else ""
    return f"dropped{alive}; a firewall {where}"


def _where(plan: Plan, group: Group, there: str) -> str:
    """Where a firewall may be: at either end of what is lost, or between."""
    if group.diallers is None:
        return f"on {there} or between"
    if not _is_one(group.diallers):
        return f"on {there}, on the way, or the diallers' own"
    here = plan.peers[group.diallers[0]].name
    if _is_one(group.targets):
        return f"on {there}, on the way, or {here}'s own"
    return f"on {here} itself, on the way, or on {there}"


def _is_one(side: tuple[int, ...] | None) -> TypeGuard[tuple[int, ...]]:
    return side is not None and len(side) == 1


def _nameless(plan: Plan, group: Group) -> FleetResult:
    stands_for = next((note for note in group.notes if note), "")
    found = f"finds {stands_for}, none of its addresses" if stands_for else "finds no address"
    targets = group.targets
    words = ", ".join(fold(plan.peers[i].node_name for i in targets)) if targets else "any other"
    message = f"{_side(plan, group.diallers)} looks up the node name of {words} and {found}"
    if targets is not None:
        message += ": a missing entry in /etc/hosts or DNS" if not stands_for else ""
    return FleetResult(
        NAMES.id,
        _subject(plan, group, "name"),
        Verdict.WARN,
        message,
        _hosts(plan, group),
        remedy=NAMES.remedy,
        source="getaddrinfo(3) on the dialling host",
    )


def _unknown(tally: Tally) -> list[FleetResult]:
    """One result for each reason, with the hosts; silence in UDP is the mode's own limit."""
    plan, found = tally.plan, []
    hosts: defaultdict[str, list[int]] = defaultdict(list)
    edges: Counter[str] = Counter()
    for unknown, count in tally.unknown.items():
        if unknown.port is not None:
            name = plan.ports[unknown.port].name
            hint = " (see --network sample)" if plan.mode is Network.DIAL else ""
            message = f"{count} edges to {name}: {unknown.reason}{hint}"
            subject = f"*>*:{name}"
            found.append(FleetResult(CLOSED.id, subject, Verdict.UNKNOWN, message, total=count))
        elif unknown.dialler is not None:
            hosts[unknown.reason].append(unknown.dialler)
            edges[unknown.reason] += count
    for reason, indices in hosts.items():
        names = tuple(plan.peers[i].name for i in sorted(indices))
        message = f"{edges[reason]} edges from {_listed(names)} are not known: {reason}"
        subject = f"{_short(names)}>*"
        found.append(
            FleetResult(CLOSED.id, subject, Verdict.UNKNOWN, message, names, blocking=True)
        )
    if lost := tuple(plan.peers[i].name for i in sorted(plan.hidden)):
        message = (
            f"no address of {_listed(lost)} is known that the others could dial and no other has"
        )
        remedy = (
            "Give internalAddress or advertiseAddress in the inventory; hosts that are only tried "
            "on one machine have none, see --network off."
        )
        found.append(
            FleetResult(
                CLOSED.id,
                f"*>{_short(lost)}",
                Verdict.UNKNOWN,
                message,
                lost,
                remedy=remedy,
                blocking=True,
            )
        )
    return found


def _side(plan: Plan, side: tuple[int, ...] | None) -> str:
    return _EVERYBODY if side is None else _listed(tuple(plan.peers[i].name for i in side))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(fold(names))


def _short(names: tuple[str, ...]) -> str:
    return ",".join(names if len(names) <= _NAMES else fold(names))


def _subject(plan: Plan, group: Group, what: str) -> str:
    sides = (
        "*" if side is None else _short(tuple(plan.peers[i].name for i in side))
        for side in (group.diallers, group.targets)
    )
    by = ":name" if group.by is By.NAME and what != "name" else ""
    return f"{'>'.join(sides)}:{what}{by}"


def _hosts(plan: Plan, group: Group) -> tuple[str, ...]:
    indices = {*(group.diallers or ()), *(group.targets or ())}
    return tuple(plan.peers[i].name for i in sorted(indices))
