"""A machine with accounts of its own: real sshd, real sudo and real doas, up in a second.

It is this machine, but for its accounts, sudo's rules, PAM's stacks and what sudo remembers, which
are mounted over /etc and /run in a mount namespace; nobody outside sees them, and they end with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scanner.request import HostKeyPolicy, Login
from tests.transport.openssh import free_port

SSHD = Path("/usr/sbin/sshd")
PASSWORD = "correct horse 'battery' $taple"  # noqa: S105 - of accounts that end with the test
"""Every account's; it has what shells act on."""
USERS = ("ops", "pw", "plain", "fish", "csh")
"""ops: sudo without a password; pw, fish and csh: with one; plain: in no rule."""

_SHELLS = {"fish": "/usr/bin/fish", "csh": "/usr/bin/tcsh"}
_TOOLS = ("unshare", "mount", "ssh-keygen", "perl", "sudo", "doas", "fish", "tcsh")

SUDOERS = """Defaults env_reset, use_pty, lecture=always, insults, logfile={folder}/sudo.log
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ops ALL=(ALL:ALL) NOPASSWD: ALL
pw,fish,csh ALL=(ALL:ALL) ALL
"""

# faillock counts as an administrator's stack would: each failed authentication is a line.
PAM_SUDO = """auth required pam_faillock.so preauth dir={folder}/faillock deny=9
auth [success=1 default=ignore] pam_unix.so
auth [default=die] pam_faillock.so authfail dir={folder}/faillock deny=9
auth required pam_permit.so
account required pam_permit.so
session required pam_permit.so
"""
PAM_SSHD = """auth required pam_unix.so
account required pam_unix.so
session required pam_permit.so
"""

CONFIG = """ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
UsePAM yes
StrictModes no
PrintMotd no
LogLevel VERBOSE
{extra}
"""

# The files are bound one by one, because /etc as a whole is needed as it is.
START = """mount --make-rprivate /
cd {folder}/etc
for file in passwd group shadow sudoers doas.conf pam.d/sudo pam.d/sshd; do
	test -e /etc/$file || : >/etc/$file
	mount --bind $file /etc/$file
done
mount --bind {folder}/sudo-state /var/lib/sudo
mount -t tmpfs tmpfs /run
mkdir -m 0755 /run/sshd
{before}
exec {sshd} -D -e -f {folder}/config
"""


def missing() -> str | None:
    """What this machine lacks for it, in one line; None if nothing."""
    if os.geteuid() != 0:
        return "needs root, for accounts and mounts"
    absent = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if absent or not SSHD.exists():
        names = "openssh-server, sudo, opendoas, fish, tcsh"
        return f"needs {', '.join(absent) or SSHD} (Debian: {names})"
    return None


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it is, and what its sshd and sudo have seen."""

    folder: Path
    port: int
    key: Path
    """Accepted for every account."""

    def login(self, user: str) -> Login:
        """Over SSH, with the key."""
        return Login("127.0.0.1", self.port, user, self.key, host_keys=HostKeyPolicy.OFF)

    def sudoers(self, rules: str) -> None:
        """Add rules; the file stays the one that is mounted."""
        with (self.folder / "etc" / "sudoers").open("a", encoding="utf-8") as file:
            file.write(rules + "\n")

    def home(self, user: str) -> Path:
        """The account's home."""
        return self.folder / "home" / user

    def sudo_log(self) -> str:
        """sudo's own log."""
        path = self.folder / "sudo.log"
        return path.read_text() if path.exists() else ""

    def sshd_log(self) -> str:
        """sshd's own log."""
        return (self.folder / "log").read_text()

    def failures(self, user: str) -> int:
        """How many failed authentications pam_faillock has counted for an account."""
        path = self.folder / "faillock" / user
        return path.stat().st_size // 64 if path.exists() else 0


@contextmanager
def machine(*, extra: str = "", before: str = "", pam: str = PAM_SUDO) -> Iterator[Machine]:
    """Start it, and end it with everything that is mounted.

    Args:
        extra: lines of sshd_config.
        before: shell commands in its namespace before sshd starts.
        pam: its /etc/pam.d/sudo.
    """
    # not below pytest's folder, which the accounts may not enter
    with tempfile.TemporaryDirectory(prefix="kscan-machine-") as name:
        yield from _running(Path(name), extra, before, pam)


def _running(folder: Path, extra: str, before: str, pam: str) -> Iterator[Machine]:
    _furnish(folder, pam)
    port = free_port()
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder, extra=extra))
    start = START.format(folder=folder, sshd=SSHD, before=before)
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(["unshare", "--mount", "sh", "-ec", start], stderr=log) as process,
    ):
        made = Machine(folder, port, folder / "key")
        try:
            deadline = time.monotonic() + 10
            while "Server listening" not in made.sshd_log():
                assert process.poll() is None, made.sshd_log()
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield made
        finally:
            process.terminate()


def _furnish(folder: Path, pam: str) -> None:
    folder.chmod(0o755)
    for name in ("etc/pam.d", "home", "faillock", "sudo-state"):
        (folder / name).mkdir(parents=True)
    for name in ("host_key", "key"):
        _run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / name))
    shutil.copy(folder / "key.pub", folder / "authorized_keys")
    digest = _run("perl", "-e", "print crypt(<STDIN>, q($6$lab$))", stdin=PASSWORD)
    passwd = ["root:x:0:0:root:/root:/bin/sh", "sshd:x:101:65534::/run/sshd:/usr/sbin/nologin"]
    shadow = ["root:*:19000:0:99999:7:::"]
    for number, user in enumerate(USERS, 2001):
        home = folder / "home" / user
        home.mkdir()
        os.chown(home, number, number)
        passwd.append(f"{user}:x:{number}:{number}::{home}:{_SHELLS.get(user, '/bin/dash')}")
        shadow.append(f"{user}:{digest}:19000:0:99999:7:::")
    group = ["root:x:0:", "tty:x:5:", *(f"{u}:x:{n}:" for n, u in enumerate(USERS, 2001))]
    files = {
        "passwd": ("\n".join(passwd), 0o644),
        "group": ("\n".join(group), 0o644),
        "shadow": ("\n".join(shadow), 0o600),
        "sudoers": (SUDOERS.format(folder=folder), 0o440),
        "doas.conf": ("", 0o600),
        "pam.d/sudo": (pam.format(folder=folder), 0o644),
        "pam.d/sshd": (PAM_SSHD, 0o644),
    }
    for name, (text, mode) in files.items():
        path = folder / "etc" / name
        path.write_text(text + "\n", encoding="utf-8")
        path.chmod(mode)


def _run(*argv: str, stdin: str = "") -> str:
    return subprocess.run(argv, input=stdin, check=True, capture_output=True, text=True).stdout
