"""Bad pairs of hosts -> the hosts at one end of many of them: one bad link spoils many pairs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

Pair: TypeAlias = tuple[int, int]

_MOST_BLAMED = 50
_FEWEST = 3
"""Of two hosts nobody can say whose link it is."""


@dataclass(frozen=True, slots=True)
class Blamed:
    """A host, and the bad pairs that it explains."""

    host: int
    pairs: tuple[Pair, ...]


def blame(bad: Iterable[Pair], measured: Iterable[Pair]) -> tuple[tuple[Blamed, ...], set[Pair]]:
    """Find the hosts of which at least half of the measured pairs are bad, the worst first.

    Args:
        bad: some of `measured`.
        measured: (dialler, target).

    Returns:
        The hosts, and the bad pairs that none of them explains.
    """
    left = set(bad)
    of_host: dict[int, set[Pair]] = {}
    for pair in measured:
        for host in pair:
            of_host.setdefault(host, set()).add(pair)
    blamed: list[Blamed] = []
    totals = Counter({host: len(pairs) for host, pairs in of_host.items()})
    spoiled = Counter(host for pair in left for host in pair)
    while len(of_host) >= _FEWEST and len(blamed) < _MOST_BLAMED:
        able = [h for h, count in spoiled.items() if count > 1 and count * 2 >= totals[h]]
        if not able:
            break
        worst = min(able, key=lambda host: (-spoiled[host], spoiled[host] < totals[host], host))
        explained = of_host[worst] & left
        for pair in of_host.pop(worst):
            for host in pair:
                totals[host] -= 1
                spoiled[host] -= pair in left
                if host in of_host:
                    of_host[host].discard(pair)
        left -= explained
        blamed.append(Blamed(worst, tuple(sorted(explained))))
        spoiled = +spoiled
    return tuple(blamed), left
