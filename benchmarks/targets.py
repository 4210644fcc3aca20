"""One OpenSSH sshd that answers on many loopback addresses: as many hosts as a benchmark needs."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SSHD = "/usr/sbin/sshd"
USER = "ops"
"""A login without privilege, beside root."""
_SFTP = "/usr/lib/openssh/sftp-server"


@dataclass(frozen=True, slots=True)
class Targets:
    """Where the hosts are and how to log in to them as root."""

    addresses: tuple[str, ...]
    port: int
    key: Path
    host_key: str
    """`ssh-ed25519 AAAA...`."""
    folder: Path
    """Private, for the caller's files too; removed at the end."""
    log: Path


def missing() -> str | None:
    """What this machine lacks for it, in one line; None if nothing."""
    if os.geteuid() != 0:
        return "needs root, for sshd's logins"
    if not Path(SSHD).exists() or shutil.which("unshare") is None:
        return "needs sshd and unshare (Debian: openssh-server, util-linux)"
    return None


@contextlib.contextmanager
def targets(count: int, *options: str, command: str = "") -> Iterator[Targets]:
    """Start the server for 127.0.1.1, 127.0.1.2, ... and stop it at the end of the block.

    Args:
        count: how many addresses.
        options: further lines of sshd_config(5); the first of two counts there.
        command: what a login runs in place of the command that was asked for, which it finds in
            SSH_ORIGINAL_COMMAND (sshd_config(5), ForceCommand); empty for no such thing.

    Raises:
        RuntimeError: logins do not get the plain shell that the figures rest on.
    """
    addresses = tuple(f"127.0.{1 + n // 250}.{1 + n % 250}" for n in range(count))
    with tempfile.TemporaryDirectory(prefix="kscan-targets-") as name:
        folder = Path(name)
        keygen(folder / "client")
        keygen(folder / "host")
        shutil.copy(folder / "client.pub", folder / "authorized_keys")
        port = free_port()
        forced = f"ForceCommand {command}\n" if command else ""
        config = "\n".join((*options, _config(folder, port)))
        (folder / "sshd_config").write_text(config + forced, encoding="ascii")
        (folder / "passwd").write_text(
            f"root:x:0:0:root:{folder}:/bin/dash\nsshd:x:101:65534::/run/sshd:/bin/false\n"
            f"{USER}:x:1000:1000::/:/bin/dash\n"
        )
        start = _start(folder)
        server = subprocess.Popen(["unshare", "--mount", "sh", "-c", start])
        try:
            wait(port)
            host_key = (folder / "host.pub").read_text().rsplit(" ", 1)[0].strip()
            where = Targets(addresses, port, folder / "client", host_key, folder, folder / "log")
            if not (command or options):
                _has_plain_shell(where)
            yield where
        finally:
            server.terminate()
            server.wait()


def _start(folder: Path) -> str:
    """The server, in a mount namespace of its own where root has a plain login shell.

    With root's usual one its start-up files would be what is measured. The whole of /etc is
    replaced, because a mount on /etc/passwd alone is gone as soon as anybody renames a new one to
    it, as useradd does.
    """
    etc = folder / "etc"
    etc.mkdir()
    return (
        f"mount --make-rprivate / && mount -t tmpfs -o mode=755 etc {etc} && cp -a /etc/. {etc} && "
        f"install -m 644 {folder}/passwd {etc}/passwd && mount --bind {etc} /etc && "
        f"mkdir -p /run/sshd && exec {SSHD} -D -E {folder}/log -f {folder}/sshd_config"
    )


def _has_plain_shell(where: Targets) -> None:
    options = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null")
    login = ("-F", "none", "-p", str(where.port), "-i", str(where.key), "root@127.0.1.1")
    asked = subprocess.run(
        ["ssh", "-q", *options, *login, 'echo "$0 $HOME"'],
        capture_output=True,
        text=True,
        check=True,
    )
    if asked.stdout.split() != ["dash", str(where.folder)]:
        raise RuntimeError(f"a login has another shell or home: {asked.stdout!r}")


def keygen(path: Path) -> None:
    """Make an ed25519 key pair without a passphrase."""
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", path], check=True
    )


def _config(folder: Path, port: int) -> str:
    return "\n".join(
        (
            f"Port {port}",
            "ListenAddress 0.0.0.0",
            f"HostKey {folder}/host",
            f"AuthorizedKeysFile {folder}/authorized_keys",
            "StrictModes no",
            "UsePAM no",
            "UseDNS no",
            "MaxStartups 2000",
            f"Subsystem sftp {_SFTP}",
            "LogLevel VERBOSE",
            "PidFile none",
            "",
        )
    )


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait(port: int) -> None:
    """Wait at most 5 s and more until something listens there, or raise TimeoutError."""
    for _ in range(100):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"no sshd on port {port}")
