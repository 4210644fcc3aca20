"""`.kscan/<cluster>/` beside the inventory: journal, logs and admin.conf; one run at a time."""

from __future__ import annotations

import datetime
import errno
import fcntl
import getpass
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scanner.cluster.own_file import open_own, refuse_of_others
from scanner.errors import ClusterError
from scanner.render.harmless import harmless
from scanner.runs.private_file import open_private
from scanner.secrets.redact import redactor

_LONGEST_LINE = 1 << 14
"""Characters of a line of a log."""
_WITHOUT_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS})
"""What `link` says on FAT, and on folders shared with a virtual machine's host."""


class Folder:
    """The folder of one cluster, locked for this process.

    Args:
        path: it exists, 0700.
        holder: who holds the lock, for whoever comes second.
    """

    def __init__(self, path: Path, holder: str) -> None:
        self.path = path
        self.holder = holder

    @property
    def kubeconfig(self) -> Path:
        """Where admin.conf goes."""
        return self.path / "admin.conf"

    def keep_output(self, host: str, title: str, output: str) -> Path:
        """Append what a command printed on a host to its log, 0600, without secrets.

        It is read on a terminal: what would act on one is escaped.

        Raises:
            ClusterError: it cannot be written.
        """
        path = self.path / "logs" / f"{host}.log"
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        text = redactor().text(f"== {now} {title}\n{output.rstrip()}")
        lines = (harmless(line.expandtabs(), limit=_LONGEST_LINE) for line in text.splitlines())
        try:
            path.parent.mkdir(mode=0o700, exist_ok=True)
            if path.parent.is_symlink():
                raise ClusterError(f"{path.parent}: a link, and no folder: move it away")
            descriptor = open_own(path, os.O_WRONLY | os.O_APPEND)
            with os.fdopen(descriptor, "a", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
        except OSError as error:
            raise ClusterError(f"{path}: cannot be written: {error.strerror}") from error
        return path


def folder_of(inventory: Path, cluster: str) -> Path:
    """Where it is for a cluster of this inventory."""
    return inventory.parent / ".kscan" / cluster


@contextmanager
def locked(path: Path, run: str) -> Iterator[Folder]:
    """Make the folder and hold its lock for the block; the kernel frees it with the process.

    Args:
        path: of `folder_of`.
        run: names this run.

    Raises:
        ClusterError: another kscan holds it, or the folder cannot be used.
    """
    lock = path / "lock"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_of_others(path)
        _keep_out_of_git(path.parent)
        descriptor = open_own(lock, os.O_RDWR)
    except OSError as error:
        raise ClusterError(
            f"{path}: cannot be used: {error.strerror}: it must be a folder beside the inventory, "
            "where you may write"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            said = os.pread(descriptor, 300, 0).decode("utf-8", "replace").strip()
            raise ClusterError(
                f"{path}: another kscan is at work on this cluster: {said or 'it is beginning'}"
            ) from None
        except OSError as error:  # a network file system without its lock daemon
            raise ClusterError(
                f"{lock}: cannot be locked ({error.strerror}): put the inventory where there are "
                "locks, such as on a local disk"
            ) from error
        holder = f"{_who()}, run {run}"
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, holder.encode(), 0)
        except OSError as error:
            raise ClusterError(f"{lock}: cannot be written: {error.strerror}") from error
        yield Folder(path, holder)
    finally:
        os.close(descriptor)


def _keep_out_of_git(folder: Path) -> None:
    """Inventories are committed, and the administrator's keys lie beside them.

    Raises:
        OSError: it cannot be written.
    """
    with suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="utf-8") as file:
        file.write("*\n")


def _who() -> str:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return f"{user}@{socket.gethostname()}, process {os.getpid()}, since {now}"


def save_kubeconfig(path: Path, text: str) -> bool:
    """Write admin.conf, 0600, unless this very text is there already.

    Returns:
        False if it was there.

    Raises:
        ClusterError: another one is there, or it cannot be written.
    """
    try:
        if os.path.lexists(path):
            # a FIFO would keep the reading waiting
            if path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text:
                return False
            raise ClusterError(
                f"{path}: there is another admin.conf, and it is not overwritten: move it away"
            )
        part = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with open_private(part, follow=False) as file:
                file.write(text)
            try:
                # unlike rename, a link never takes the place of a file that came in between
                os.link(part, path)
            except OSError as error:
                if error.errno not in _WITHOUT_LINKS:
                    raise
                _write_new(path, text)
        finally:  # the keys of the cluster's administrator are in it
            part.unlink(missing_ok=True)
    except OSError as error:
        raise ClusterError(f"{path}: cannot be written: {error.strerror}") from error
    return True


def _write_new(path: Path, text: str) -> None:
    """A part of it, which a killed kscan leaves, is not taken for all of it by the next one.

    Raises:
        OSError: it cannot be written, or something is there.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        path.unlink()
        raise
