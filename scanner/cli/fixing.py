"""What `kscan fix` does once it knows its hosts: scan, write the scripts, ask, run, scan again."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from scanner.apply import Applied, apply
from scanner.cli.document import Output
from scanner.cli.interrupt import first_signal
from scanner.cli.progress import Progress, progress
from scanner.cli.question import can_ask, says_yes
from scanner.cli.run import Machines, run_scan, scanned
from scanner.cli.scripts import Written, digest, write
from scanner.cli.tell import tell
from scanner.errors import HostUnreachable, UsageError
from scanner.exit_status import ExitStatus
from scanner.inventory.overrides import Loaded
from scanner.render.causes import plural
from scanner.request import Host
from scanner.runs.private_file import open_private
from scanner.scan_options import ScanOptions
from scanner.secrets.guesses import Guesses
from scanner.transport.descriptors import connections_at_once
from scanner.transport.fanout import Done, Outcome, fan_out
from scanner.transport.stop import Stop, set_stop

_APPLY_SECONDS = 900.0
"""For one host's script: packages may come over a slow line."""

_LOG_SECONDS = 5.0
"""For what the scripts have said, after Ctrl-C."""
_CHANGED = "the script is not what kscan has written; it was not run"


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
    if apply and not yes and not can_ask():
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
            if not asyncio.run(_apply(hosts, written, machines, options, shown)):
                return ExitStatus.INTERRUPTED
    elif not fixing.quiet:
        tell("nothing can be mended by a script; checking again")
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
        tell(f"to be changed: {title} on {plural(count, 'host')}")
    hosts = plural(len(mended), "host")
    if not says_yes(f"Run the scripts in {directory} as root on {hosts}?"):
        raise UsageError("--apply: not run, as answered; no host was changed")


async def _apply(
    hosts: tuple[Host, ...],
    written: Written,
    machines: Machines,
    options: ScanOptions,
    shown: Progress,
) -> bool:
    """Run them; False if that was interrupted, when what had begun and what had not is told."""
    directory, guesses = written.directory or Path(), Guesses()
    stop, interrupt = Stop(), asyncio.Event()
    begun: set[str] = set()
    logged: set[str] = set()
    set_stop(stop)

    def interrupted() -> None:
        tell("interrupted: keeping what the scripts have said; once more to end at once")
        stop.now("interrupted; what it was doing there may be half done")
        interrupt.set()

    def log(host: Host, outcome: Outcome[Applied]) -> None:
        logged.add(host.name)
        _log(host, outcome, directory)

    with first_signal(interrupted):
        async with machines(shown) as transport:

            async def run(host: Host) -> Applied:
                text = _text(directory / f"{host.name}.sh")
                if digest(text) != written.digests[host.name]:
                    return Applied(None, "", _CHANGED)
                async with transport.connect(host) as session:
                    if stop.called:
                        raise HostUnreachable("interrupted before it was run")
                    begun.add(host.name)
                    return await apply(session, host, text, seconds=_APPLY_SECONDS, guesses=guesses)

            everything = fan_out(
                hosts,
                run,
                log,
                at_once=options.at_once,
                most=connections_at_once(),
                deadline=_APPLY_SECONDS + options.host_seconds,
            )
            complete = await _until(asyncio.create_task(everything), interrupt)
    if complete:
        return True
    for host in hosts:
        if host.name in begun - logged:
            tell(f"{host.name}: its script had begun, and its end was not seen; no log was kept")
    tell(
        f"interrupted: the scripts had begun on {len(begun)} of {plural(len(hosts), 'host')}, "
        f"and were not run on {len(hosts) - len(begun)}; check again to know what is mended"
    )
    return False


async def _until(work: asyncio.Task[None], interrupt: asyncio.Event) -> bool:
    """Wait for the work; once interrupted a little longer, so that logs can be written."""
    interrupted = asyncio.create_task(interrupt.wait())
    await asyncio.wait({work, interrupted}, return_when=asyncio.FIRST_COMPLETED)
    if interrupt.is_set():
        await asyncio.wait({work}, timeout=_LOG_SECONDS)
    interrupted.cancel()
    work.cancel()
    await asyncio.wait({work, interrupted})
    if not work.cancelled():
        work.result()  # a bug in the work is raised here
    return not interrupt.is_set()


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
    tell(f"{host.name}: {words}: {path}")
