"""A host of its own with one thing wrong: this machine behind an sshd in namespaces of its own.

Only mounts inside a private mount namespace make the fault, and processes a private process
namespace: nothing of the machine itself changes, and all of it is gone when the block ends.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.targets import SSHD, free_port, keygen, missing, wait

__all__ = ["USER", "FaultyHost", "faulty", "missing", "workshop"]

USER = "plain"
"""A login without any privilege, beside root."""

# What sshd needs lies on a file system that no fault touches.
START = """set -e
mount --make-rprivate /
{proc}
mount -t tmpfs -o mode=755 sshd /media
cp -a {folder}/. /media
mkdir /media/etc
cp -a /etc/. /media/etc
cp /media/passwd /media/etc/passwd
mount --bind /media/etc /etc
mount -t tmpfs -o mode=755 run /run
mkdir /run/sshd
mount -t tmpfs -o mode=755 home /home
mkdir -m 700 /home/{user}
chown {uid} /home/{user}
{fault}
exec {chroot} {sshd} -D -e -f /media/sshd_config
"""

_OPTIONS = (
    *("ListenAddress 127.0.0.1", "HostKey /media/host", "AuthorizedKeysFile /media/client.pub"),
    *("PidFile none", "UsePAM no", "StrictModes no", "PrintMotd no", "LogLevel VERBOSE"),
)


@dataclass(frozen=True, slots=True)
class FaultyHost:
    """Where it is."""

    port: int
    root: Path
    """Its root directory, seen from outside."""
    log: Path
    """sshd's."""


@contextmanager
def workshop() -> Iterator[Path]:
    """The keys that all hosts of a test share; `client` is the user's."""
    with tempfile.TemporaryDirectory(prefix="kscan-faulty-") as name:
        folder = Path(name)
        keygen(folder / "client")
        keygen(folder / "host")
        yield folder


@contextmanager
def faulty(
    folder: Path,
    fault: str = "",
    *,
    login_shell: str = "/bin/dash",
    home: str = "",
    proc: str = "mount -t proc proc /proc",
    chroot: str = "",
) -> Iterator[FaultyHost]:
    """Start one host.

    Args:
        folder: the workshop.
        fault: shell commands, run as root in the host's namespaces before its sshd starts; what
            they print into /media is seen at `root / "media"`.
        login_shell: both logins' shell.
        home: their home directory; empty for the usual ones.
        proc: the command that mounts /proc.
        chroot: the command that sshd is given to.
    """
    with ExitStack() as stack:
        own = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kscan-faulty-")))
        for name in ("client.pub", "host"):
            shutil.copy(folder / name, own / name)
        port = free_port()
        (own / "sshd_config").write_text("\n".join((f"Port {port}", *_OPTIONS, "")))
        # a user of its own for each host, as the kernel counts processes by user (ulimit -u)
        (own / "passwd").write_text(
            f"root:x:0:0:root:{home or '/root'}:{login_shell}\n"
            "sshd:x:101:65534::/run/sshd:/bin/false\n"
            f"{USER}:*:{port}:{port}::{home or f'/home/{USER}'}:{login_shell}\n"
        )
        (own / "passwd").chmod(0o644)
        (own / "client.pub").chmod(0o644)
        own.chmod(0o755)
        start = START.format(
            folder=own, fault=fault, proc=proc, chroot=chroot, sshd=SSHD, user=USER, uid=port
        )
        log = own / "log"
        unshare = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", start)
        with log.open("wb") as file:
            # a session of its own, of which no Ctrl-C of the test's terminal is heard
            process = subprocess.Popen(unshare, stderr=file, stdout=file, start_new_session=True)
        stack.callback(_end, process)
        try:
            wait(port)
        except TimeoutError as error:
            raise RuntimeError(log.read_text(errors="replace")) from error
        yield FaultyHost(port, Path(f"/proc/{_child(process.pid)}/root"), log)


def _child(pid: int) -> int:
    """The first process of the host, which is its sshd by now."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _end(process: subprocess.Popen[bytes]) -> None:
    """The kernel ends everything in a process namespace with its first process."""
    if process.poll() is None:
        first = _child(process.pid)
        os.kill(first, signal.SIGKILL)
    process.wait(timeout=10)
