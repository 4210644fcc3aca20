"""Questions where nobody can answer, and answers that are none."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import Any

import pytest
import typer

from scanner.cli.consent import consent
from scanner.cli.machines import ssh_or_local
from scanner.cli.progress import progress
from scanner.cli.question import YES, ask, can_ask
from scanner.errors import UsageError
from scanner.request import Host, Login


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


class Typed(io.TextIOWrapper):
    """What a user types at one."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", errors="strict")

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("closed", ["stdin", "stderr"])
async def test_a_closed_stream_is_nobody_to_ask(
    monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    monkeypatch.setattr(sys, "stdin", Typed(b"yes\n"))
    monkeypatch.setattr(sys, "stderr", Screen())
    assert can_ask()
    monkeypatch.setattr(sys, closed, None)
    assert not can_ask()
    with pytest.raises(UsageError, match="nothing was changed: without a terminal"):
        ask(["what"], "Change it?", YES, yes=False)
    with pytest.raises(UsageError, match="without a terminal say --yes"):
        consent(1, 60.0, with_kubeadm=True, yes=False)
    with progress(1, shown=True) as shown:
        async with ssh_or_local([Host("a", Login("192.0.2.1"))])(shown) as machines:
            assert machines is not None


def test_what_cannot_be_shown_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal whose window was closed is one yet; what --yes has answered goes on."""

    class Closed(Screen):
        def write(self, _text: str) -> int:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(sys, "stdin", Typed(b"yes\n"))
    monkeypatch.setattr(sys, "stderr", Closed())
    with pytest.raises(UsageError, match="nothing was changed, but this: without a terminal"):
        ask(["what"], "Change it?", YES, yes=False, but=", but this")
    ask(["what"], "Change it?", YES, yes=True)


@pytest.mark.parametrize("answer", [b"\xff\xfe\n", b"", b"no\n", b"yes\xff\n"])
def test_what_is_no_yes_changes_nothing(monkeypatch: pytest.MonkeyPatch, answer: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", Typed(answer))
    monkeypatch.setattr(sys, "stderr", Screen())
    with pytest.raises(UsageError, match="nothing was changed, as answered, but this"):
        ask([], "Change it?", YES, yes=False, but=", but this")
    monkeypatch.setattr(sys, "stdin", Typed(b"yes\n"))
    ask([], "Change it?", YES, yes=False)


def test_an_interrupted_question_says_that_nothing_was_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Elsewhere the signal ends kscan without a word."""

    class Interrupted(Typed):
        def readline(self, *_size: Any) -> Any:
            os.kill(os.getpid(), signal.SIGINT)
            return "yes\n"

    screen = Screen()
    monkeypatch.setattr(sys, "stdin", Interrupted(b""))
    monkeypatch.setattr(sys, "stderr", screen)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(typer.Exit) as ended:
            ask([], "Change it?", YES, yes=False)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended.value.exit_code == 130
    assert screen.getvalue().endswith("\nkscan: interrupted: nothing was changed on any host\n")
