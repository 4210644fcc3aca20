"""The scripts of `kscan fix`: one is shown, several are files, and who got which is told."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scanner.cli.dropped import drop_stdout
from scanner.cli.tell import tell
from scanner.errors import UsageError
from scanner.fix.host import ground_of
from scanner.fix.script import Origin, script
from scanner.fix.steps import Plan, plan
from scanner.render.causes import plural
from scanner.report import HostReport, HostStatus, Report
from scanner.runs.directory import FIX
from scanner.runs.private_file import whole_private

_SHOWN = 20
"""Hosts with a line of their own on stderr."""


@dataclass(frozen=True, slots=True)
class Written:
    """The scripts of a run."""

    parts: dict[str, tuple[str, ...]]
    """Host -> the titles of what its script changes, in the order of the inventory."""
    digests: dict[str, bytes]
    """Host -> SHA-256 of its script: only what was written here is run."""
    directory: Path | None
    """None if the only one was shown."""
    unknown: int
    """Hosts without a script because they were not reached, or did not tell who they are."""


def write(report: Report, directory: Path | None, *, files: bool, quiet: bool) -> Written:
    """Write the scripts, each host's as soon as it is made.

    Args:
        report: of this run.
        directory: where they go; None = stdout for the only host, else `reports/RUN/fix`.
        files: the only host's is a file too.
        quiet: nothing is told on stderr.

    Raises:
        UsageError: they cannot be written.
    """
    origin = report.header.run.id
    shown = report.header.summary.hosts.total == 1 and directory is None and not files
    directory = directory or Path("reports") / origin / FIX
    parts: dict[str, tuple[str, ...]] = {}
    digests: dict[str, bytes] = {}
    said: list[str] = []
    unknown = 0
    for host in report.hosts():
        made, why = _plan(host)
        if made is None:
            unknown += 1
            said.append(f"{host.name}: no script: {why}")
            continue
        if not (made.parts or made.left):
            said.append(f"{host.name}: nothing to mend")
            continue
        text = script(made, Origin(host.address, origin))
        parts[host.name] = tuple(part.title for part in made.parts)
        digests[host.name] = digest(text)
        words = f"{host.name}: {_words(made)}"
        if shown:
            _show(text)
        else:
            words += f": {_keep(directory, host.name, text)}"
        said.append(words)
    if not quiet:
        for line in _few(said):
            tell(line)
    return Written(parts, digests, None if shown else directory, unknown)


def digest(text: str) -> bytes:
    """What tells one script from another."""
    return hashlib.sha256(text.encode()).digest()


def _plan(host: HostReport) -> tuple[Plan | None, str]:
    if host.status is HostStatus.UNREACHABLE:
        return None, host.reason
    ground = ground_of(host)
    if not ground.machine_id:
        return None, "it did not tell its machine-id, without which a script could run elsewhere"
    return plan(ground, host.results), ""


def _words(made: Plan) -> str:
    titles = ", ".join(part.title for part in made.parts) or "nothing that a script can mend"
    return f"{titles}; {len(made.left)} left to you" if made.left else titles


def _keep(directory: Path, name: str, text: str) -> Path:
    path = directory / f"{name}.sh"
    try:
        for made in (*reversed(directory.parents), directory):  # parents=True has no mode for them
            made.mkdir(mode=0o700, exist_ok=True)
        with whole_private(path) as file:
            file.write(text)
        path.chmod(0o700)
    except OSError as error:
        raise UsageError(f"{path}: the script cannot be written: {error.strerror}") from error
    return path


def _show(text: str) -> None:
    # Python's word for a closed stdout is None, whatever its type says
    if vars(sys)["stdout"] is None:
        raise UsageError("stdout is closed; see --output")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        drop_stdout()  # nobody reads on
    except OSError as error:
        drop_stdout()
        raise UsageError(f"stdout: the script cannot be written: {error.strerror}") from error


def _few(lines: list[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"and {plural(len(lines) - _SHOWN, 'host')} more"
