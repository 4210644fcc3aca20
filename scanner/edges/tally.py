"""Adds the hosts' answers up; memory grows with what is wrong, and by little for each pair."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from scanner.edges.answers import DROPPED, HERE, OPEN, OTHER, REFUSED, UNROUTABLE, Answer, Path
from scanner.edges.endpoint import EndpointDials
from scanner.edges.plan import Plan
from scanner.edges.ports import EdgePort, Proto
from scanner.edges.report import By, EdgeState

MOST_BAD = 50_000
"""Bad edges that are kept one by one; of those beyond only the number."""
MATRIX = 20
"""Hosts up to which each pair of them is shown."""
NAME = -1
"""In the place of a port: the peer's node name."""
SILENT = "-"
OWN_ROUTES = "+"
NO_LISTENERS: Mapping[int, frozenset[str]] = {}

_STATES = {
    OPEN: EdgeState.OPEN,
    REFUSED: EdgeState.REFUSED,
    DROPPED: EdgeState.DROPPED,
    UNROUTABLE: EdgeState.UNROUTABLE,
    HERE: EdgeState.UNROUTABLE,
    OTHER: EdgeState.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class BadEdge:
    """An edge that is not as it should be; indices are the plan's."""

    dialler: int
    target: int
    port: int
    state: EdgeState
    by: By = By.ADDRESS
    answers_on: str = ""
    """Another port on which the target answered the same host, SILENT if there was none; empty if
    not all were asked. OWN_ROUTES where the dialling host has sent nothing. Of a name, the
    addresses that it stands for."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Edges of which nothing is known, for one reason."""

    dialler: int | None
    port: int | None
    reason: str


class Tally:
    """What is known so far; each host of each wave is taken once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.counts: Counter[EdgeState] = Counter()
        if plan.hidden and not plan.sampled:
            self.counts[EdgeState.UNKNOWN] = sum(plan.hidden.values())
        self.bad: list[BadEdge] = []
        self.left_out = 0
        self.incoming: Counter[tuple[int, int]] = Counter()
        """(port, target) -> hosts that were to dial it; for NAME, that looked it up."""
        self.outgoing: Counter[tuple[int, int]] = Counter()
        """(port, dialler) -> hosts that it was to dial."""
        self.unknown: Counter[Unknown] = Counter()
        self.quiet: set[tuple[int, int]] = set()
        """(dialler, target) of edges that say nothing; only of a fleet with a matrix."""
        self.asked: defaultdict[int, list[int]] = defaultdict(list)
        """Host -> whom it was to dial, whatever came of it."""
        self.paths: dict[tuple[int, int], Path] = {}
        """(dialler, target) -> what was measured."""
        self.endpoint: dict[int, EndpointDials] = {}
        """Host -> what it found at the endpoint, if it was to dial that."""

    def missing(self, wave: int, host: int, reason: str) -> None:
        """Nothing is known of what one host would have dialled."""
        if self.plan.asks_endpoint(wave, host):
            self.endpoint[host] = EndpointDials({}, reason)
        dials = self.plan.dials(wave, host)
        self.asked[host] += (dial.peer for dial in dials)
        edges = sum(len(dial.ports) for dial in dials)
        if edges:
            self.counts[EdgeState.UNKNOWN] += edges
            self.unknown[Unknown(host, None, reason)] += edges

    def take(
        self,
        wave: int,
        host: int,
        answer: Answer,
        listened: Mapping[int, frozenset[str]] = NO_LISTENERS,
    ) -> None:
        """Judge what one host found.

        Args:
            wave: of the plan.
            host: who dialled.
            answer: of it; parsed against what it was asked.
            listened: host -> the ports on which kscan has listened there all the time.
        """
        if self.plan.asks_endpoint(wave, host):
            found_there = answer.endpoint or {}
            states = {address: _STATES[letter] for address, letter in found_there.items()}
            self.endpoint[host] = EndpointDials(states)
        letters = iter(answer.dials)
        for dial in self.plan.dials(wave, host):
            self.asked[host].append(dial.peer)
            target, opened = dial.peer, listened.get(dial.peer, frozenset())
            found = {number: next(letters) for number in dial.ports}
            alive = self._alive(found, answer.control.get(target, ""), target)
            for number, letter in found.items():
                self.incoming[number, target] += 1
                self.outgoing[number, host] += 1
                state, ok = _judged(letter, self.plan.ports[number], opened)
                self.counts[state] += 1
                if state is EdgeState.UNKNOWN:
                    self._unknown(host, target, number, letter)
                elif not ok:
                    note = OWN_ROUTES if letter == HERE else alive
                    self._bad(BadEdge(host, target, number, state, answers_on=note))
            self._take_name(host, target, answer, dial.ports, opened)
            if target in answer.paths:
                self.paths[host, target] = answer.paths[target]

    def _take_name(
        self,
        host: int,
        target: int,
        answer: Answer,
        ports: tuple[int, ...],
        opened: frozenset[str],
    ) -> None:
        if target not in answer.names:
            return
        self.incoming[NAME, target] += 1
        self.outgoing[NAME, host] += 1
        own = self.plan.peers[target].addresses
        addresses = answer.names[target]
        if not set(addresses) & set(own):
            here = "no answer in 3 s" if target in answer.late else ", ".join(addresses)
            self._bad(BadEdge(host, target, NAME, EdgeState.NAMELESS, By.NAME, here))
        elif target in answer.named and answer.named[target][0] in own:
            for number, letter in zip(ports, answer.named[target][1], strict=True):
                state, ok = _judged(letter, self.plan.ports[number], opened)
                if not ok and state is not EdgeState.UNKNOWN:
                    note = OWN_ROUTES if letter == HERE else ""
                    self._bad(BadEdge(host, target, number, state, By.NAME, note))

    def _bad(self, edge: BadEdge) -> None:
        if len(self.bad) < MOST_BAD:
            self.bad.append(edge)
        else:
            self.left_out += 1

    def _unknown(self, host: int, target: int, port: int, letter: str) -> None:
        if len(self.plan.peers) <= MATRIX:
            self.quiet.add((host, target))
        if letter == DROPPED:
            reason = "silence on a UDP port says nothing where kscan does not listen itself"
            self.unknown[Unknown(None, port, reason)] += 1
        else:
            self.unknown[Unknown(host, None, "it could not dial")] += 1

    def _alive(self, found: Mapping[int, str], control: str, target: int) -> str:
        """A port on which the target has answered; SILENT if SSH's was asked in vain."""
        for number, letter in found.items():
            if letter in (OPEN, REFUSED):
                return self.plan.ports[number].name
        if not control:
            return ""
        answered = control in (OPEN, REFUSED)
        return str(self.plan.peers[target].ssh_port) if answered else SILENT


def _judged(letter: str, port: EdgePort, opened: frozenset[str]) -> tuple[EdgeState, bool]:
    """What a letter means, and whether it is as it should be."""
    state = _STATES[letter]
    if state is EdgeState.REFUSED:
        return state, port.name not in opened
    if state is EdgeState.DROPPED and port.proto is Proto.UDP and port.name not in opened:
        return EdgeState.UNKNOWN, False
    return state, state is EdgeState.OPEN
