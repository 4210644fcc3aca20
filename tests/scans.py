"""A whole scan over saved captures."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable

from scanner.demo import CAPTURES
from scanner.report import HostReport, Report
from scanner.request import Request
from scanner.runs.spool import Spool
from scanner.scan import Scan
from scanner.scan_options import ScanOptions
from scanner.transport.base import Transport
from scanner.transport.replay import ReplayTransport

NOW = datetime.datetime(2026, 6, 15, 12, tzinfo=datetime.UTC)


async def scanned(
    spool: Spool,
    asked: Request,
    transport: Transport | None = None,
    options: ScanOptions | None = None,
    *,
    observe: Callable[[HostReport], None] = lambda _host: None,
    interrupt: asyncio.Event | None = None,
) -> Report:
    scan = Scan(asked, options or ScanOptions(), spool, observe, NOW)
    return await scan.run(transport or ReplayTransport(CAPTURES), interrupt or asyncio.Event())
