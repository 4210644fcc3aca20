"""A command's input that depends on what the command prints."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from scanner.transport.timing import unix_now

Stdin: TypeAlias = bytes | tuple[bytes, ...]
"""One text or its pieces: a piece that all hosts are sent is in memory once, not once for each."""


def whole(stdin: Stdin) -> bytes:
    """The text of its pieces."""
    return stdin if isinstance(stdin, bytes) else b"".join(stdin)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is written next."""

    data: bytes = b""
    is_last: bool = False
    """The input is closed after it."""


class Dialogue(Protocol):
    """Decides what is written; one for each command."""

    def begin(self, send: Callable[[Reply], None]) -> None:
        """Take what sends a reply that comes later than what it replies to."""

    def heard(self, data: bytes) -> Reply | None:
        """Take a piece of the command's stderr."""


@runtime_checkable
class Speaker(Protocol):
    """A dialogue that also says something when nothing was heard."""

    def begin(self, speak: Callable[[Reply], None]) -> None:
        """Take what writes to the command; it may be called until the command has ended."""


class Input:
    """A command's input: all at once, or by a dialogue over stderr.

    Args:
        stdin: written at the start.
        dialogue: writes the rest and closes; None closes after `stdin`.
    """

    def __init__(self, stdin: Stdin, dialogue: Dialogue | None) -> None:
        pieces = (stdin,) if isinstance(stdin, bytes) else stdin
        self._pending = [*map(Reply, pieces), Reply(is_last=dialogue is None)]
        self._dialogue = dialogue
        self.sent: float | None = None
        """When the last of it was written, as in Timing; None before that."""
        self._write: Callable[[bytes], None] | None = None
        self._close: Callable[[], None] | None = None
        if dialogue is not None:
            dialogue.begin(self._reply)

    def open(self, write: Callable[[bytes], None], close: Callable[[], None]) -> None:
        """The command runs; what it had said before this is answered now."""
        self._write, self._close = write, close
        if isinstance(self._dialogue, Speaker):
            self._dialogue.begin(self._speak)
        self._flush()

    def _speak(self, reply: Reply) -> None:
        self._pending.append(reply)
        self._flush()

    def heard(self, data: bytes) -> None:
        """The command has printed something to stderr."""
        if self._dialogue is not None and (reply := self._dialogue.heard(data)) is not None:
            self._reply(reply)

    def _reply(self, reply: Reply) -> None:
        self._pending.append(reply)
        self._flush()

    def _flush(self) -> None:
        if self._write is None or self._close is None:
            return
        # Before the first piece: the host may have the last one at once.
        now = unix_now()
        while self._pending:
            reply = self._pending.pop(0)
            with contextlib.suppress(OSError):  # it has ended already; its output says how
                if reply.data:
                    self._write(reply.data)
                if reply.is_last:
                    self.sent = now
                    self._close()
