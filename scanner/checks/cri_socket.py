"""What was said on the socket of the runtime that kubeadm would use."""

from __future__ import annotations

from scanner.checks.privilege import because_of
from scanner.checks.rule import clip
from scanner.facts.base import FactMissing, Facts
from scanner.facts.cri import Cri, CriSocket
from scanner.facts.paths import PathState
from scanner.facts.programs import Sockets
from scanner.kubeadm import cri_sockets
from scanner.target import Target


def find_socket(facts: Facts, socket: str) -> CriSocket | None:
    """What was said on this socket; None if the socket does not exist.

    Raises:
        FactMissing: it exists and was not asked, or nobody looked for it, or could see it.
    """
    found = facts[Cri]
    for path, answer in found.sockets.items():
        if _same(path, socket):
            return answer
    sockets = facts[Sockets]
    if any(_same(path, socket) for path in sockets.present):
        raise FactMissing("the container runtime was not asked, as in answers of older probes")
    states = [state for path, state in sockets.others.items() if _same(path, socket)]
    if not states:
        raise FactMissing(f"the host was not asked about {clip(socket)}")
    if PathState.HIDDEN in states:
        raise FactMissing(f"{clip(socket)} cannot be seen without root{because_of(facts)}")
    return None


def another_socket(target: Target, _subject: str) -> str | None:
    """Say why the service and configuration of the usual runtime tell nothing here, else None."""
    if any(_same(target.cri_socket, usual) for usual in cri_sockets.USUAL):
        return None
    return f"whose socket {clip(target.cri_socket)} is, and what configures that, is not known"


def _same(one: str, two: str) -> bool:
    """/var/run is a link to /run on every host that systemd or OpenRC starts."""
    return one.removeprefix("/var") == two.removeprefix("/var")
