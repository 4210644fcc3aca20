"""`kscan` as a person at a terminal has it."""

from __future__ import annotations

import os
import pty
import select
import signal
import sys
import time
from pathlib import Path


class Terminal:
    """`kscan` on a pseudo-terminal."""

    def __init__(self, home: Path, *words: str):
        self.seen = ""
        argv = [sys.executable, "-m", "scanner", *words]
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            # It is ignored, and stays so, in what a shell has started in the background.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execve(sys.executable, argv, {**os.environ, "HOME": str(home), "TERM": "xterm"})

    def until(self, text: str | None, within: float = 60) -> bool:
        """Read until the text, or until the end."""
        end = time.monotonic() + within
        while time.monotonic() < end and (text is None or text not in self.seen):
            if select.select([self._fd], [], [], 1)[0]:
                try:
                    data = os.read(self._fd, 65536)
                except OSError:  # the other side is gone: Linux' way to say the end
                    data = b""
                if not data:
                    break
                self.seen += data.decode("utf-8", "replace")
        return text is not None and text in self.seen

    def type(self, text: str) -> None:
        os.write(self._fd, text.encode())

    def ended(self) -> int:
        self.until(None)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
