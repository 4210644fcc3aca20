"""Files that only their owner may read: reports and captures tell where a fleet is weak."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


def open_private(path: Path, *, follow: bool = True) -> TextIO:
    """Open a text file for writing, 0600; one that is there is emptied and made so.

    Args:
        path: its directory exists.
        follow: a link is written through. Not where kscan has chosen the name: others may guess it.

    Raises:
        OSError: it cannot be opened.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | (0 if follow else os.O_NOFOLLOW)
    descriptor = os.open(path, flags, 0o600)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "w", encoding="utf-8")


@contextmanager
def whole_private(path: Path) -> Iterator[TextIO]:
    """The same, but what is there before stays until the block has ended well.

    A document that is cut because the disk is full must not be taken for one. Pipes and devices
    are written as they are, and so is a file in a directory that takes no new one.

    Raises:
        OSError: it cannot be written.
    """
    real = Path(os.path.realpath(path))  # a link stays one
    part = real.with_name(f".{real.name}.{os.getpid()}")
    try:
        file = None if real.exists() and not real.is_file() else open_private(part, follow=False)
    except OSError:
        file = None
    if file is None:
        with open_private(path) as file:
            yield file
        return
    try:
        with file:
            yield file
        part.replace(real)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
