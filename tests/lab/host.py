"""One running lab host: commands, files and logs on it, without going through its sshd."""

from __future__ import annotations

import contextlib
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .node import writing
from .state import Process

BOOTS_WITHIN_S = 90.0
COMMAND_WITHIN_S = 120.0
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class CommandFailed(Exception):
    """A command on a lab host ended with a non-zero status."""


@dataclass(frozen=True, slots=True)
class LabHost:
    """One running host.

    All hosts share the kernel of this machine; where it has br_netfilter built in,
    bridge-nf-call-iptables is 1 on a good host, else the file does not exist.
    """

    name: str
    address: str
    address6: str
    kube: bool
    machine: Process
    """The systemd-nspawn process; the host's first process is its child."""
    console: Path

    @property
    def login(self) -> str:
        """Address of its sshd for the machine that scans."""
        return self.address

    @property
    def port(self) -> int:
        """Port of its sshd."""
        return 22

    @property
    def leader(self) -> int | None:
        """Process number, on this machine, of the host's first process; None before the boot."""
        for child in self.machine.children():
            with contextlib.suppress(OSError):
                status = Path(f"/proc/{child.pid}/status").read_text(encoding="utf-8")
                numbers = next(line for line in status.splitlines() if line.startswith("NSpid:"))
                if numbers.split()[-1] == "1":
                    return child.pid
        return None

    def run(self, command: str, *, check: bool = True) -> str:
        """Run a shell command as root on the host; what it printed on standard output."""
        return self._enter(command, "", check=check)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """Write a file on the host, with its folder where that is missing."""
        self._enter(writing(path, mode), text, check=True)

    def sshd_log(self) -> str:
        """All that sshd has logged so far, also from the scopes of its sessions."""
        return self.run("journalctl --sync; journalctl --no-pager -o short-iso -t sshd")

    def boot_wait(self) -> None:
        """Return when sshd answers and, on a Kubernetes host, docker is up."""
        units = ["ssh.service", *(["docker.service", "containerd.service"] if self.kube else [])]
        deadline = time.monotonic() + BOOTS_WITHIN_S
        while time.monotonic() < deadline and self.machine.alive:
            with contextlib.suppress(CommandFailed):
                self.run(f"systemctl is-active {' '.join(units)} && test ! -e /run/nologin")
                return
            time.sleep(0.2)
        log = self.console.read_text(encoding="utf-8", errors="replace")
        message = f"{self.name} did not boot: {log[-2000:]}"
        raise RuntimeError(message)

    def _enter(self, command: str, stdin: str, *, check: bool) -> str:
        leader = self.leader
        if leader is None:
            message = f"{self.name} is not running"
            raise CommandFailed(message)
        namespaces = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup")
        clean = ("env", "-i", f"PATH={PATH}", "HOME=/root", "LANG=C.UTF-8")
        done = subprocess.run(
            ["nsenter", f"--target={leader}", *namespaces, "--", *clean, "sh", "-c", command],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_WITHIN_S,
        )
        if check and done.returncode != 0:
            message = f"{self.name}: {command}: status {done.returncode}: {done.stderr.strip()}"
            raise CommandFailed(message)
        return done.stdout
