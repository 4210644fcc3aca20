"""What was said on the socket of the runtime that kubeadm would use."""

from __future__ import annotations

from scanner.facts.base import FactMissing, Facts
from scanner.facts.cri import Cri, CriSocket
from scanner.facts.programs import Sockets


def find_socket(facts: Facts, socket: str) -> CriSocket | None:
    """What was said on this socket; None if the socket does not exist.

    Raises:
        FactMissing: it exists and was not asked.
    """
    found = facts[Cri]
    for path, answer in found.sockets.items():
        if _same(path, socket):
            return answer
    if any(_same(path, socket) for path in facts[Sockets].present):
        raise FactMissing("the container runtime was not asked, as in answers of older probes")
    return None


def _same(one: str, two: str) -> bool:
    """/var/run is a link to /run on every host that systemd or OpenRC starts."""
    return one.removeprefix("/var") == two.removeprefix("/var")
