"""The seam between kscan and a machine: a session runs a command, and that is all."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from scanner.request import Host
from scanner.transport.dialogue import Dialogue, Stdin
from scanner.transport.timing import Timing

OUTPUT_LIMIT = 1 << 20
"""Bytes of one command's output that are kept; the probe is held to a quarter of it."""


LATE = "not finished within"
"""What `Completed.ended` begins with where the time was up."""
TOO_MUCH = "output cut at"
"""The same where the limit was reached."""


@dataclass(frozen=True, slots=True)
class Completed:
    """What a command left behind."""

    stdout: bytes
    stderr: bytes
    exit_status: int | None
    """None if the connection ended, the time ran out or the output was cut before the exit."""
    seconds: float
    ended: str = ""
    """Why there is no exit status; empty if there is one."""
    timing: Timing | None = None
    """None if its input was never handed over, or nobody has noted when."""


class Session(Protocol):
    """A way to run commands on one machine; it is open from `connect` to the end of its block."""

    async def run(
        self,
        command: str,
        *,
        stdin: Stdin = b"",
        timeout: float,
        last_line: bytes | None = None,
        dialogue: Dialogue | None = None,
    ) -> Completed:
        """Run a command under the login shell, with `stdin` written and closed.

        Args:
            command: one line, quoted for any login shell (POSIX, csh, fish).
            stdin: all of the command's input, or its beginning if there is a dialogue.
            timeout: seconds from now; what was read until then is returned with `ended` set.
            last_line: return as soon as this line has been read from stdout, because a hung
                child that has kept stdout open would hold the channel for ever.
            dialogue: writes the rest of the input because of what is printed, and closes it.
        """


class Transport(Protocol):
    """Opens sessions; shared things (keys, known hosts, jump connections) are read once for it."""

    def connect(self, host: Host) -> AbstractAsyncContextManager[Session]:
        """Open a session, or raise HostUnreachable (or a kind of it) with what to do about it."""
