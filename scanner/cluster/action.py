"""What kscan does to a host or to the cluster: exactly what `--plan` prints and the runner runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

TOKEN = "<bootstrap-token>"  # noqa: S105 - what stands in its place
CERTIFICATE_KEY = "<certificate-key>"
CA_CERT_HASH = "<sha256-of-the-CA>"

KUBECTL = "kubectl --kubeconfig /etc/kubernetes/admin.conf"
"""On a control plane, with the credentials that kubeadm has left there."""


class Gives(StrEnum):
    """What a command's output is for; it is shown and logged nowhere."""

    JOIN_COMMAND = "the token and the CA's hash"
    KUBECONFIG = "admin.conf"


@dataclass(frozen=True, slots=True)
class File:
    """A file that a command finds in its working directory, and that is gone after it."""

    name: str
    """Relative, of letters, digits, `.`, `-`, `_`, `+` and `/`."""
    text: str
    """May hold TOKEN, CERTIFICATE_KEY and CA_CERT_HASH; ends in a newline."""


@dataclass(frozen=True, slots=True)
class Command:
    """Shell text for root on one host, in a directory of its own (0700, below /run)."""

    on: str
    """The host's name in the inventory."""
    text: str
    """POSIX sh; no secret is in it."""
    files: tuple[File, ...] = ()
    seconds: float = 120.0
    detached: bool = False
    """It outlives the connection and kscan itself; a later run finds its end."""
    gives: Gives | None = None


@dataclass(frozen=True, slots=True)
class SaveKubeconfig:
    """admin.conf to a file on this machine, 0600; one that is there is never overwritten."""

    path: str
    source: Command


@dataclass(frozen=True, slots=True)
class Decision:
    """What an answer leads to."""

    refused: str = ""
    """Why nothing more is done, and what to do, in one line; empty if it goes on."""
    then: tuple[Action, ...] = ()
    """What is done next, before the phase's other actions."""


@dataclass(frozen=True, slots=True)
class Question:
    """A command that only reads, and whose answer decides whether it goes on."""

    command: Command
    asks: str
    """What must be so, for `--plan`: `it goes on only if ...`."""
    decide: Callable[[str], Decision]
    """From what it printed; pure."""


Action: TypeAlias = Command | SaveKubeconfig | Question
