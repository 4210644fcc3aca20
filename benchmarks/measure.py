"""What one client costs: wall time, CPU and memory of its whole process tree."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.2
"""Seconds between two looks at the memory of a client's processes."""
LIMIT = 150.0
"""Seconds after which a client hangs; pyinfra 3.10 was seen to."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One run of one client."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds, user and system, of the client and all its children that it waited for."""
    memory: int
    """Bytes: the most that its processes had together; a page that they share counts once."""


def run(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Cost:
    """Run a client to its end.

    Args:
        command: its words.
        environment: added to the own one.
        log: its stdout and stderr.
    """
    with log.open("wb") as out:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        alarm = threading.Timer(LIMIT, process.kill)
        alarm.start()
        with _watching(process.pid) as peak:
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - began
        alarm.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    # of one process the kernel knows the peak exactly, and in KiB
    memory = max(peak[0], usage.ru_maxrss << 10)
    return Cost(wall, usage.ru_utime + usage.ru_stime, memory)


def printed(log: Path) -> str:
    """What a client printed, for a message."""
    return log.read_text(encoding="utf-8", errors="replace")[-2000:]


@contextlib.contextmanager
def _watching(process: int) -> Iterator[list[int]]:
    """Note the most memory of a process tree in a list of one number."""
    peak = [0]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(EVERY):
            peak[0] = max(peak[0], _resident(process))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _resident(process: int, parent: str = "") -> int:
    """Bytes of a process and its descendants (proc(5), task/TID/children, smaps_rollup).

    A page that several of them have is counted once, in parts (Pss): ansible's workers share most
    of theirs, and any client that starts a program is two of its own size for a moment. A child
    whose memory is its parent's to the page has been forked a moment ago and has none of its own
    yet: vfork(2) shares it until the child becomes another program.
    """
    total = 0
    with contextlib.suppress(OSError):  # it may end meanwhile
        own = Path(f"/proc/{process}/statm").read_text(encoding="ascii")
        if own != parent:
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
            total = int(rollup.partition("\nPss:")[2].split(maxsplit=1)[0]) << 10
        for thread in Path(f"/proc/{process}/task").iterdir():
            with contextlib.suppress(OSError):
                children = (thread / "children").read_text(encoding="ascii").split()
                total += sum(_resident(int(child), own) for child in children)
    return total


if not Path(f"/proc/self/task/{os.getpid()}/children").exists():
    sys.exit("needs a kernel with /proc/PID/task/TID/children (CONFIG_PROC_CHILDREN)")
