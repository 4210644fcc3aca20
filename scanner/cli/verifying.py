"""Run verify in the foreground: notes on stderr, the document where it was asked."""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from scanner.cli.cluster import AskedCluster
from scanner.cli.document import Output, writable, write_report
from scanner.cli.interrupt import first_signal
from scanner.cli.machines import ssh_or_local
from scanner.cli.progress import progress
from scanner.cli.tell import say
from scanner.errors import HostUnreachable, UsageError
from scanner.exit_status import ExitStatus, exit_status
from scanner.ignore import IgnoreList
from scanner.render.base import Format
from scanner.verify import run
from scanner.verify.catalogue import VERIFY_CATALOGUE
from scanner.verify.expected import Expected, expected
from scanner.verify.judge import nothing_read
from scanner.verify.manifests import read_manifests
from scanner.verify.reach import reached
from scanner.verify.report import report_of
from scanner.verify.result import VerifyResult
from scanner.verify.run import Verified, Way
from scanner.verify.smoke.attempt import SmokeOptions

_FORMATS = (Format.TERMINAL, Format.JSON)


@dataclass(frozen=True, slots=True)
class Options:
    """How it is run and shown."""

    format: str
    path: Path | None = None
    smoke: SmokeOptions | None = None
    """None: no workload is made."""
    strict: bool = False
    quiet: bool = False


def run_verify(cluster: AskedCluster, options: Options) -> ExitStatus:
    """Verify, show, and say how it ended.

    Raises:
        KscanError: there is no way into the cluster, or the document cannot be written.
    """
    form = _format(options.format)
    writable(options.path)
    if not options.quiet:
        for line in cluster.loaded.notes:
            say(f"kscan: {line}")
    started, began = run.now(), time.monotonic()
    wanted = _expected(cluster, started)
    found, complete = asyncio.run(_interruptible(cluster, wanted, options.smoke))
    ignore = IgnoreList(cluster.loaded.request.ignore, started.date())
    report = report_of(
        cluster.loaded.request,
        found.version,
        ignore.apply_verify(found.results),
        started=started,
        seconds=time.monotonic() - began,
        complete=complete,
    )
    write_report(report, Output(form, options.path))
    return exit_status(report.header.summary, strict=options.strict, complete=complete)


def _format(name: str) -> Format:
    if name in _FORMATS:
        return Format(name)
    raise UsageError(f"--format {name}: verify writes {' or '.join(_FORMATS)}")


def _expected(cluster: AskedCluster, now: datetime.datetime) -> Expected:
    request = cluster.loaded.request
    made = expected(request, now, addons=read_manifests(request.cluster))
    return made if cluster.has_inventory else replace(made, nodes=())


async def _interruptible(
    cluster: AskedCluster, wanted: Expected, smoke: SmokeOptions | None
) -> tuple[Verified, bool]:
    """What was found, and whether that is all of it."""
    interrupt = asyncio.Event()
    found: list[Verified] = []
    with first_signal(interrupt.set):
        work = asyncio.create_task(_work(cluster, wanted, smoke, found))
        interrupted = asyncio.create_task(interrupt.wait())
        await asyncio.wait({work, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        complete = work.done()
        if not complete:
            words = "interrupted" + (": taking away what was made" if smoke else "")
            say(f"kscan: {words}")
        work.cancel()
        interrupted.cancel()
        await asyncio.wait({work, interrupted})
    if not work.cancelled():
        work.result()  # an error of the work is raised here
    return (found[-1] if found else Verified(_interrupted())), complete


async def _work(
    cluster: AskedCluster,
    wanted: Expected,
    smoke: SmokeOptions | None,
    found: list[Verified],
) -> None:
    try:
        async with _way(cluster) as way:
            await run.verify_and_smoke(way, wanted, smoke, found.append)
    except HostUnreachable as error:
        if not found:
            found.append(Verified(nothing_read(VERIFY_CATALOGUE, str(error))))


@asynccontextmanager
async def _way(cluster: AskedCluster) -> AsyncIterator[Way]:
    if cluster.direct and cluster.credentials is not None:
        yield Way(None, cluster.credentials)
        return
    hosts = cluster.hosts
    port = cluster.loaded.request.cluster.bind_port
    with progress(len(hosts), shown=False) as shown:
        async with (
            ssh_or_local(hosts)(shown) as transport,
            reached(transport, hosts, cluster.credentials, bind_port=port) as way,
        ):
            yield way


def _interrupted() -> tuple[VerifyResult, ...]:
    return nothing_read(VERIFY_CATALOGUE, "interrupted before the API server had answered")
