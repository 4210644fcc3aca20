"""Load SSH although this machine's disk is full."""

from __future__ import annotations

import ctypes.util
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading_ssh() -> Iterator[None]:
    """Import SSH's modules inside this block, the first time.

    asyncssh looks for two libraries that it can do without, for which ctypes may start a compiler
    that wants a temporary file (ctypes.util, Python 3.11). Where there is none, neither are they.
    """
    find = ctypes.util.find_library

    def find_if_possible(name: str) -> str | None:
        try:
            return find(name)
        except OSError:
            return None

    ctypes.util.find_library = find_if_possible
    try:
        yield
    finally:
        ctypes.util.find_library = find
