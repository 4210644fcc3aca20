"""What `kscan fix` does once it knows its hosts: scan, write the scripts, ask, run, scan again."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from scanner.apply import Applied, apply
from scanner.cli.progress import Progress, progress
from scanner.cli.run import Machines, Output, run_scan, scanned
from scanner.errors import UsageError
from scanner.exit_status import ExitStatus
from scanner.fix.host import ground_of
from scanner.fix.script import Origin, script
from scanner.fix.steps import Plan, plan
from scanner.guesses import Guesses
from scanner.inventory.overrides import Loaded
from scanner.private_file import open_private, whole_private
from scanner.render.causes import plural
from scanner.render.harmless import harmless
from scanner.report import HostReport, HostStatus, Report
from scanner.request import Host
from scanner.scan import ScanOptions
from scanner.transport.descriptors import connections_at_once
from scanner.transport.fanout import Done, Outcome, fan_out

_APPLY_SECONDS = 900.0
"""For one host's script: packages may come over a slow line."""
_SHOWN = 20
"""Hosts with a line of their own on stderr."""


@dataclass(frozen=True, slots=True)
class Fixing:
    """Where the scripts go, and whether they are run."""

    directory: Path | None
    apply: bool
    yes: bool
    quiet: bool
    bar: bool


@dataclass(frozen=True, slots=True)
class Written:
    """The scripts of a run."""

    parts: dict[str, tuple[str, ...]]
    """Host -> the titles of what its script changes, in the order of the inventory."""
    directory: Path | None
    """None if the only one was shown."""
    unknown: int
    """Hosts without a script because they were not reached, or did not tell who they are."""


def may_ask(*, apply: bool, yes: bool, offline: bool) -> None:
    """Refuse what cannot be, before any host is connected to.

    Raises:
        UsageError: options contradict each other, or there is nobody to ask.
    """
    if yes and not apply:
        raise UsageError("--yes answers the question of --apply, which is not given")
    if apply and offline:
        raise UsageError("--apply needs the hosts; with --captures none is connected to")
    if apply and not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("--apply asks before it changes a host; without a terminal say --yes")


def run_fix(loaded: Loaded, machines: Machines, options: ScanOptions, fixing: Fixing) -> ExitStatus:
    """Do all of it.

    Raises:
        UsageError: the scripts cannot be written, or the answer is no.
    """
    with scanned(loaded, machines, options, bar=fixing.bar, quiet=fixing.quiet) as report:
        written = _write(report, fixing)
        if not report.header.run.complete:
            return ExitStatus.INTERRUPTED
    mended = {name: parts for name, parts in written.parts.items() if parts}
    if not fixing.apply:
        return ExitStatus.NOT_KNOWN if written.unknown else ExitStatus.READY
    if mended and written.directory is not None:
        _consent(mended, written.directory, yes=fixing.yes)
        hosts = tuple(host for host in loaded.request.hosts if host.name in mended)
        with progress(len(hosts), shown=False) as shown:
            asyncio.run(_apply(hosts, written.directory, machines, options, shown))
    elif not fixing.quiet:
        _say("nothing can be mended by a script; checking again")
    again = Output(None, quiet=fixing.quiet, bar=fixing.bar)
    return run_scan(Loaded(loaded.request), machines, options, again)


def _write(report: Report, fixing: Fixing) -> Written:
    origin = report.header.run.id
    alone = report.header.summary.hosts.total == 1
    shown = alone and fixing.directory is None and not fixing.apply
    directory = fixing.directory or Path("reports") / origin / "fix"
    parts: dict[str, tuple[str, ...]] = {}
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
        words = f"{host.name}: {_words(made)}"
        if shown:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            words += f": {_keep(directory, host.name, text)}"
        said.append(words)
    if not fixing.quiet:
        for line in _few(said):
            _say(line)
    return Written(parts, None if shown else directory, unknown)


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
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with whole_private(path) as file:
            file.write(text)
        path.chmod(0o700)
    except OSError as error:
        raise UsageError(f"{path}: the script cannot be written: {error.strerror}") from error
    return path


def _few(lines: list[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"and {plural(len(lines) - _SHOWN, 'host')} more"


def _say(line: str) -> None:
    typer.echo(f"kscan: {harmless(line)}", err=True)


def _consent(mended: dict[str, tuple[str, ...]], directory: Path, *, yes: bool) -> None:
    """Ask before anything is changed.

    Raises:
        UsageError: the answer is no.
        Exit: Ctrl-C.
    """
    if yes:
        return
    counts = Counter(title for titles in mended.values() for title in titles)
    for title, count in counts.items():
        _say(f"to be changed: {title} on {plural(count, 'host')}")
    typer.echo(
        f"Run the scripts in {directory} as root on {plural(len(mended), 'host')}? [yes/no] ",
        err=True,
        nl=False,
    )
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        typer.echo(err=True)
        raise typer.Exit(ExitStatus.INTERRUPTED) from None
    if answer.strip().lower() not in {"yes", "y"}:
        raise UsageError("--apply: not run, as answered; no host was changed")


async def _apply(
    hosts: tuple[Host, ...],
    directory: Path,
    machines: Machines,
    options: ScanOptions,
    shown: Progress,
) -> None:
    guesses = Guesses()
    async with machines(shown) as transport:

        async def run(host: Host) -> Applied:
            text = (directory / f"{host.name}.sh").read_text(encoding="utf-8")
            async with transport.connect(host) as session:
                return await apply(session, host, text, seconds=_APPLY_SECONDS, guesses=guesses)

        await fan_out(
            hosts,
            run,
            lambda host, outcome: _log(host, outcome, directory),
            at_once=options.at_once,
            most=connections_at_once(),
            deadline=_APPLY_SECONDS + options.host_seconds,
        )


def _log(host: Host, outcome: Outcome[Applied], directory: Path) -> None:
    path = directory / f"{host.name}.log"
    if isinstance(outcome, Done):
        said, words = outcome.value.said, outcome.value.words
    else:
        said, words = "", f"it was not run: {outcome.error}"
    try:
        with open_private(path) as file:
            file.write(f"{said}\n{words}\n")
    except OSError as error:
        words += f"; {path} cannot be written: {error.strerror}"
    _say(f"{host.name}: {words}: {path}")
