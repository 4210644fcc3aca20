"""Files that kscan keeps in a cluster's folder: opened as what kscan made, never through a link."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from scanner.errors import ClusterError

_FLAGS = os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Through a link root would write to what somebody else has chosen; a FIFO does not wait."""
_OTHERS = frozenset({errno.ELOOP, errno.ENXIO, errno.EISDIR})
"""What `open` says of a link, of a FIFO that nobody reads (or a socket), and of a directory."""
_WRITABLE = stat.S_IWGRP | stat.S_IWOTH


def open_own(path: Path, flags: int) -> int:
    """Open a file, made 0600 if there is none; the descriptor is the caller's to close.

    Args:
        path: its directory exists.
        flags: how, as for `os.open`.

    Raises:
        ClusterError: something else is there.
        OSError: it cannot be opened.
    """
    try:
        descriptor = os.open(path, flags | _FLAGS, 0o600)
    except OSError as error:
        if error.errno in _OTHERS:
            raise no_regular_file(path) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise no_regular_file(path)
    return descriptor


def no_regular_file(path: Path) -> ClusterError:
    """What is said of it."""
    return ClusterError(f"{path}: no regular file: move it away")


def refuse_of_others(folder: Path) -> None:
    """The journal decides about `kubeadm reset`: nobody else may put another one there.

    One of ours may be writable: a folder that is shared with a virtual machine always is.

    Raises:
        ClusterError: it is another user's, and not only that one's.
        OSError: it cannot be looked at.
    """
    found = folder.stat()
    if found.st_mode & _WRITABLE and found.st_uid not in {os.geteuid(), 0}:
        raise ClusterError(
            f"{folder}: belongs to another user (uid {found.st_uid}), and others may write to it: "
            "take it over with chown and chmod 700, or move it away"
        )
