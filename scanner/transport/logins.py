"""What all logins of a run share: limits, known hosts, and the question to the user."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from scanner.secrets.guesses import Guesses

if TYPE_CHECKING:
    from scanner.transport.known_hosts import KnownHosts
    from scanner.transport.prompt import HostKeyPrompt
    from scanner.transport.settings import SshSettings


class Logins:
    """Made once for a run, handed to each attempt."""

    def __init__(self, settings: SshSettings, known: KnownHosts, prompt: HostKeyPrompt | None):
        self.settings = settings
        self.known = known
        self.prompt = prompt
        self.gate = asyncio.Semaphore(settings.handshakes)
        self.guesses = Guesses()
        self.held = 0
        """Connections that are kept open while the user reads the question."""
