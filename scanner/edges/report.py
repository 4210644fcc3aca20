"""The edges of a report: `edges` of `kscan.report/v1`; what follows from them stands in `fleet`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from scanner.edges.measured import EdgePaths
from scanner.edges.mode import Network
from scanner.edges.ports import Proto
from scanner.json_names import JSON_NAMES

_LETTERS = frozenset(".rdu?n-")


class EdgeState(StrEnum):
    """What came back from one dial."""

    OPEN = "open"
    """A connection, or an echo."""
    REFUSED = "refused"
    """An answer that nobody listens there; by a firewall where kscan did listen."""
    DROPPED = "dropped"
    """Silence."""
    UNROUTABLE = "unroutable"
    """The network said that it cannot be reached, or may not be."""
    UNKNOWN = "unknown"
    """It was not dialled, or what came back says nothing."""
    NAMELESS = "nameless"
    """The node name stands for no address of that host where it was looked up."""


class By(StrEnum):
    """How the other host was called."""

    ADDRESS = "address"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class ReportPort:
    """A port that was dialled."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    port: int
    proto: Proto
    component: str
    between: str
    source: str
    needed: bool


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """One edge that is not as it should be."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    from_: str
    to: str
    port: int
    """0 where the name, and not a port, is what is wrong."""
    proto: Proto
    by: By
    state: EdgeState
    ms: float | None = None
    """Milliseconds of a round trip to that host; None if there was none."""
    mtu: int | None = None
    """Bytes of the largest packet by the dialling host's routes."""


@dataclass(frozen=True, slots=True)
class EdgesReport:
    """All that a run knows of its edges."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    mode: Network
    ports: tuple[ReportPort, ...]
    possible: int
    """Edges (a pair of hosts and a port) that there are between the reachable hosts."""
    counts: Mapping[EdgeState, int]
    """Edges by what came back, by address; with UNKNOWN for those that could not be dialled."""
    sampled: bool
    """True if only some edges were dialled: each host still is covered in both directions."""
    rows: tuple[EdgeRow, ...] = ()
    """Only those not ok, at most 2,000."""
    left_out: int = 0
    """Rows beyond those."""
    hosts: tuple[str, ...] = ()
    """Of `matrix`; empty for a fleet that is too large for one."""
    matrix: tuple[str, ...] = ()
    """A string for each host, with a letter for each other one, the worst of their edges: `.` ok,
    `r` refused, `d` dropped, `u` unroutable, `?` unknown, `n` nameless, `-` nothing asked."""
    paths: EdgePaths | None = None
    """Of each pair of hosts, good or bad; None in a report of a kscan that kept none."""

    @property
    def is_square(self) -> bool:
        """True if the matrix has a known letter for each pair of its hosts."""
        size = len(self.hosts)
        return len(self.matrix) == size and all(
            len(row) == size and _LETTERS.issuperset(row) for row in self.matrix
        )
