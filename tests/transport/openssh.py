"""OpenSSH's own sshd on this machine."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from scanner.request import HostKeyPolicy, HostKeys, Login
from tests.transport.machine import make_key

SSHD = Path("/usr/sbin/sshd")
PRIVILEGE_SEPARATION = Path("/run/sshd")  # made by the service's start, which is not used here
CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
LogLevel VERBOSE
MaxStartups {startups}
{extra}
"""


@dataclass
class Sshd:
    port: int
    log_file: Path
    host_key: str
    pid: int

    def log(self) -> str:
        return self.log_file.read_text()

    def count(self, text: str) -> int:
        return self.log().count(text)

    @property
    def name(self) -> str:
        return f"[127.0.0.1]:{self.port}"

    def login(self, host_keys: HostKeys = HostKeyPolicy.OFF, jump: Login | None = None) -> Login:
        return Login("127.0.0.1", self.port, "root", host_keys=host_keys, jump=jump)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def sshd(
    folder: Path,
    user_key: asyncssh.SSHKey,
    extra: str = "",
    startups: str = "100:30:200",
    descriptors: int = 1024,
) -> Iterator[Sshd]:
    folder.mkdir()
    PRIVILEGE_SEPARATION.mkdir(exist_ok=True)
    key = make_key()
    (folder / "host_key").write_bytes(key.export_private_key())
    (folder / "host_key").chmod(0o600)
    (folder / "authorized_keys").write_bytes(user_key.export_public_key())
    port = free_port()
    config = folder / "config"
    config.write_text(CONFIG.format(port=port, folder=folder, startups=startups, extra=extra))
    log_file = folder / "log"
    with (
        log_file.open("wb") as log,
        subprocess.Popen(
            ["prlimit", f"--nofile={descriptors}", SSHD, "-D", "-e", "-f", config], stderr=log
        ) as process,
    ):
        server = Sshd(port, log_file, key.export_public_key().decode().strip(), process.pid)
        deadline = time.monotonic() + 10
        while "Server listening" not in server.log():
            assert process.poll() is None, server.log()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        try:
            yield server
        finally:
            process.terminate()
