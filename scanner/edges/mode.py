"""How much of the network between the hosts a run asks about."""

from __future__ import annotations

from enum import StrEnum


class Network(StrEnum):
    """A value of `--network`."""

    OFF = "off"
    """Nothing is dialled."""
    DIAL = "dial"
    """Hosts dial what is there: a connection and a refusal both show that packets pass."""
    SAMPLE = "sample"
    """As FULL, but each host dials a few others, so that each is covered in both directions."""
    FULL = "full"
    """Hosts also listen on free ports for a moment, so that a firewall's refusal is told apart."""

    @property
    def listens(self) -> bool:
        """True if hosts open listeners."""
        return self in (Network.SAMPLE, Network.FULL)
