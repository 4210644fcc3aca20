"""Ctrl-C and its like: while hosts are asked the first one brings the report, else they end it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (
    signal.SIGINT,
    signal.SIGTERM,
    # a terminal that was closed; `nohup kscan` goes on
    *(() if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)),
)
_STDERR = 2
_SHOW_CURSOR = b"\x1b[?25h\n"  # the progress bar hides it


def end_at_once(number: int, frame: FrameType | None) -> None:
    """End without a word; the run's file has no name, so that nothing is left."""
    del number, frame
    if os.isatty(_STDERR):
        os.write(_STDERR, _SHOW_CURSOR)
    # not SystemExit: it would wait for connections to close, and for every cleanup on the way
    os._exit(130)  # exit_status.INTERRUPTED, which is not imported yet when this may be called


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """End at once by a signal in this block; no traceback, wherever it comes."""
    before = {number: signal.signal(number, end_at_once) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def first_signal(ask: Callable[[], None]) -> Iterator[None]:
    """Call `ask` for the first signal in this block of the running loop; the second one ends."""
    import asyncio  # late, so that --help stays quick

    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def first() -> None:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, end_at_once)
        ask()

    for number in _SIGNALS:
        loop.add_signal_handler(number, first)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number])
