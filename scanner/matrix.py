"""Results of all hosts -> one table of checks by groups of hosts that look the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scanner.evaluate import Ignored, Result
from scanner.explained import FAILED, Place, roots
from scanner.report import HostReport, HostStatus
from scanner.verdict import Verdict

_BEST_FIRST = (Verdict.SKIP, Verdict.PASS, Verdict.WARN, Verdict.UNKNOWN, Verdict.FAIL)
_CODE = {verdict: code for code, verdict in enumerate(_BEST_FIRST, start=1)}
"""A verdict as a byte of a pattern; 0 is a check that the host was not asked."""
PROBLEMS = FAILED


@dataclass(frozen=True, slots=True)
class Row:
    """One check and subject; the pair is unique in a matrix."""

    check: str
    subject: str
    name: str
    """kubeadm's name, else our title and the subject."""


@dataclass(frozen=True, slots=True)
class Group:
    """Hosts with the same status and the same verdict in every row: a column."""

    hosts: tuple[str, ...]
    """In the order of the inventory."""
    status: HostStatus
    reason: str
    """Why they are unreachable; of several, `HOST` stands for each one's name or address."""
    cells: tuple[Verdict | None, ...]
    """One for each row of the matrix; None where the host has no such result."""

    @property
    def worst(self) -> Verdict | None:
        """The worst verdict of the column."""
        return worst(self.cells)


@dataclass(frozen=True, slots=True)
class Origin:
    """The row that a problem begins with, as it is on its hosts, with all that it explains there.

    Equal origins are one problem to a reader, whatever their messages.
    """

    row: Row
    verdict: Verdict
    """The row's own."""
    remedy: str
    ignored: Ignored | None
    worst: Verdict
    """Of the row and of those that it explains; of those that block, if any does."""
    blocking: bool
    """True if one of them blocks."""


@dataclass(frozen=True, slots=True)
class Problem:
    """The same message of the same row, and the hosts that it is on."""

    row: Row
    verdict: Verdict
    message: str
    remedy: str
    blocking: bool
    ignored: Ignored | None
    origin: Origin
    """Of this row, unless another row explains it on these hosts."""
    hosts: tuple[str, ...]
    """In the order of the inventory."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows by check id and subject, groups in the order of their first hosts."""

    rows: tuple[Row, ...]
    groups: tuple[Group, ...]
    problems: tuple[Problem, ...]
    """Worst first, then the most hosts first."""

    @property
    def unreachable(self) -> tuple[str, ...]:
        """Hosts of which nothing is known."""
        lost = (group for group in self.groups if group.status is HostStatus.UNREACHABLE)
        return tuple(host for group in lost for host in group.hosts)

    def cells(self, row: int) -> Iterator[Verdict | None]:
        """The cells of one row, a cell for each group."""
        return (group.cells[row] for group in self.groups)


def worst(verdicts: Iterable[Verdict | None]) -> Verdict | None:
    """FAIL, UNKNOWN, WARN, PASS, SKIP: the first that occurs; None if there is no verdict."""
    known = (verdict for verdict in verdicts if verdict is not None)
    return max(known, key=_CODE.__getitem__, default=None)


def build(hosts: Iterable[HostReport], titles: Mapping[str, str]) -> Matrix:
    """Read each host once; what is kept grows with what differs, and by a name for each host.

    Args:
        hosts: in the order of the inventory.
        titles: check id -> our title, for rows without a name of kubeadm's.

    Raises:
        ValueError: a host has two results for one check and subject.
    """
    builder = _Builder()
    for host in hosts:
        builder.add(host)
    return builder.matrix(titles)


def urgency(verdict: Verdict, ignored: Ignored | None, *, blocking: bool) -> tuple[bool, bool, int]:
    """Sorts the worst first: what blocks, then what nobody has ignored, then by verdict."""
    return (not blocking, ignored is not None, -_CODE[verdict])


_Begin = tuple[Place, Verdict, str, Ignored | None, Verdict, bool]
"""An Origin before rows have their names."""
_Cause = tuple[Place, Verdict, str, str, bool, Ignored | None, _Begin]
_Look = tuple[HostStatus, str, bytes]


class _Builder:
    def __init__(self) -> None:
        self._numbers: dict[Place, int] = {}
        self._names: dict[Place, str] = {}
        self._looks: dict[_Look, list[str]] = {}
        self._reasons: dict[_Look, str] = {}
        """The reason of the first host of each look, in its own words."""
        self._causes: dict[_Cause, list[str]] = {}

    def add(self, host: HostReport) -> None:
        pattern = bytearray(len(self._numbers))
        for result in host.results:
            place = (result.check, result.subject)
            number = self._numbers.setdefault(place, len(self._numbers))
            if number >= len(pattern):
                pattern.extend(bytes(number + 1 - len(pattern)))
            if pattern[number]:
                raise ValueError(f"{host.name} has two results for {result.check} {place[1]!r}")
            pattern[number] = _CODE[result.verdict]
            if result.kubeadm is not None:
                self._names.setdefault(place, result.kubeadm)
        for cause in _causes(host.results):
            self._causes.setdefault(cause, []).append(host.name)
        # rows that later hosts bring are missing at the end, so zeros there say nothing
        look = (host.status, _reason_kind(host), bytes(pattern).rstrip(b"\0"))
        self._looks.setdefault(look, []).append(host.name)
        self._reasons.setdefault(look, host.reason)

    def matrix(self, titles: Mapping[str, str]) -> Matrix:
        places = sorted(self._numbers, key=lambda place: tuple(map(_natural, place)))
        rows = {place: Row(*place, self._name(place, titles)) for place in places}
        numbers = [self._numbers[place] for place in places]
        order = {place: position for position, place in enumerate(places)}
        return Matrix(
            tuple(rows.values()),
            tuple(
                # one host's reason can be copied as it is: its name stands in it
                Group(
                    tuple(hosts),
                    look[0],
                    self._reasons[look] if len(hosts) == 1 else look[1],
                    _cells(look[2], numbers),
                )
                for look, hosts in self._looks.items()
            ),
            tuple(
                Problem(rows[cause[0]], *cause[1:-1], _origin(cause[-1], rows), tuple(hosts))
                for cause, hosts in sorted(
                    self._causes.items(),
                    key=lambda item: (_urgency(item[0]), -len(item[1]), order[item[0][0]]),
                )
            ),
        )

    def _name(self, place: Place, titles: Mapping[str, str]) -> str:
        check, subject = place
        return self._names.get(place) or f"{titles.get(check, check)} {subject}".rstrip()


def _causes(results: Iterable[Result]) -> Iterator[_Cause]:
    """What went wrong on one host, each with the row where it begins."""
    failed = {(r.check, r.subject): r for r in results if r.verdict in PROBLEMS}
    first = roots(failed.values())
    together: dict[Place, list[Result]] = {}
    for place, result in failed.items():
        together.setdefault(first.get(place, place), []).append(result)
    for place, some in together.items():
        root = failed[place]
        blocking = [result.verdict for result in some if result.blocking]
        heaviest = worst(blocking) or _worst_of_what_does_not_block(some)
        begin = (place, root.verdict, root.remedy, root.ignored, heaviest, bool(blocking))
        for result in some:
            yield (
                (result.check, result.subject),
                result.verdict,
                result.message,
                result.remedy,
                result.blocking,
                result.ignored,
                begin,
            )


def _worst_of_what_does_not_block(results: Iterable[Result]) -> Verdict:
    """There a warning says more than what could only have been one."""
    order = (Verdict.UNKNOWN, Verdict.WARN, Verdict.FAIL)
    return max((result.verdict for result in results), key=order.index)


def _origin(begin: _Begin, rows: Mapping[Place, Row]) -> Origin:
    return Origin(rows[begin[0]], *begin[1:])


def _urgency(cause: _Cause) -> tuple[bool, bool, int]:
    _, verdict, _, _, blocking, ignored, _ = cause
    return urgency(verdict, ignored, blocking=blocking)


def _cells(pattern: bytes, numbers: Iterable[int]) -> tuple[Verdict | None, ...]:
    codes = (pattern[number] if number < len(pattern) else 0 for number in numbers)
    return tuple(_BEST_FIRST[code - 1] if code else None for code in codes)


def _natural(text: str) -> tuple[tuple[int, str], ...]:
    """Sort `Port-2379` before `Port-10250`; without int(), which refuses 4,301 digits."""
    parts = re.split(r"([0-9]+)", text)
    return tuple((len(part.lstrip("0")) if i % 2 else 0, part) for i, part in enumerate(parts))


def _reason_kind(host: HostReport) -> str:
    """The reason without what is the host's own, so that equal causes are one group."""
    if host.status is not HostStatus.UNREACHABLE:
        return ""
    own = sorted({host.name, host.node_name, host.address} - {""}, key=len, reverse=True)
    pattern = "|".join(re.escape(word) for word in own)
    if not pattern:
        return host.reason
    return re.sub(rf"(?<![\w.-])(?:{pattern})(?![\w-]|\.\w)", "HOST", host.reason)
