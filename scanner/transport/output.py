"""What a command prints, gathered within a limit, and when to stop waiting for more."""

from __future__ import annotations

import asyncio

from scanner.transport.base import OUTPUT_LIMIT, TOO_MUCH, Completed
from scanner.transport.stop import current_stop
from scanner.transport.timing import Timing, unix_now

EXIT_GRACE = 0.5
"""Seconds for the exit status after the last line: it is sent by the shell's end, so one round
trip is enough unless a hung child is what the shell waits for."""

_ARRIVALS = 256
"""Pieces of output whose arrival is noted; the probe's answer comes in about thirty."""


class Output:
    """Collects one command's output; the transports feed it, `enough` waits on it.

    Args:
        last_line: a line of stdout after which nothing matters; without its newline.
        limit: bytes of stdout and stderr together that are kept.
    """

    def __init__(self, last_line: bytes | None = None, limit: int = OUTPUT_LIMIT):
        self._stdout = bytearray()
        self._stderr = bytearray()
        self._arrivals: list[tuple[int, float]] = []
        self._last_line = last_line
        self._limit = limit
        self._looked = 0
        """Before this place of stdout the last line does not begin."""
        self._has_last_line = False
        self._exit_status: int | None = None
        self._ended = ""
        self._stop_reading = asyncio.Event()
        self._over = asyncio.Event()
        if (stop := current_stop()) is not None:
            stop.add(self.end)

    def stdout(self, data: bytes) -> None:
        """Take a piece of standard output."""
        self._take(self._stdout, data)
        if len(self._arrivals) < _ARRIVALS:
            self._arrivals.append((len(self._stdout), unix_now()))
        if self._last_line is not None and not self._has_last_line:
            self._look_for_last_line(self._last_line)

    def stderr(self, data: bytes) -> None:
        """Take a piece of standard error."""
        self._take(self._stderr, data)

    def exited(self, status: int) -> None:
        """Take the exit status; output may still follow it (RFC 4254, 6.10)."""
        if self._over.is_set():
            return
        self._exit_status = status
        if self._has_last_line:
            self._over.set()

    def signalled(self, name: str) -> None:
        """Take the signal that ended the command, without `SIG`."""
        if self._over.is_set():
            return
        self._ended = f"killed by SIG{name}"
        if self._has_last_line:
            self._over.set()

    def end(self, reason: str = "") -> None:
        """Nothing more will come; the first reason is kept, and only if there is no exit status."""
        if not self._ended:
            self._ended = reason
        self._stop_reading.set()
        self._over.set()

    async def enough(self) -> None:
        """Wait for the end, the limit, or the last line and its exit status."""
        await self._stop_reading.wait()
        if not self._over.is_set():
            try:
                async with asyncio.timeout(EXIT_GRACE):
                    await self._over.wait()
            except TimeoutError:
                self.end("its last line was read, but the command has not ended")

    def completed(self, seconds: float, sent: float | None = None) -> Completed:
        """The result so far.

        Args:
            seconds: since the command was asked for.
            sent: as in Timing; None if the input was not handed over.
        """
        status = self._exit_status
        ended = "" if status is not None else self._ended or "the command ended without a status"
        timing = None if sent is None else Timing(sent, tuple(self._arrivals))
        return Completed(bytes(self._stdout), bytes(self._stderr), status, seconds, ended, timing)

    def _take(self, kept: bytearray, data: bytes) -> None:
        if self._over.is_set():
            return
        room = self._limit - len(self._stdout) - len(self._stderr)
        kept += data[:room]
        if len(data) > room:
            # an exit status that overtook the output would make a cut answer look whole
            self._exit_status = None
            self.end(f"{TOO_MUCH} {self._limit} bytes")

    def _look_for_last_line(self, last_line: bytes) -> None:
        line = last_line + b"\n"
        while (start := self._stdout.find(line, self._looked)) >= 0:
            if start == 0 or self._stdout[start - 1 : start] == b"\n":
                self._has_last_line = True
                self._stop_reading.set()
                if self._exit_status is not None:
                    self._over.set()
                return
            self._looked = start + 1
        # the line may have come in part
        self._looked = max(self._looked, len(self._stdout) - len(line) + 1)
