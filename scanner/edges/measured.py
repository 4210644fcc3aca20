"""What was measured between two hosts: `edges.paths` of `kscan.report/v1`, a list for each host."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from scanner.json_names import JSON_NAMES

_MOST_MS = 1e6
"""More than a host's program can say."""
MOST_BYTES = 65_535
"""Of an IP packet (RFC 791, total length)."""


@dataclass(frozen=True, slots=True)
class PathsFrom:
    """What one host measured: the lists go along with `to`, and null is what was not measured."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    to: tuple[int, ...]
    """Whom it had to dial, as places in `EdgePaths.hosts`, ascending; of a sample only those."""
    ms: tuple[float | None, ...]
    """Milliseconds of the shortest round trip; what it is, and its error: see `Path.rtt_us`, or
    `Path.echo_us` where only that is known."""
    mtu: tuple[int | None, ...]
    """Bytes of the largest packet by the dialling host's routes, at most 9,000."""
    arrived: tuple[int | None, ...] = ()
    """Bytes of the largest packet that arrived there, 0 if none of those that were tried. Empty
    where this host has tried none, which is so where kscan does not listen on a UDP port."""

    def fits(self, own: int, hosts: int) -> bool:
        """True if each list has a possible value for each other host.

        Args:
            own: its place.
            hosts: how many there are.
        """
        count = len(self.to)
        return (
            len(self.ms) == len(self.mtu) == count
            and len(self.arrived) in {0, count}
            and all(a < b for a, b in zip(self.to, self.to[1:], strict=False))
            and all(0 <= place < hosts and place != own for place in self.to)
            and all(ms is None or 0 <= ms < _MOST_MS for ms in self.ms)
            and all(mtu is None or 0 < mtu <= MOST_BYTES for mtu in self.mtu)
            and all(size is None or 0 <= size <= MOST_BYTES for size in self.arrived)
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """One ordered pair of hosts, by name; None is what was not measured."""

    from_: str
    to: str
    ms: float | None
    mtu: int | None
    arrived: int | None

    @property
    def largest(self) -> int | None:
        """Bytes of the path's MTU as far as it is known: the routes', or less if less arrives."""
        if self.mtu is None or not self.arrived:
            return self.mtu
        return min(self.mtu, self.arrived)

    @property
    def swallows(self) -> bool:
        """True if packets that the routes let through were seen to vanish."""
        return self.arrived is not None and self.mtu is not None and self.arrived < self.mtu


@dataclass(frozen=True, slots=True)
class EdgePaths:
    """Round trip and MTU of each ordered pair of hosts that had to dial each other on any port."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    hosts: tuple[str, ...]
    """Every host that took part, in the order of the inventory."""
    from_: tuple[PathsFrom, ...]
    """As many, in the same order."""

    @property
    def fits(self) -> bool:
        """True if there is a list for each host, and each has what it says."""
        count = len(self.hosts)
        return len(self.from_) == count == len(set(self.hosts)) and all(
            row.fits(own, count) for own, row in enumerate(self.from_)
        )

    def pairs(self) -> Iterator[Measured]:
        """Each pair once, by the diallers' order."""
        for name, row in zip(self.hosts, self.from_, strict=True):
            arrived = row.arrived or (None,) * len(row.to)
            for place, ms, mtu, size in zip(row.to, row.ms, row.mtu, arrived, strict=True):
                yield Measured(name, self.hosts[place], ms, mtu, size)
