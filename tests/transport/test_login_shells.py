"""One kscan run over logins of a real OpenSSH sshd, each with a shell or start-up files of its own.

A login is a host here: each is a row of a table, and the rows of the others must stay as they are.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks.targets import SSHD, free_port, keygen, missing, wait

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")

TIMEOUT = 25
"""Seconds for a host; the machine may be busy."""
DID_NOT_RUN = "did not run the probe"
FLOODED = "its output was cut before the probe's answer: the login had printed 1 MiB"


@dataclass(frozen=True, slots=True)
class LoginShell:
    """How one login is made unusual, and what the user must see."""

    name: str
    shell: str = "/bin/bash"
    bashrc: str = ""
    bytes: bytes = b""
    """Put into a file `noise` beside .bashrc."""
    reason: str = ""
    """Part of the row's reason; empty: the host is judged as the plain one is."""


NOISE = "cat ~/noise"
ODD = """
export LANG=tr_TR.UTF-8 LC_ALL=ja_JP.SJIS CDPATH=/:/tmp IFS=abc ENV=/x BASH_ENV=~/noise
export POSIXLY_CORRECT=1 GREP_OPTIONS=-v
umask 777
shopt -s expand_aliases
alias printf=false
set -o noglob
export SHELLOPTS
"""
GUESS = f"kscan-{'0' * 32}"
ACTING = b"\x1b[2J\x1b]0;t\x07\xe2\x80\xae"
LOGINS = (
    LoginShell("plain", "/bin/dash"),
    LoginShell("bash"),
    LoginShell("csh", "/bin/tcsh"),
    LoginShell("fish", "/usr/bin/fish"),
    LoginShell("zsh", "/usr/bin/zsh"),
    LoginShell("ksh93", "/usr/bin/ksh93"),
    LoginShell("mksh", "/bin/mksh"),
    LoginShell("rbash", "/bin/rbash"),
    LoginShell("nologin", "/usr/sbin/nologin", reason="not available"),
    LoginShell("false", "/bin/false", reason=DID_NOT_RUN),
    LoginShell("no-shell", "/no/such/shell", reason="refuses user no-shell"),
    LoginShell("banner", bashrc="echo Welcome; echo to stderr >&2; printf 'no newline'"),
    LoginShell("stty", bashrc="stty erase x; tput clear; tty"),
    LoginShell("exec-sh", bashrc="exec sh"),
    LoginShell("exec-fish", bashrc="exec fish", reason=DID_NOT_RUN),
    LoginShell("exits", bashrc="exit 5", reason=DID_NOT_RUN),
    LoginShell("reads", bashrc="read -r line", reason=DID_NOT_RUN),
    LoginShell("reads-all", bashrc="cat >/dev/null", reason=DID_NOT_RUN),
    LoginShell("sleeps", bashrc="sleep 31", reason="had not begun the probe"),
    LoginShell("background", bashrc="(for i in 1 2 3; do sleep 1; echo late; done) &"),
    LoginShell("fake-frames", bashrc=f"echo {GUESS} probe 2; echo {GUESS} end 30"),
    LoginShell("flood", bashrc="head -c 10000000 /dev/zero", reason=FLOODED),
    LoginShell("flood-stderr", bashrc="yes >&2", reason=FLOODED),
    LoginShell("endless", bashrc="yes", reason=FLOODED),
    LoginShell("half", bashrc="head -c 500000 /dev/zero | tr '\\0' x"),
    LoginShell("bytes", bashrc=NOISE, bytes=b"\xff\xfe\0\0\x80\r\n" + ACTING),
    LoginShell("bytes-exit", bashrc=f"{NOISE}; exit", bytes=ACTING + b"\xff", reason="it printed"),
    LoginShell("odd", bashrc=ODD, bytes=b"echo from BASH_ENV; exit 3\n"),
    LoginShell("functions", bashrc="grep() { echo forged; }; head() { :; }; printf() { :; }; "
    "export -f grep head printf"),
    LoginShell("path-dot", bashrc="export PATH=.:$HOME/bin:$PATH"),
    LoginShell("path-empty", bashrc="export PATH=", reason=DID_NOT_RUN),
    LoginShell("few-files", bashrc="ulimit -n 20"),
    LoginShell("few-processes", bashrc="ulimit -u 1", reason="fork"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    hosts: dict[str, dict[str, Any]]
    status: int
    seconds: float
    raw: bytes
    called: frozenset[str]
    """Logins of which a program of their own was called in place of a tool."""


def _passwd(folder: Path) -> str:
    lines = ["root:x:0:0:root:/root:/bin/sh", "sshd:x:101:65534::/run/sshd:/bin/false"]
    for number, login in enumerate(LOGINS):
        home = folder / login.name
        (home / "bin").mkdir(parents=True)
        (home / ".bashrc").write_text(f"{login.bashrc}\n")
        (home / ".hushlogin").touch()
        (home / "noise").write_bytes(login.bytes)
        for tool in ("cat", "sed", "timeout", "grep", "sh-not"):
            program = home / "bin" / tool
            program.write_text(f"#!/bin/sh\necho >>{home}/called\n")
            program.chmod(0o755)
        lines.append(f"{login.name}:*:{30000 + number}:65534::{home}:{login.shell}")
        for path in (home, home / ".bashrc", home / "noise", home / "bin"):
            os.chown(path, 30000 + number, 65534)
    return "\n".join([*lines, ""])


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """One run over all of them, below a folder that every user may pass through."""
    with tempfile.TemporaryDirectory(prefix="kscan-logins-") as name:
        Path(name).chmod(0o711)
        yield from _run(Path(name))


def _run(folder: Path) -> Iterator[Run]:
    keygen(folder / "client")
    keygen(folder / "host")
    shutil.copy(folder / "client.pub", folder / "authorized_keys")
    (folder / "passwd").write_text(_passwd(folder / "homes"))
    for file in ("passwd", "authorized_keys"):
        (folder / file).chmod(0o644)
    (folder / "homes").chmod(0o755)
    port = free_port()
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nUsePAM no\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nMaxStartups 200\n"
        "PidFile none\nPrintMotd no\n"
    )
    start = (
        f"mount --make-rprivate / && mount --bind {folder}/passwd /etc/passwd && "
        f"mkdir -p /run/sshd && exec {SSHD} -D -E {folder}/log -f {folder}/sshd_config"
    )
    hosts = "\n".join(
        f"  - {{name: {login.name}, address: 127.0.0.1, user: {login.name}, roles: [worker]}}"
        for login in LOGINS
    )
    (folder / "inventory.yaml").write_text(
        f"defaults: {{port: {port}, identityFile: {folder}/client, hostKeys: 'off'}}\n"
        f"hosts:\n{hosts}\n"
    )
    with subprocess.Popen(["unshare", "--mount", "sh", "-c", start]) as server:
        try:
            wait(port)
            yield _kscan(folder)
        finally:
            server.terminate()


def _kscan(folder: Path) -> Run:
    words = ["check", folder / "inventory.yaml", "--format", "json", "--timeout", str(TIMEOUT)]
    words += ["--kubernetes-version", "v1.31.0", "--network", "off"]
    done = subprocess.run(
        [sys.executable, "-m", "scanner", *map(str, words)],
        capture_output=True,
        check=False,
        env={**os.environ, "HOME": str(folder)},
    )
    assert done.stdout, done.stderr.decode()
    report = json.loads(done.stdout)
    hosts = {host["name"]: host for host in report["hosts"]}
    called = frozenset(path.parent.name for path in folder.glob("homes/*/called"))
    return Run(hosts, done.returncode, report["run"]["seconds"], done.stdout, called)


_ABOUT_SUDO = re.compile(": (?:sudo |the host has neither sudo nor doas)")

_DIFFER = {"KS101", "KS318"}
"""Who the login is; and how full the disks are, which other work changes between two probes."""


def _rows(host: dict[str, Any]) -> set[tuple[str, ...]]:
    """Its results, without what sudo said to this login; one that runs another shell never asks."""
    return {
        (
            row["check"],
            row["subject"],
            row["verdict"],
            _ABOUT_SUDO.split(row["message"])[0] if row["check"] not in _DIFFER else "",
        )
        for row in host["results"]
    }


@pytest.mark.parametrize("login", LOGINS, ids=lambda login: login.name)
def test_a_login_is_judged_as_the_plain_one_or_says_why_not(run: Run, login: LoginShell) -> None:
    if not Path(login.shell).exists() and login.shell.startswith(("/bin/", "/usr/bin/")):
        pytest.skip(f"needs {login.shell} (Debian: fish, ksh93u+m, mksh, tcsh, zsh)")
    host = run.hosts[login.name]
    if login.reason:
        assert host["status"] == "unreachable"
        assert login.reason in host["reason"]
        assert host["results"] == []
    else:
        assert host["reason"] == ""
        assert _rows(host) == _rows(run.hosts["plain"])


def test_programs_of_a_login_are_not_called_by_the_probe(run: Run) -> None:
    assert run.hosts["path-dot"]["results"]
    assert run.called == frozenset()


def test_the_run_ends_with_its_timeout_and_its_status(run: Run) -> None:
    assert run.seconds < TIMEOUT + 2
    assert run.status in {3, 4}


def test_nothing_that_a_login_prints_is_harmful(run: Run) -> None:
    for harm in (b"\x1b", b"\x07", b"\0", "\u202e".encode()):
        assert harm not in run.raw
