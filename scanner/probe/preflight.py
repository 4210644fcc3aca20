"""A second exec on an open session: run the host's own kubeadm up to the end of its preflight."""

from __future__ import annotations

import re
import secrets
import shlex
from dataclasses import dataclass
from importlib.resources import files

from scanner.errors import HostUnreachable
from scanner.probe.privilege import run_script
from scanner.request import Host
from scanner.secrets.guesses import Guesses
from scanner.secrets.redact import redactor
from scanner.transport.base import Completed, Session

LIMIT = 128 << 10
"""Characters of what kubeadm printed that are kept."""
_GRACE = 2.0
"""Seconds for the answer to come back, after the host itself has ended kubeadm."""

_FRAME = "^{0} (preflight 1|status|late|without setsid)(?: ([0-9]+))?$"
_PASSWORD = re.compile(r"://[^\s/\"']*@")
"""User and password in a URL: kubeadm's proxy checks print them."""


@dataclass(frozen=True, slots=True)
class Preflight:
    """What the host's own kubeadm printed, and what it was asked."""

    role: str
    """The Role that the host had."""
    config: str = ""
    """The documents it was given; no secret is in them."""
    said: str = ""
    """stdout and stderr in their order, without the passwords of URLs."""
    exit_status: int | None = None
    """None if kubeadm was not run, or not to its end."""
    ended: str = ""
    """Why there is no exit status, as a clause that follows `kubeadm`; empty if there is one."""
    seconds: float = 0.0


async def run(
    session: Session,
    host: Host,
    role: str,
    *,
    kubeadm: str,
    verb: str,
    config: str,
    seconds: int,
    guesses: Guesses | None = None,
) -> Preflight:
    """Run `kubeadm VERB phase preflight` with the login's environment; nothing is written there.

    However it ends, a connection that breaks included, no process of it is left on the host: at
    the latest after `seconds`, or one second after the connection was closed.

    Args:
        session: open, on this host.
        host: whose login decides about sudo.
        role: kept with the answer.
        kubeadm: path of the program on the host.
        verb: `init` or `join`.
        config: for `--config`.
        seconds: after which the host ends kubeadm and what it has started.
        guesses: sudo's passwords in this run.
    """
    boundary = f"kscan-{secrets.token_hex(16)}"
    try:
        ran = await run_script(
            session,
            host,
            _script(boundary, kubeadm, verb, config, seconds),
            timeout=seconds + _GRACE,
            last_line=f"{boundary} end".encode(),
            guesses=guesses,
        )
    except HostUnreachable as error:
        return Preflight(role, config, ended=f"was not run: {error}")
    done = ran.done
    said, status, ended = _read(done, boundary, seconds)
    return Preflight(role, config, said, status, ended, round(done.seconds, 3))


def _script(boundary: str, kubeadm: str, verb: str, config: str, seconds: int) -> bytes:
    values = {
        "BOUNDARY": boundary,
        "KUBEADM": kubeadm,
        "VERB": verb,
        "LIMIT": str(seconds),
        "CONFIG": config,
    }
    lines = [f"{name}={shlex.quote(value)}" for name, value in values.items()]
    text = files("scanner.probe").joinpath("preflight.sh").read_text(encoding="utf-8")
    return "\n".join([*lines, text]).encode()


def _read(done: Completed, boundary: str, seconds: int) -> tuple[str, int | None, str]:
    """What was printed, the exit status, and why there is none."""
    text = done.stdout.decode("utf-8", "replace").replace("\r\n", "\n")
    frames = {m[1]: m for m in re.finditer(_FRAME.format(boundary), text, re.MULTILINE)}
    begin = frames.pop("preflight 1", None)
    if begin is None:
        words = " ".join(done.stderr.decode("utf-8", "replace").split())[:300]
        reasons = [done.ended, words]
        reason = "; ".join(filter(None, reasons)) or "the host's shell printed nothing of it"
        return "", None, f"was not run: {reason}"
    frames = {name: match for name, match in frames.items() if match.start() > begin.start()}
    stop = min((match.start() for match in frames.values()), default=len(text))
    # cut last: half a secret could not be found
    said = redactor().text(_PASSWORD.sub("://", text[begin.end() : stop].strip("\n")))[:LIMIT]
    if (status := frames.get("status")) is not None and status[2] is not None:
        return said, int(status[2]), ""
    if "late" in frames:
        return said, None, f"did not end within {seconds} s; see --timeout"
    if "without setsid" in frames:
        return said, None, "was not run: without setsid(1) it could not be ended for certain"
    return said, None, f"did not end: {done.ended or 'the answer stops'}"
