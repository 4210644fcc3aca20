"""When a command was given its input and when its output came, by one clock for the whole run."""

from __future__ import annotations

import time
from dataclasses import dataclass

_EPOCH = time.time() - time.monotonic()
"""Fixed at the start: a clock that is set while kscan runs must not part the hosts in two."""


def unix_now() -> float:
    """Seconds since 1970 by this machine's clock, as it was set when kscan started."""
    return _EPOCH + time.monotonic()


@dataclass(frozen=True, slots=True)
class Timing:
    """Moments of one command, in seconds since 1970 by this machine's clock."""

    sent: float
    """The last of its input was handed to the connection; nothing in it can have run before."""
    arrivals: tuple[tuple[int, float], ...]
    """(bytes of stdout that were there, when) for each piece of output, in order."""

    def arrived(self, size: int) -> float | None:
        """When so many bytes of stdout were there; None if that was not noted."""
        return next((when for there, when in self.arrivals if there >= size), None)
