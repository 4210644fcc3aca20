"""Run a script of `kscan fix` on its host, with the privilege that the login may have."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

from scanner.errors import HostUnreachable
from scanner.probe.privilege import run_script
from scanner.render.harmless import harmless
from scanner.request import Host
from scanner.secrets.guesses import Guesses
from scanner.secrets.redact import redactor
from scanner.transport.base import Session

_LONGEST = 2000
"""Characters of a line of the log."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How a script ended on its host."""

    exit_status: int | None
    """None if its end was not seen: the connection broke, or the time was up."""
    said: str
    """What it printed, made harmless; one line for each of its lines."""
    why: str = ""
    """Why there is no exit status."""

    @property
    def words(self) -> str:
        """How it ended, as a clause."""
        if self.exit_status is None:
            return f"its end was not seen: {self.why}"
        lines = [line for line in self.said.splitlines() if line.startswith("kscan fix: ")]
        last = next((line for line in lines if "left to you" not in line), "")
        return last.removeprefix("kscan fix: ") or f"exit status {self.exit_status}"


async def apply(
    session: Session, host: Host, script: str, *, seconds: float, guesses: Guesses | None = None
) -> Applied:
    """Run it once; nothing of it is written to the host.

    Args:
        session: open, on this host.
        host: whose login says how to become root.
        script: what `scanner.fix.script` has written.
        seconds: for all of it.
        guesses: sudo's passwords in this run.
    """
    mark = f"kscan-{secrets.token_hex(16)}"
    # A shell of its own, so that its exit status is told however it ends.
    text = f"(\n{script}\n) 2>&1\nprintf '\\n{mark} status %s\\n{mark} end\\n' \"$?\"\n"
    try:
        ran = await run_script(
            session,
            host,
            text.encode(),
            timeout=seconds,
            last_line=f"{mark} end".encode(),
            guesses=guesses,
        )
    except HostUnreachable as error:
        return Applied(None, "", str(error))
    printed = ran.done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    said, _, rest = printed.partition(f"\n{mark} status ")
    lines = (harmless(redactor().text(line), limit=_LONGEST) for line in said.split("\n"))
    status = re.match(r"[0-9]{1,3}\n", rest)
    if status is None:
        words = " ".join(ran.done.stderr.decode("utf-8", "replace").split())[:300]
        why = "; ".join(filter(None, (ran.done.ended, words, ran.obstacle)))
        return Applied(None, "\n".join(lines), why or "its answer stops")
    return Applied(int(status[0]), "\n".join(lines))
