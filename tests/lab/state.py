"""What a lab holds of this machine, written down before it is taken, so that a lab whose process
was killed can still be removed by the next one.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from . import cgroups, network

STATES = Path("/run/kscan-lab")
DIES_WITHIN_S = 15.0
SWAP_FILE = "lab.swap"
Started: TypeAlias = list[subprocess.Popen[bytes]]


@dataclass(frozen=True, slots=True)
class Process:
    """A process of this machine, told apart from a later one with the same number."""

    pid: int
    started: int
    """Clock ticks since boot, field 22 of /proc/PID/stat."""

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """The running process `pid`, or None where there is none (a zombie is none)."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        state, *fields = stat.rpartition(")")[2].split()
        return None if state in "ZX" else cls(pid, int(fields[18]))

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return Process.of(self.pid) == self

    def children(self) -> tuple[Process, ...]:
        """Its direct children."""
        listing = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        try:
            pids = listing.read_text(encoding="ascii").split() if self.alive else []
        except OSError:
            pids = []
        found = (Process.of(int(pid)) for pid in pids)
        return tuple(child for child in found if child is not None)

    def kill(self) -> None:
        """End it at once."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


class State:
    """The belongings of one lab, by its tag."""

    def __init__(self, tag: str, owner: Process, files: Path, groups: tuple[Path, ...]) -> None:
        self.tag = tag
        self.owner = owner
        self.files = files
        self.groups = groups
        self.machines: list[Process] = []
        self.netns: list[str] = []

    @property
    def folder(self) -> Path:
        """Where it is written down."""
        return STATES / self.tag

    def save(self) -> None:
        """Write it down."""
        self.folder.mkdir(parents=True, exist_ok=True)
        record = {
            "owner": [self.owner.pid, self.owner.started],
            "files": str(self.files),
            "groups": [str(group) for group in self.groups],
            "machines": [[machine.pid, machine.started] for machine in self.machines],
            "netns": self.netns,
        }
        new = self.folder / "state.new"
        new.write_text(json.dumps(record, indent=1), encoding="utf-8")
        new.rename(self.folder / "state.json")

    @classmethod
    def load(cls, folder: Path) -> State:
        """Read back what `save` wrote."""
        record = json.loads((folder / "state.json").read_text(encoding="utf-8"))
        groups = tuple(Path(group) for group in record["groups"])
        state = cls(folder.name, Process(*record["owner"]), Path(record["files"]), groups)
        state.machines = [Process(*machine) for machine in record["machines"]]
        state.netns = record["netns"]
        return state

    def remove(self) -> None:
        """Give everything back, in the order in which nothing is still in use."""
        self._kill()
        for netns in self.netns:
            network.delete(netns)
        for swap in self.files.glob(f"*/data/*/{SWAP_FILE}"):
            subprocess.run(["swapoff", str(swap)], check=False, capture_output=True)
        self._unmount()
        for group in self.groups:
            cgroups.remove(group)
        shutil.rmtree(self.files, ignore_errors=True)
        for leftover in Path("/run/systemd/nspawn/propagate").glob(f"kscan-{self.tag}-*"):
            shutil.rmtree(leftover, ignore_errors=True)
        if any(group.exists() for group in self.groups):
            # Something would not die; the record stays, and the next reaping tries again.
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            STATES.rmdir()

    def _kill(self) -> None:
        # Not only what is recorded: a machine killed while it starts leaves its first process to
        # this machine, and an interrupt may fall before the record. All are in the lab's groups.
        deadline = time.monotonic() + DIES_WITHIN_S
        while time.monotonic() < deadline:
            numbers = frozenset[int]().union(*map(cgroups.processes, self.groups))
            grouped = (Process.of(pid) for pid in numbers)
            alive = {machine for machine in self.machines if machine.alive}
            alive |= {process for process in grouped if process is not None}
            if not alive:
                return
            for process in alive:
                process.kill()
            time.sleep(0.02)

    def _unmount(self) -> None:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
        points = [line.split()[1] for line in mounts]
        for point in reversed(points):
            if Path(point).is_relative_to(self.files):
                subprocess.run(["umount", "-R", "-l", point], check=False, capture_output=True)


def new_tag() -> str:
    """A name for a lab of this process that no other one has."""
    return f"{os.getpid():x}-{secrets.token_hex(3)}"


@contextlib.contextmanager
def held(tag: str, files: Path, groups: tuple[Path, ...]) -> Iterator[tuple[State, Started]]:
    """A lab's belongings, which are given back at the end of the block.

    What the block starts it puts into the list, to be waited for when it is dead.
    """
    owner = Process.of(os.getpid())
    assert owner is not None
    state = State(tag, owner, files, groups)
    started: Started = []
    try:
        yield state, started
    finally:
        # A second Ctrl-C must not leave half of it behind.
        with uninterrupted():
            state.remove()
            for process in started:
                process.wait()


def reap() -> tuple[str, ...]:
    """Remove what labs left behind whose process is gone; the tags of those removed."""
    removed = []
    for folder in sorted(STATES.glob("*")):
        try:
            state = State.load(folder)
        except (OSError, ValueError, KeyError):
            # Another lab is writing or removing it this moment.
            continue
        if not state.owner.alive:
            state.remove()
            removed.append(state.tag)
    return tuple(removed)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Let no Ctrl-C and no termination fall into the block."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
