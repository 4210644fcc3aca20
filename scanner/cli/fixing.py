"""What `kscan fix` does once it knows its hosts: scan, write the scripts, ask, run, scan again."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from scanner.apply import Applied, apply
from scanner.cli.document import Output
from scanner.cli.progress import Progress, progress
from scanner.cli.question import says_yes
from scanner.cli.run import Machines, run_scan, scanned
from scanner.cli.scripts import Written, digest, say, write
from scanner.errors import UsageError
from scanner.exit_status import ExitStatus
from scanner.guesses import Guesses
from scanner.inventory.overrides import Loaded
from scanner.private_file import open_private
from scanner.render.causes import plural
from scanner.request import Host
from scanner.scan_options import ScanOptions
from scanner.transport.descriptors import connections_at_once
from scanner.transport.fanout import Done, Outcome, fan_out

_APPLY_SECONDS = 900.0
"""For one host's script: packages may come over a slow line."""


@dataclass(frozen=True, slots=True)
class Fixing:
    """Where the scripts go, and whether they are run."""

    directory: Path | None
    apply: bool
    yes: bool
    quiet: bool
    bar: bool


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
    with scanned(loaded, machines, options, Output(bar=fixing.bar, quiet=fixing.quiet)) as report:
        written = write(report, fixing.directory, files=fixing.apply, quiet=fixing.quiet)
        if not report.header.run.complete:
            return ExitStatus.INTERRUPTED
    mended = {name: parts for name, parts in written.parts.items() if parts}
    if not fixing.apply:
        return ExitStatus.NOT_KNOWN if written.unknown else ExitStatus.READY
    if mended and written.directory is not None:
        _consent(mended, written.directory, yes=fixing.yes)
        hosts = tuple(host for host in loaded.request.hosts if host.name in mended)
        with progress(len(hosts), shown=False) as shown:
            asyncio.run(_apply(hosts, written, machines, options, shown))
    elif not fixing.quiet:
        say("nothing can be mended by a script; checking again")
    again = Output(None, quiet=fixing.quiet, bar=fixing.bar)
    return run_scan(Loaded(loaded.request), machines, options, again)


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
        say(f"to be changed: {title} on {plural(count, 'host')}")
    hosts = plural(len(mended), "host")
    if not says_yes(f"Run the scripts in {directory} as root on {hosts}?"):
        raise UsageError("--apply: not run, as answered; no host was changed")


async def _apply(
    hosts: tuple[Host, ...],
    written: Written,
    machines: Machines,
    options: ScanOptions,
    shown: Progress,
) -> None:
    directory, guesses = written.directory or Path(), Guesses()
    async with machines(shown) as transport:

        async def run(host: Host) -> Applied:
            text = _text(directory / f"{host.name}.sh")
            if digest(text) != written.digests[host.name]:
                return Applied(None, "", "the script is not what kscan has written; it was not run")
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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _log(host: Host, outcome: Outcome[Applied], directory: Path) -> None:
    path = directory / f"{host.name}.log"
    if isinstance(outcome, Done):
        said, words = outcome.value.said.rstrip("\n"), outcome.value.words
    else:
        said, words = "", f"it was not run: {outcome.error}"
    try:
        with open_private(path) as file:
            file.write(f"{said}\n{words}\n")
    except OSError as error:
        words += f"; {path} cannot be written: {error.strerror}"
    say(f"{host.name}: {words}: {path}")
