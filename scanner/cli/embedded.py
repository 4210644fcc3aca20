"""The demo's servers as the transport of a run, and its own idea of success."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from scanner.cli.progress import Progress
from scanner.cli.run import Machines
from scanner.cli.tell import say
from scanner.demo.expected import differences, expected
from scanner.demo.server import serve
from scanner.errors import UsageError
from scanner.exit_status import ExitStatus
from scanner.probe.capture import SUFFIX
from scanner.report import Report
from scanner.request import Host, Login
from scanner.transport.base import Session, Transport
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport


class _Embedded:
    """Real SSH to the servers; nothing of the user's own SSH configuration is read."""

    def __init__(self, ssh: SshTransport, logins: Mapping[str, Login]) -> None:
        self._ssh = ssh
        self._logins = logins

    def connect(self, host: Host) -> AbstractAsyncContextManager[Session]:
        return self._ssh.connect(replace(host, login=self._logins[host.name]))


def embedded(captures: Path) -> Machines:
    """Start a server for each capture for the time of the run."""
    names = [path.name.removesuffix(SUFFIX) for path in sorted(captures.glob(f"*{SUFFIX}"))]

    @asynccontextmanager
    async def machines(shown: Progress) -> AsyncIterator[Transport]:
        del shown
        settings = SshSettings(
            config=None,
            user_known_hosts=(),
            global_known_hosts=(),
            identity_files=(),
            agent=None,
        )
        try:
            folder = tempfile.TemporaryDirectory(prefix="kscan-demo-")
        except OSError as error:
            raise UsageError(
                f"the demo needs a directory for its keys: {error.strerror}; free space, or set "
                "TMPDIR"
            ) from None
        with folder as keys:
            async with (
                serve(names, captures, Path(keys)) as logins,
                SshTransport(settings) as ssh,
            ):
                yield _Embedded(ssh, logins)

    return machines


def judged_as_expected(path: Path) -> Callable[[Report], ExitStatus]:
    """Compare the report with what must come out; the differences go to stderr."""

    def conclude(report: Report) -> ExitStatus:
        lines = differences(report.hosts(), expected(path))
        for line in lines:
            say(f"kscan demo: {line}")
        if lines:
            return ExitStatus.INTERNAL_ERROR
        say("kscan demo: every host was judged as expected")
        return ExitStatus.READY

    return conclude
