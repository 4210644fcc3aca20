"""What a test needs of a host of the lab, be it a container or a virtual machine."""

from __future__ import annotations

import shlex
from typing import Protocol


class Peer(Protocol):
    """A host as the others know it; whether it runs is not asked."""

    @property
    def name(self) -> str:
        """Its hostname."""

    @property
    def address(self) -> str:
        """Its own IPv4 address, by which the other hosts know it."""

    @property
    def address6(self) -> str:
        """Its own IPv6 address."""


class Node(Peer, Protocol):
    """A running host that can be made faulty."""

    @property
    def login(self) -> str:
        """Address of its sshd for the machine that scans."""

    @property
    def port(self) -> int:
        """Port of its sshd for the machine that scans."""

    def run(self, command: str, *, check: bool = True) -> str:
        """Run a shell command as root; what it printed. CommandFailed on another status than 0."""

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file, with its folder where that is missing."""


def writing(path: str, mode: int) -> str:
    """The shell command that writes its standard input to a file, whole, for `Node.write`."""
    quoted = shlex.quote(path)
    return (
        f'mkdir -p "$(dirname {quoted})" && cat >{quoted}.new && chmod {mode:o} {quoted}.new '
        f"&& mv {quoted}.new {quoted}"
    )
