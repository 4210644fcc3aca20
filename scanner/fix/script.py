"""A plan as a POSIX sh script, commented with the checks that it mends and safe to run twice."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from scanner import __version__
from scanner.evaluate import Result
from scanner.fix.steps import Leaving, Part, Plan
from scanner.render.harmless import harmless

_LONGEST = 300
"""Characters of one comment."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a script says of where it comes from."""

    address: str
    run: str
    """The id of the run that has found what it mends."""


def script(plan: Plan, origin: Origin) -> str:
    """Write the script of one host.

    It changes nothing unless it is run as root on the machine whose id stands in it. Each part is
    run by itself: one that fails costs the others nothing, and makes the exit status 1.

    Raises:
        ValueError: the host has not told its machine-id.
    """
    if not plan.ground.machine_id:
        raise ValueError("the host has not told its machine-id")
    return "\n".join([*_head(plan, origin), *_functions(plan), *_main(plan), *_left(plan)]) + "\n"


def _head(plan: Plan, origin: Origin) -> Iterator[str]:
    name = plan.ground.name
    yield "#!/bin/sh"
    # a part has a shell of its own; its words have no blanks; it needs not call every function
    yield "# shellcheck disable=SC2030,SC2031,SC2013,SC2317,SC2329"
    yield f"# What kscan {__version__} would mend on {name} ({_comment(origin.address)}), as found"
    yield f"# by the run {_comment(origin.run)}. Read it, then run it there as root: sh {name}.sh"
    yield "# A second run changes nothing. Files are kept below /var/backups/kscan before they are"
    yield "# changed. Nothing is deleted, and no firewall is touched."
    yield ""
    yield "set -eu"
    yield "umask 022"
    yield "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    yield "LC_ALL=C"
    yield "export PATH LC_ALL"
    yield ""


def _functions(plan: Plan) -> Iterator[str]:
    needed = dict.fromkeys(piece for part in plan.parts for piece in part.pieces)
    for piece in ("base", *needed) if plan.parts else ():
        yield _piece(piece).rstrip("\n")
        yield ""
    for number, part in enumerate(plan.parts, start=1):
        yield from _part(number, part)
        yield ""


def _piece(name: str) -> str:
    return files("scanner.fix").joinpath("shell", f"{name}.sh").read_text(encoding="utf-8")


def _part(number: int, part: Part) -> Iterator[str]:
    for result in part.mends:
        yield f"# {_said(result)}"
    yield f"part_{number}() {{"
    yield from (f"\t{shlex.join(call)}" for call in part.calls)
    yield "}"


def _main(plan: Plan) -> Iterator[str]:
    machine_id, name = plan.ground.machine_id, plan.ground.name
    left = len(plan.left)
    yield "main() {"
    yield "\texec </dev/null # no command below may read what comes after this script"
    yield f'\tif [ "$(cat /etc/machine-id 2>/dev/null)" != {machine_id} ]; then'
    yield f"\t\techo 'kscan fix: this script is for {name}, another machine; nothing was done' >&2"
    yield "\t\texit 2"
    yield "\tfi"
    yield '\tif [ "$(id -u)" != 0 ]; then'
    yield "\t\techo 'kscan fix: run this script as root; nothing was done' >&2"
    yield "\t\texit 2"
    yield "\tfi"
    if plan.parts:
        yield "\tBACKUPS=/var/backups/kscan/$(date -u +%Y%m%dT%H%M%SZ)"
        yield "\tmended=0 failed=0"
        for number, part in enumerate(plan.parts, start=1):
            yield f"\tpart {shlex.quote(part.title)} part_{number}"
        yield '\tif [ "$mended" -eq 0 ] && [ "$failed" -eq 0 ]; then'
        yield "\t\techo 'kscan fix: nothing to do'"
        yield "\telse"
        yield '\t\techo "kscan fix: parts changed: $mended, not mended: $failed"'
        yield "\tfi"
    if left:
        yield f"\techo 'kscan fix: {left} left to you, see the end of this script'"
    if plan.parts:
        yield '\t[ "$failed" -eq 0 ] || exit 1'
    yield "}"
    yield ""
    yield "main"


def _left(plan: Plan) -> Iterator[str]:
    if not plan.left:
        return
    yield ""
    yield "# Left to you:"
    for leaving in plan.left:
        yield from _leaving(leaving)


def _leaving(leaving: Leaving) -> Iterator[str]:
    yield "#"
    yield f"# {_said(leaving.result)}"
    for text in (leaving.why, leaving.result.remedy):
        if text:
            yield f"#   {_comment(text)}"


def _said(result: Result) -> str:
    name = result.kubeadm or f"{result.check} {result.subject}".rstrip()
    return _comment(f"{result.verdict.upper()} {name}: {result.message}")


def _comment(text: str) -> str:
    """Anything as one line of printable ASCII."""
    return harmless(text, limit=_LONGEST, ascii_only=True)
