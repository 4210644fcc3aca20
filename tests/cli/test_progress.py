"""What a terminal shows while hosts are asked, and that a pipe is told nothing."""

from __future__ import annotations

import errno
import io
import sys

import pytest

from scanner.cli.progress import progress
from scanner.report import HostReport, HostStatus


class Terminal(io.StringIO):
    """Says that it is one."""

    def isatty(self) -> bool:
        return True


def shown_by(stderr: io.StringIO, monkeypatch: pytest.MonkeyPatch, *, shown: bool = True) -> str:
    """Two hosts that answer, then dial each other."""
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    with progress(2, shown=shown) as display:
        for name in ("a", "b"):
            display.host_done(HostReport(name, name, "x", (), "", HostStatus.READY))
        for ended in (0, 1):
            display.dialled(ended, 2)
    return stderr.getvalue()


def test_a_second_bar_appears_when_the_hosts_dial_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = shown_by(Terminal(), monkeypatch)
    assert "checking" in said
    assert "2 ready" in said
    assert "dialling each other" in said
    assert "1/2" in said


def test_nothing_else_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown_by(io.StringIO(), monkeypatch) == ""
    assert shown_by(Terminal(), monkeypatch, shown=False) == ""


def test_a_terminal_that_has_gone_ends_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(Terminal):
        def write(self, _text: str) -> int:
            raise OSError(errno.EIO, "Input/output error")

        def flush(self) -> None:
            raise OSError(errno.EIO, "Input/output error")

    assert shown_by(Gone(), monkeypatch) == ""
    monkeypatch.setattr(sys, "stderr", Gone())
    with progress(1, shown=True) as display:
        display.say("a line")
        with display.aside():
            pass
