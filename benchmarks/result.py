"""docs/benchmarks.md: each benchmark replaces its own part with what it has just measured."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.rounds import Figures

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"


def machine() -> str:
    """Where and of what: one line on the program, one on the machine."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False
    ).stdout.strip()
    cpu = re.search(r"^model name\s*: (.*)$", _read("/proc/cpuinfo"), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+) kB$", _read("/proc/meminfo"), re.MULTILINE)
    gib = f"{int(memory[1]) / (1 << 20):.0f} GiB" if memory else "unknown"
    now = datetime.datetime.now(datetime.UTC)
    return (
        f"{now:%Y-%m-%d %H:%M} UTC, commit {commit or 'unknown'}, "
        f"Python {platform.python_version()}.\n"
        f"{os.cpu_count()} cores ({cpu[1] if cpu else platform.machine()}), {gib} of memory, "
        f"{platform.system()} {platform.release()}."
    )


def load() -> str:
    """The load average of the last minute."""
    return _read("/proc/loadavg").split()[0]


def table(figures: Sequence[Figures]) -> str:
    """Rows with what each client cost, and how often that is of the first one's cost."""
    first = figures[0]
    lines = [
        "| client | hosts | wall s | x | client CPU ms a host | x | memory MB | x | rounds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in figures:
        cells = (
            *(row.name, row.hosts),
            *(f"{row.wall:.2f}", f"{row.wall / first.wall:.2f}"),
            *(f"{row.cpu_each:.1f}", f"{row.cpu_each / first.cpu_each:.2f}"),
            *(f"{row.memory / 1e6:.0f}", f"{row.memory / first.memory:.2f}"),
            row.rounds,
        )
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def write(part: str, text: str) -> None:
    """Replace one part of the page, between its two marks."""
    page = PAGE.read_text(encoding="utf-8")
    begin, end = f"<!-- {part}: begin -->\n", f"<!-- {part}: end -->"
    head, found, rest = page.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{PAGE} has no part {part}")
    PAGE.write_text(f"{head}{begin}{text}\n{end}{tail}", encoding="utf-8")


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")
