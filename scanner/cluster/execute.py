"""Runs one command on its host, at once or detached, with the secrets in their places."""

from __future__ import annotations

import asyncio
import shlex
import time
from dataclasses import dataclass, replace

from scanner.cluster.action import CA_CERT_HASH, CERTIFICATE_KEY, NOTE, TOKEN, Command, File
from scanner.cluster.connections import Connections
from scanner.cluster.credentials import Credentials
from scanner.cluster.lock import Lock
from scanner.cluster.script import Answer, build
from scanner.errors import ClusterError, HostUnreachable

_START_SECONDS = 30.0
_GRACE = 15.0
_STEADY = 60.0
"""A connection that lasted so long was there again, as no attempt to connect lasts so long."""
RECONNECT_SECONDS = 300.0
"""How long a host whose command goes on is tried to be reached again."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    status: int | None
    """None if that is not known."""
    output: str
    reason: str = ""
    """Why the status is not known, as a sentence; empty if it is."""
    goes_on: bool = False
    """It was waited for no longer, and may still run."""

    @property
    def good(self) -> bool:
        """True if it has done what it was for."""
        return self.status == 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What it wants the user to know, a line each, though it has ended well."""
        lines = self.output.splitlines()
        return tuple(line.removeprefix(NOTE) for line in lines if line.startswith(NOTE))


class Execute:
    """Runs commands over connections.

    Args:
        connections: to every host that takes part.
        credentials: what stands in the place of TOKEN and the others.
        lock: of the master; whoever changes something asks it before.
    """

    def __init__(self, connections: Connections, credentials: Credentials, lock: Lock) -> None:
        self._connections = connections
        self.credentials = credentials
        self.lock = lock

    async def at_once(self, command: Command) -> Ended:
        """Run it while the connection lasts; it may be run twice if that is lost.

        Raises:
            HostUnreachable: there is no connection.
            ClusterError: the login does not become root there.
        """
        script = build("command", {}, command.text, self._filled(command))
        answer = await self._connections.ask(command.on, script, seconds=command.seconds)
        if answer.status is not None:
            return Ended(answer.status, answer.output)
        return Ended(None, answer.output, _why(answer, command.seconds))

    async def start(self, command: Command, job: str) -> None:
        """Start it detached; if it was started before under this name, nothing happens.

        Raises:
            HostUnreachable: there is no connection.
            ClusterError: it cannot be started.
        """
        script = build("start", {"ID": job}, command.text, self._filled(command))
        answer = await self._connections.ask(command.on, script, seconds=_START_SECONDS)
        if "busy" in answer.words:
            raise ClusterError(
                f"{command.on}: another kscan's command runs there (/run/kscan-"
                f"{answer.words['busy']}): wait for its end"
            )
        if "started" not in answer.words:
            said = " ".join(answer.output.split())[:300] or _why(answer, _START_SECONDS)
            raise ClusterError(f"{command.on}: the command could not be started: {said}")

    async def attach(
        self, host: str, job: str, seconds: float, patience: float = RECONNECT_SECONDS
    ) -> Ended | None:
        """Wait for the end of what was started; None if the host knows nothing of it.

        Args:
            host: its name.
            job: as it was started.
            seconds: for the command.
            patience: seconds for a host that cannot be reached.

        Raises:
            HostUnreachable: the host could not be reached again.
            ClusterError: the login does not become root there.
        """
        end = time.monotonic() + seconds
        lost_until = None
        while True:
            script = build("attach", {"ID": job})
            asked = time.monotonic()
            try:
                answer = await self._connections.ask(
                    host, script, seconds=max(end - time.monotonic(), 1.0), attempts=1
                )
            except HostUnreachable:
                if time.monotonic() - asked > _STEADY:
                    lost_until = None
                lost_until = lost_until or time.monotonic() + patience
                if time.monotonic() > min(end, lost_until):
                    raise
                await asyncio.sleep(2)
                continue
            if "absent" in answer.words:
                return None
            if answer.status is not None:
                return Ended(answer.status, answer.output)
            if "lost" in answer.words:
                return Ended(None, answer.output, "it was killed, or the host was started anew")
            return Ended(
                None, answer.output, f"{_why(answer, seconds)}; it may go on", goes_on=True
            )

    async def forget(self, host: str, *jobs: str) -> None:
        """Remove what the host has kept of commands that have ended.

        Raises:
            HostUnreachable: there is no connection.
            ClusterError: the login does not become root there.
        """
        paths = " ".join(shlex.quote(f"/run/kscan-{job}") for job in dict.fromkeys(jobs))
        command = Command(host, f"rm -rf {paths}", seconds=_START_SECONDS)
        await self.at_once(command)

    def _filled(self, command: Command) -> tuple[File, ...]:
        known = self.credentials
        places = {
            TOKEN: known.token,
            CERTIFICATE_KEY: known.certificate_key,
            CA_CERT_HASH: known.ca_cert_hash,
        }
        filled = []
        for file in command.files:
            text = file.text
            for place, value in places.items():
                text = text.replace(place, value)
            filled.append(replace(file, text=text))
        return tuple(filled)


def _why(answer: Answer, seconds: float) -> str:
    if answer.ended.startswith("not finished within"):
        return f"it did not end within {seconds:g} s"
    if "unwritten" in answer.words:
        return f"its files could not be written below /run ({answer.stderr or 'is it full?'})"
    said = f": {answer.stderr}" if answer.stderr and not answer.words else ""
    if "begin" in answer.words and "end" in answer.words:
        return f"no directory for it could be made below /run ({answer.stderr or 'is it full?'})"
    return f"its end is not known ({answer.ended or 'nothing was answered'}{said})"
