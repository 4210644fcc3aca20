"""Bytes that a library wants to read from a path, and that shall never lie on a disk."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def paths(contents: Mapping[str, bytes]) -> Iterator[Mapping[str, str]]:
    """Paths at which this process can read the contents while the block runs.

    On Linux they are files in memory without a name; elsewhere files of a private directory that is
    removed at the end.

    Args:
        contents: name -> bytes; what is empty gets no path.
    """
    given = {name: data for name, data in contents.items() if data}
    with ExitStack() as stack:
        if hasattr(os, "memfd_create"):
            yield {name: _in_memory(stack, name, data) for name, data in given.items()}
            return
        directory = Path(tempfile.mkdtemp(prefix="kscan-"))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        for name, data in given.items():
            descriptor = os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
        yield {name: str(directory / name) for name in given}


def _in_memory(stack: ExitStack, name: str, data: bytes) -> str:
    descriptor = os.memfd_create(f"kscan-{name}")
    stack.callback(os.close, descriptor)
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(data)
    return f"/proc/self/fd/{descriptor}"
