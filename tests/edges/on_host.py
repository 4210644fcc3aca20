"""Runs the programs that hosts are sent, on this machine, as a login would."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import pytest

from scanner.edges.answers import Answer, parse_answer
from scanner.edges.plan import Dial
from scanner.edges.questions import program

PROGRAMS = ("python", "perl")
BOUNDARY = "kscan-" + "ab" * 16
TOKEN = "5e" * 16
LOOPBACK = "127.0.0.1"


def free(kind: int = socket.SOCK_STREAM) -> int:
    """A port that nobody holds now."""
    with socket.socket(socket.AF_INET, kind) as one:
        one.bind((LOOPBACK, 0))
        port: int = one.getsockname()[1]
        return port


class OnHost:
    """One program; its end of the conversation is read line by line."""

    def __init__(
        self,
        kind: str,
        *,
        listens: bool = False,
        seconds: int | None = None,
        beside: Mapping[bytes, bytes] | None = None,
        shell: Sequence[str] = ("sh", "-s"),
    ):
        text = b"".join(program(BOUNDARY, listens=listens))
        if kind == "perl":
            if shutil.which("perl") is None:
                pytest.skip("needs perl (Debian package perl-base)")
            text = text.replace(
                b"in python3 /usr/bin/python3 /usr/libexec/platform-python", b"in no-such-python"
            )
        if kind == "none":
            text = text.replace(
                b"in python3 /usr/bin/python3 /usr/libexec/platform-python", b"in no-such-python"
            )
            text = text.replace(b"tried perl", b"tried no-such-perl")
        if seconds is not None:
            text = text.replace(b"KSCAN_SECONDS=60\n", b"KSCAN_SECONDS=%d\n" % seconds)
        for old, new in (beside or {}).items():
            assert old in text
            text = text.replace(old, new)
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(shell, stdin=pipe, stdout=pipe, stderr=pipe)
        self.write(text)

    @property
    def stdin(self) -> IO[bytes]:
        assert self.process.stdin is not None
        return self.process.stdin

    def write(self, text: bytes) -> None:
        self.stdin.write(text)
        self.stdin.flush()

    def lines(self, *lines: str) -> None:
        self.write("".join(f"{line}\n" for line in lines).encode())

    def hears(self) -> str:
        """The next line of stderr without the boundary."""
        assert self.process.stderr is not None
        line = self.process.stderr.readline().decode()
        return line.removeprefix(f"{BOUNDARY} ").rstrip("\n")

    def ask(self, *lines: str) -> None:
        """Bring it to where it would begin to dial."""
        up = self.hears()
        assert up in {"up python", "up perl"}, up
        self.lines(f"token {TOKEN}", *lines, "bind")
        assert self.hears() == "ready"

    def go(self) -> None:
        self.lines("go")
        assert self.hears() == "done"

    def end(self, *dials: Dial, endpoint: bool = False) -> Answer:
        self.stdin.close()
        assert self.process.stdout is not None
        said = self.process.stdout.read()
        assert self.process.wait() == 0
        return parse_answer(said, BOUNDARY, dials, endpoint=endpoint)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None and not pipe.closed:
                with suppress(BrokenPipeError):  # what was never read is still to be flushed
                    pipe.close()


@contextmanager
def listening(kind: str, *ports: str, own: str = "127.0.0.1") -> Iterator[OnHost]:
    """One that listens on these ports and has dialled nothing."""
    with OnHost(kind, listens=True) as host:
        host.ask(f"own {own}", f"listen {' '.join(ports)}")
        yield host


def processes(host: OnHost) -> list[int]:
    """The program's own, and those that it was started by."""
    found, parents = [host.process.pid], [host.process.pid]
    while parents:
        parent = parents.pop()
        for file in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                words = file.read_text().rpartition(")")[2].split()
                if int(words[1]) == parent:
                    found.append(int(file.parent.name))
                    parents.append(found[-1])
    return found
