"""The conversation with one host's program: questions when it is there, `go`, and the end."""

from __future__ import annotations

import re
from collections.abc import Callable

from scanner.transport.dialogue import Reply

_HEARD = 1 << 16
"""Bytes of stderr in which the program's words are looked for."""


def _nothing() -> None:
    """Where nobody wants to know."""


class Talk:
    """Tells one host what to dial and when; see run.py for the other side.

    Args:
        boundary: marks the program's words among what else is on stderr.
        text: the lines up to `bind`.
        ready: called once, when the host has opened its ports; None lets it go on at once.
        done: called once, when it has dialled all; None lets it end.
        up: called once, when it is there.
        stopped: called once, when it is told to end.
    """

    def __init__(
        self,
        boundary: str,
        text: bytes,
        ready: Callable[[], None] | None = None,
        done: Callable[[], None] | None = None,
        *,
        up: Callable[[], None] = _nothing,
        stopped: Callable[[], None] = _nothing,
    ) -> None:
        mark = re.escape(boundary.encode())
        self._words = re.compile(rb"%s (up (?:python|perl|none)|ready|done)\n" % mark)
        self._text = text
        self._up, self._stopped = up, stopped
        self._calls = {b"ready": ready or self.go, b"done": done or self.stop}
        self._said = b""
        self._heard = 0
        self._speak: Callable[[Reply], None] | None = None
        self.program = ""
        """`python`, `perl`, `none`; empty before the host has said so."""
        self.is_ready = False
        self.was_stopped = False
        """True once it was told to end, and not before."""

    def begin(self, speak: Callable[[Reply], None]) -> None:
        """Take the way to the command."""
        self._speak = speak

    def heard(self, data: bytes) -> Reply | None:
        """Take a piece of stderr; the questions are the answer to the first word."""
        if self._heard > _HEARD:
            return None
        self._heard += len(data)
        self._said += data
        reply = None
        while found := self._words.search(self._said):
            self._said = self._said[found.end() :]
            word, _, program = found[1].partition(b" ")
            if word == b"up" and not self.program:
                self.program = program.decode()
                self._up()
                reply = Reply(self._text, is_last=self.program == "none")
            elif call := self._calls.pop(word, None):
                self.is_ready = True
                call()
        return reply

    def go(self) -> None:
        """Let it dial."""
        self._say(Reply(b"go\n"))

    def stop(self) -> None:
        """Let it end: nothing that it holds outlives the end of its input."""
        if not self.was_stopped:
            self.was_stopped = True
            self._say(Reply(is_last=True))
            self._stopped()

    def _say(self, reply: Reply) -> None:
        if self._speak is not None:
            self._speak(reply)
