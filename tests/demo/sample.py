"""Write `reports/sample/` anew, a report in every format: `python -m tests.demo.sample`.

Made of the demo's captures, so that it needs neither root nor network, and comes out the same
each time: the run's id and times are fixed, the hosts' are their captures'.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from io import StringIO
from pathlib import Path

from pydantic import TypeAdapter

from scanner.demo import CAPTURES, INVENTORY
from scanner.inventory.load import load
from scanner.render.base import Format, writer
from scanner.render.screen import Screen
from scanner.report import HostReport, HostSeconds, Report, Run
from scanner.runs.spool import Spool
from scanner.scan import Scan
from scanner.scan_options import ScanOptions
from scanner.transport.replay import ReplayTransport

FOLDER = Path(__file__).parents[2] / "reports" / "sample"
STARTED = datetime.datetime(2026, 1, 31, 10, 15, tzinfo=datetime.UTC)
RUN = Run("20260131T101500Z-5a3e", STARTED.isoformat(timespec="seconds"), 2.718)
WIDTH = 100
_HOST = TypeAdapter(HostReport)


def documents() -> Iterator[tuple[str, str]]:
    """File name and content, in the order of the formats."""
    with closing(Spool()) as spool:
        report = judged(spool)
        for form in Format:
            out = StringIO()
            writer(form, Screen(WIDTH))(report, out)
            yield form.file_name, out.getvalue()


def judged(spool: Spool) -> Report:
    """The demo's hosts by their captures."""
    request = load(INVENTORY, named=True).request
    scan = Scan(request, ScanOptions(), spool, _nobody, STARTED)
    report = asyncio.run(scan.run(ReplayTransport(CAPTURES), asyncio.Event()))
    hosts = [replace(host, seconds=_seconds(host)) for host in report.hosts()]
    lines = [_HOST.dump_json(host, by_alias=True) for host in hosts]
    header = replace(report.header, run=RUN)
    return replace(report, header=header, hosts=lambda: iter(hosts), host_lines=lambda: iter(lines))


def _seconds(host: HostReport) -> HostSeconds:
    """A replayed host is connected to at once, which the sample must not show."""
    return replace(host.seconds, connect=None if host.seconds.connect is None else 0.2)


def _nobody(_host: HostReport) -> None:
    """Nobody watches."""


def main() -> None:
    """Write every file that differs."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in documents():
        (FOLDER / name).write_bytes(text.encode())


if __name__ == "__main__":
    main()
