"""Hosts that answer from saved captures: for offline judging, for tests and for the demo."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from scanner.errors import CaptureError, HostUnreachable
from scanner.probe import capture as captures
from scanner.probe.preflight import Preflight
from scanner.request import Host, Request
from scanner.secrets.guesses import Guesses
from scanner.transport.base import Completed, Session
from scanner.transport.dialogue import Dialogue, Stdin, whole
from scanner.transport.timing import Timing


class ReplaySession:
    """Answers the probe as the captured host did."""

    def __init__(self, capture: captures.Capture) -> None:
        self._capture = capture

    @property
    def preflight(self) -> Preflight | None:
        """What the host's own kubeadm said."""
        return self._capture.preflight

    async def run(
        self,
        command: str,
        *,
        stdin: Stdin = b"",
        timeout: float,
        last_line: bytes | None = None,
        dialogue: Dialogue | None = None,
    ) -> Completed:
        """Give the saved answer, whatever the command; only the script's boundary is looked at."""
        del command, timeout, last_line, dialogue
        saved = self._capture
        return Completed(
            captures.answer(saved, whole(stdin)),
            saved.stderr.encode(),
            None if saved.ended else 0,
            saved.probe_seconds or 0.0,
            saved.ended,
            _timing(saved),
        )


def _timing(saved: captures.Capture) -> Timing | None:
    """The round trip as it was then: it belongs to the clock in the answer."""
    if saved.asked_at is None or saved.heard_at is None:
        return None
    return Timing(saved.asked_at, ((len(saved.stdout), saved.heard_at),))


async def saved_preflight(
    session: Session, request: Request, host: Host, capture: captures.Capture, guesses: Guesses
) -> Preflight | None:
    """Give what the captured host's own kubeadm said then; nothing is run."""
    del request, host, capture, guesses
    return session.preflight if isinstance(session, ReplaySession) else None


class ReplayTransport:
    """Finds each host's capture by its name in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @asynccontextmanager
    async def connect(self, host: Host) -> AsyncIterator[Session]:
        """Open the host's capture; a host that was unreachable then is unreachable again."""
        path = self._directory / (host.name + captures.SUFFIX)
        try:
            saved = captures.read(path)
        except OSError as error:
            raise HostUnreachable(f"no capture {path}: {error.strerror}") from error
        except CaptureError as error:
            raise HostUnreachable(f"{path}: {error}") from error
        if saved.unreachable:
            raise HostUnreachable(saved.unreachable)
        yield ReplaySession(saved)
