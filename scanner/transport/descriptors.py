"""This process's file descriptors: how many connections it may hold at once."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from scanner.errors import UsageError

WANTED = 8192
"""Descriptors to ask for: one for each connection, two where a name has two addresses."""

_RESERVE = 16
"""Left for key files, name lookups, agents and the report."""
_LEAST = 4
"""For one connection, the run's own file, and what is opened for a moment."""


def connections_at_once() -> int:
    """Raise the soft limit as far as it may be and say how many connections fit into it.

    Raises:
        UsageError: not even one.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    limit = WANTED if soft == resource.RLIM_INFINITY else soft
    room = limit - _open_now()
    if room < _LEAST:
        raise UsageError(
            f"ulimit -n is {limit}, which is too few for one connection: raise it to "
            f"{limit - room + _LEAST + _RESERVE} or more"
        )
    return max(1, room - _RESERVE)


def _open_now() -> int:
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 # one system call, no Path for each
    except OSError:  # not Linux
        return sum(1 for number in range(256) if Path(f"/dev/fd/{number}").exists())
