"""What is said of the ways between hosts: delay, MTU, lost and vanished packets."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scanner.edges.answers import Path
from scanner.edges.blame import Pair, blame
from scanner.edges.checks import PATHS
from scanner.fleet.judge import FleetResult
from scanner.verdict import Verdict

SLOW_MS = 10.0
"""Milliseconds of a round trip that may be too long; etcd's default heartbeat is ten times that
(etcd: Tuning, heartbeat interval)."""
SLOW_TIMES = 5
"""It is too long only if it is so many times the fleet's median."""
FEWEST_LOST = 3
"""Lost datagrams that are no accident; each neighbour is sent 20."""
_MOST_PAIRS = 10

_ETCD = "TCP_INFO of the dialling host; etcd: Tuning"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One thing that can be wrong with a path."""

    word: str
    bad: Callable[[Path], bool]
    known: Callable[[Path], bool]
    of_host: Callable[[str, Sequence[Path]], str]
    of_pair: Callable[[str, Path], str]
    source: str
    fewest: int = 0
    """Lost datagrams below which nothing is said."""


def path_results(names: Sequence[str], paths: Mapping[Pair, Path]) -> Iterator[FleetResult]:
    """Compare the paths.

    Args:
        names: of the hosts, by index.
        paths: (dialler, target) -> what was measured.
    """
    yield from _mtu(names, paths)
    for kind in (_delay(paths), _loss()):
        yield from _of_kind(kind, names, paths)


def _of_kind(
    kind: _Kind, names: Sequence[str], paths: Mapping[Pair, Path]
) -> Iterator[FleetResult]:
    known = {pair: path for pair, path in paths.items() if kind.known(path)}
    blamed, left = blame((pair for pair, path in known.items() if kind.bad(path)), known)
    for one in blamed:
        found = [known[pair] for pair in one.pairs]
        if sum((path.sent or 0) - (path.got or 0) for path in found) < kind.fewest:
            continue
        name = names[one.host]
        yield _result(f"{name}:{kind.word}", kind.of_host(name, found), (name,), kind.source)
    enough = [p for p in sorted(left) if _lost(known[p]) >= min(kind.fewest, FEWEST_LOST)]
    yield from _pairs(enough, kind, names, known)


def _pairs(
    pairs: Sequence[Pair], kind: _Kind, names: Sequence[str], known: Mapping[Pair, Path]
) -> Iterator[FleetResult]:
    for dialler, target in pairs[:_MOST_PAIRS]:
        way = f"{names[dialler]} -> {names[target]}"
        message = kind.of_pair(way, known[dialler, target])
        subject = f"{names[dialler]}>{names[target]}:{kind.word}"
        yield _result(subject, message, (names[dialler], names[target]), kind.source)
    if rest := pairs[_MOST_PAIRS:]:
        hosts = tuple(names[i] for i in sorted({host for pair in rest for host in pair}))
        message = f"the same ({kind.word}) on {len(rest)} other paths"
        yield _result(f"*>*:{kind.word}", message, hosts, kind.source)


def _delay(paths: Mapping[Pair, Path]) -> _Kind:
    times = [path.rtt_us / 1000 for path in paths.values() if path.rtt_us is not None]
    median = statistics.median(times) if times else 0.0
    limit = slow_ms(median)

    def ms(path: Path) -> float:
        return (path.rtt_us or 0) / 1000

    return _Kind(
        "rtt",
        lambda path: ms(path) > limit,
        lambda path: path.rtt_us is not None,
        lambda name, found: (
            f"{name}: {statistics.median(map(ms, found)):.0f} ms of round trip to and from the "
            f"others, where the median of all is {median:.1f} ms"
        ),
        lambda way, path: f"{way}: {ms(path):.0f} ms of round trip, the median is {median:.1f} ms",
        _ETCD,
    )


def slow_ms(median: float) -> float:
    """Milliseconds beyond which a round trip is too long, where this is the fleet's median."""
    return max(SLOW_MS, SLOW_TIMES * median)


def _lost(path: Path) -> int:
    return (path.sent or 0) - (path.got or 0)


def _loss() -> _Kind:
    def share(found: Sequence[Path]) -> str:
        sent, lost = sum(path.sent or 0 for path in found), sum(map(_lost, found))
        return f"{lost} of {sent} small datagrams"

    return _Kind(
        "loss",
        lambda path: _lost(path) > 0,
        lambda path: path.sent is not None and path.got is not None,
        lambda name, found: f"{name}: {share(found)} to and from it got lost",
        lambda way, path: f"{way}: {share([path])} got lost",
        "UDP echoes between kscan's own listeners",
        FEWEST_LOST,
    )


def _mtu(names: Sequence[str], paths: Mapping[Pair, Path]) -> Iterator[FleetResult]:
    """A link with an MTU of its own, and packets that vanish because of it, are one thing."""
    routes = {pair: path.mtu for pair, path in paths.items() if path.mtu}
    usual = Counter(routes.values()).most_common(1)[0][0] if routes else 0
    other = {pair for pair, mtu in routes.items() if mtu != usual}
    own = Counter(dialler for dialler, _ in routes)
    differing = Counter(dialler for dialler, _ in other)
    linked = {host for host, count in differing.items() if count * 2 > own[host]}
    sized = {pair: path for pair, path in paths.items() if path.mtu and path.largest is not None}
    holes = {pair for pair, path in sized.items() if _is_hole(path)}
    blamed, left = blame(holes, sized)
    reasons: dict[int, list[str]] = {host: [] for host in sorted(linked)}
    for host in linked:
        mtu = Counter(mtu for pair, mtu in routes.items() if pair[0] == host).most_common(1)[0][0]
        reasons[host].append(f"its link has an MTU of {mtu}, the others' {usual}")
    for one in blamed:
        reasons.setdefault(one.host, []).append(_vanish(one.pairs, sized))
    for host, words in reasons.items():
        message = f"{names[host]}: {', and '.join(words)}"
        yield _result(f"{names[host]}:mtu", message, (names[host],), "IP_MTU; UDP with DF")
    alone = {pair for pair in other if pair[0] not in linked} | left
    kind = _Kind(
        "mtu",
        lambda _: True,
        lambda _: True,
        lambda name, _: name,
        lambda way, path: (
            f"{way}: packets of more than {path.largest} bytes vanish, the route says {path.mtu}"
            if path.largest is not None and _is_hole(path)
            else f"{way}: a route with an MTU of {path.mtu}, elsewhere {usual}"
        ),
        "IP_MTU; UDP with DF",
    )
    yield from _pairs(sorted(alone), kind, names, paths)


def _is_hole(path: Path) -> bool:
    return path.largest is not None and path.mtu is not None and path.largest < path.mtu


def _vanish(pairs: Sequence[Pair], sized: Mapping[Pair, Path]) -> str:
    largest = Counter(sized[pair].largest for pair in pairs).most_common(1)[0][0]
    if not largest:
        return "all larger packets to or from it vanish"
    return f"packets of more than {largest} bytes to or from it vanish (an MTU black hole)"


def _result(subject: str, message: str, hosts: tuple[str, ...], source: str) -> FleetResult:
    return FleetResult(
        PATHS.id,
        subject,
        Verdict.WARN,
        message,
        hosts,
        remedy=PATHS.remedy,
        source=source,
    )
