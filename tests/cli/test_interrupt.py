"""Ctrl-C, SIGTERM and SIGKILL on a real sshd: the report, the status, and nothing left there."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.targets import USER, Targets, missing, targets

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(missing() is not None, reason=str(missing())),
]

HANGING = "#!/bin/sh\ntrap '' TERM\nsleep 600 &\nwait\nsleep 600\n"
PROGRAMS = ("crictl", "docker", "kubeadm", "kubelet")
PATIENCE = 120.0
"""Seconds for what a machine under load does at once otherwise."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Hosts on which programs hang, whose processes are told by a variable of theirs."""

    targets: Targets
    mark: bytes
    folder: Path

    def processes(self) -> list[str]:
        """What runs in the hosts' sessions."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark in (process / "environ").read_bytes():
                    found.append((process / "cmdline").read_bytes().decode(errors="replace")[:80])
            except OSError:
                continue  # it has ended meanwhile
        return found

    def hang(self) -> bool:
        """True once the probe has come to the program that hangs."""
        return any("sleep\x00600" in command for command in self.processes())

    def release(self) -> None:
        """Let the next probe find no such programs."""
        for name in PROGRAMS:
            (self.folder / name).unlink()

    def inventory(self, user: str) -> Path:
        path = self.folder / "inventory.yaml"
        path.write_text(
            f"defaults: {{user: {user}, port: {self.targets.port}, hostKeys: 'off',"
            f" identityFile: {self.targets.key}}}\n"
            "hosts:\n"
            + "".join(f"  - {{name: n{n}, address: {a}}}\n" for n, a in enumerate(self.addresses))
        )
        return path

    @property
    def addresses(self) -> tuple[str, ...]:
        return self.targets.addresses

    @contextmanager
    def kscan(self, user: str, *options: str) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-m", "scanner", "check", str(self.inventory(user)), *options]
        environment = os.environ | {"HOME": str(self.folder)}
        environment.pop("SSH_AUTH_SOCK", None)
        with subprocess.Popen(
            command,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


@contextmanager
def hanging(fleet: Fleet, user: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A kscan whose probe hangs; on a machine under load its logins may take too long at first."""
    for _ in range(5):
        with fleet.kscan(user, *options) as process:
            until(lambda: fleet.hang() or process.poll() is not None)  # called at once
            if process.poll() is None:
                yield process
                return
    pytest.fail("no login within 5 tries")


def until(condition: Callable[[], bool]) -> float:
    """Wait; the seconds that it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < PATIENCE
        time.sleep(0.05)
    return time.monotonic() - start


def catches_signals(process: subprocess.Popen[str]) -> bool:
    """True once kscan's own code runs; before, the interpreter's start is interrupted."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught >> (signal.SIGTERM - 1) & 1)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    tmp_path.chmod(0o755)
    folder = tmp_path / "fleet"
    folder.mkdir(mode=0o755)
    for above in folder.parents:  # pytest's own folders are private, and the user must get there
        if above.name.startswith("pytest-"):
            above.chmod(0o755)
    for name in PROGRAMS:
        (folder / name).write_text(HANGING)
        (folder / name).chmod(0o755)
    mark = secrets.token_hex(8)
    options = (
        f"SetEnv PATH={folder}:/usr/bin:/bin KSCAN_TEST={mark}",
        f"AuthorizedKeysFile {folder}/authorized_keys",  # read as the user
    )
    with targets(3, *options) as running:
        shutil.copy(running.folder / "authorized_keys", folder)
        fleet = Fleet(running, f"KSCAN_TEST={mark}".encode(), folder)
        yield fleet
    until(lambda: not fleet.processes())


@pytest.mark.parametrize("user", ["root", USER])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_brings_the_report_and_ends_the_probes(
    fleet: Fleet, user: str, number: signal.Signals
) -> None:
    with hanging(fleet, user, "--format", "json", "--timeout", "300") as process:
        start = time.monotonic()
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
        assert time.monotonic() - start < 10
    assert process.returncode == 130
    assert "Traceback" not in err
    report = json.loads(out)
    assert report["run"]["complete"] is False
    assert {host["status"] for host in report["hosts"]} == {"unreachable"}
    assert until(lambda: not fleet.processes()) < 15


@pytest.mark.parametrize("user", ["root", USER])
def test_a_killed_kscan_leaves_nothing_behind(fleet: Fleet, user: str) -> None:
    with hanging(fleet, user, "--timeout", "300") as process:
        process.kill()
        process.communicate()
    assert until(lambda: not fleet.processes()) < 15


def test_the_second_signal_ends_at_once(fleet: Fleet) -> None:
    """The report goes to a pipe that nobody reads, so that kscan stands still after the first."""
    fleet.release()
    captures = fleet.folder / "captures"
    options = ("--format", "html", "--save-captures", str(captures))
    with fleet.kscan("root", *options) as process:
        until(lambda: len(list(captures.glob("*.capture"))) == len(fleet.addresses))
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        start = time.monotonic()
        assert process.wait(PATIENCE) == 130
        assert time.monotonic() - start < 3
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_ctrl_c_at_any_moment(fleet: Fleet) -> None:
    """From kscan's first line to the report: never a traceback, never another status."""
    fleet.release()
    seen = set()
    for step in range(14):
        with fleet.kscan("root", "--format", "json", "--only", "Swap") as process:
            until(lambda: catches_signals(process))
            time.sleep(0.02 * 1.7**step)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE)
        seen.add(process.returncode)
        assert process.returncode in {130, 0, 3, 4}, err
        assert "Traceback" not in err
        if process.returncode != 130:
            break
    assert 130 in seen
    until(lambda: not fleet.processes())
