"""Rounds in which the clients take turns, so that a machine whose speed drifts favours none."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.fleet import Fleet
from benchmarks.measure import LIMIT, Cost, printed, run
from benchmarks.peers import Peer


@dataclass(frozen=True, slots=True)
class Figures:
    """The medians of one client's rounds."""

    name: str
    hosts: int
    wall: float
    """Seconds."""
    cpu: float
    """Seconds for all hosts together, start-up included."""
    memory: float
    """Bytes."""
    rounds: int

    @property
    def cpu_each(self) -> float:
        """Milliseconds for each host."""
        return self.cpu / self.hosts * 1000


class DidNotDoTheWork(Exception):
    """A client did not end, or has no answer of some hosts; the message says which and how many."""


def once(peer: Peer, fleet: Fleet) -> Cost:
    """Run a client once and refuse its figures if it did not do the work for every host.

    Raises:
        DidNotDoTheWork: it was ended after `LIMIT` seconds, or left hosts out.
    """
    log = fleet.path("log-of-client")
    home = {"HOME": str(fleet.where.folder)}
    cost = run(peer.command(fleet), {**home, **peer.environment(fleet)}, log)
    if cost.wall > LIMIT:
        raise DidNotDoTheWork(f"{peer.name} did not end within {LIMIT:g} s")
    done = peer.hosts_done(fleet, log.read_text(encoding="utf-8", errors="replace"))
    if done != len(fleet.addresses):
        print(printed(log), file=sys.stderr)
        raise DidNotDoTheWork(f"{peer.name} has answers of {done} of {len(fleet.addresses)} hosts")
    return cost


@dataclass(frozen=True, slots=True)
class Compared:
    """What each client cost, and what became of those that failed."""

    figures: tuple[Figures, ...]
    """Of the clients that did the work at least once."""
    failures: tuple[str, ...]
    """One sentence for each time that a client did not do the work."""


def compare(peers: Sequence[Peer], fleet: Fleet, rounds: int, until: float) -> Compared:
    """Let them take turns; one that does not do the work has no figures of that round.

    Args:
        peers: in the order of a round.
        fleet: the hosts.
        rounds: at most so many.
        until: the time.monotonic() by which the last round should be over: none is begun that
            would not be, if it took as long as the longest one so far; the first always is.
    """
    costs: dict[str, list[Cost]] = {peer.name: [] for peer in peers}
    failures: list[str] = []
    longest = 0.0
    for number in range(rounds):
        began = time.monotonic()
        if number and began + longest > until:
            break
        for peer in peers:
            try:
                costs[peer.name].append(once(peer, fleet))
            except DidNotDoTheWork as error:
                print(error, file=sys.stderr)
                failures.append(str(error))
        longest = max(longest, time.monotonic() - began)
    hosts = len(fleet.addresses)
    done = tuple(_figures(name, hosts, found) for name, found in costs.items() if found)
    return Compared(done, tuple(failures))


def _figures(name: str, hosts: int, costs: Sequence[Cost]) -> Figures:
    def median(of: Callable[[Cost], float]) -> float:
        return statistics.median(map(of, costs))

    return Figures(
        name,
        hosts,
        median(lambda cost: cost.wall),
        median(lambda cost: cost.cpu),
        median(lambda cost: cost.memory),
        len(costs),
    )
