"""What one host is sent: the programs, and the lines that tell it what to dial.

The lines, in this order: `token HEX`; where it listens, `own ADDRESS...` and `listen
PORT/PROTO...`; for each peer `peer INDEX NAME SSHPORT ADDRESS [ADDRESS...]` and `dial INDEX
PORT/PROTO...`; `endpoint HOST PORT`, `count INDEX...`, `bind`; later `go`. A NAME of `-` is not
looked up; the first ADDRESS is dialled.
"""

from __future__ import annotations

import functools
import math
import re
import shlex
from collections.abc import Mapping
from importlib.resources import files

from scanner.edges.plan import Plan

LISTENS = "kscan-listen"
"""The argument by which the process of a listener is known on the host; see sections.sh."""
DIALS = "kscan-dial"

LISTEN_SECONDS = 60
"""Seconds after which a host's program ends whatever happens, where it listens."""
DIAL_SECONDS = 90
"""The same where it only dials, at most: see `dial_seconds`."""

_AT_ONCE = 200
"""Dials of a host; run.py and dial.pl have their own, not smaller ones."""
_ROUND = 2 * 3.5
"""Seconds of so many dials that are all silent, by address and then by name."""

_OWN_IMPORT = re.compile(r"^from (?:listen|dial) import .*\n", re.MULTILINE)


@functools.cache
def _same_for_all() -> bytes:
    folder = files("scanner.edges").joinpath("on_host")
    parts = (folder.joinpath(f"{name}.py").read_text("utf-8") for name in ("listen", "dial", "run"))
    programs = {
        "KSCAN_PYTHON": _OWN_IMPORT.sub("", "".join(parts)),
        "KSCAN_PERL": folder.joinpath("dial.pl").read_text("utf-8"),
    }
    return _assignments(programs) + folder.joinpath("start.sh").read_bytes()


def dial_seconds(edges: int, patience: float) -> float:
    """How long a host is waited for that does not listen.

    Args:
        edges: that it dials.
        patience: seconds that the user gives a host; more only where its dials can need them.
    """
    return min(DIAL_SECONDS, max(patience, 10 + _ROUND * (1 + edges // _AT_ONCE)))


def program(boundary: str, *, listens: bool, seconds: float = DIAL_SECONDS) -> tuple[bytes, bytes]:
    """What `sh -s` reads: it starts Python or Perl, which then waits for the lines.

    Args:
        boundary: marks what the program says; random for each host and run.
        listens: the process is marked as one that may hold ports.
        seconds: after which it ends, where it does not listen.
    """
    own = {
        "KSCAN_ROLE": LISTENS if listens else DIALS,
        "KSCAN_BOUNDARY": boundary,
        "KSCAN_SECONDS": str(LISTEN_SECONDS if listens else math.ceil(seconds)),
    }
    return _assignments(own), _same_for_all()


def _assignments(variables: Mapping[str, str]) -> bytes:
    return "".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items()).encode()


def listens_on(plan: Plan, host: int) -> tuple[str, ...]:
    """The ports that a host opens; none where a component may want them, or nobody listens."""
    me = plan.peers[host]
    if not plan.mode.listens or not me.may_listen:
        return ()
    return tuple(
        port.name
        for port in plan.ports
        if any(
            port.is_asked(dialler=kind, target=me.is_control_plane)
            for kind, count in plan.others(host)
            if count
        )
    )


def questions(plan: Plan, wave: int, host: int, token: str) -> bytes:
    """The lines for one host up to `bind`.

    Args:
        plan: of the run.
        wave: which of the plan's.
        host: index of its peer.
        token: 32 hex digits, the same for all hosts of a wave: what their datagrams carry.
    """
    lines = [f"token {token}"]
    if opened := listens_on(plan, host):
        lines.append(" ".join(("own", *plan.peers[host].addresses)))
        lines.append(f"listen {' '.join(opened)}")
    dials = plan.dials(wave, host)
    for dial in dials:
        peer = plan.peers[dial.peer]
        words = (peer.node_name or "-", str(peer.ssh_port), *peer.addresses)
        ports = (plan.ports[number].name for number in dial.ports)
        lines += (f"peer {dial.peer} {' '.join(words)}", f"dial {dial.peer} {' '.join(ports)}")
    dialled = {dial.peer for dial in dials}
    if plan.endpoint is not None and plan.asks_endpoint(wave, host):
        lines.append(f"endpoint {plan.endpoint.host} {plan.endpoint.port}")
    counted = [str(other) for other in plan.neighbours(wave, host) if other in dialled]
    if counted:
        lines.append(f"count {' '.join(counted)}")
    return "".join(f"{line}\n" for line in (*lines, "bind")).encode()
