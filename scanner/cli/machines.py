"""The transport of a run: SSH for hosts, no SSH for this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.cli.host_keys import asker
from scanner.cli.progress import Progress
from scanner.cli.question import can_ask
from scanner.cli.run import Machines
from scanner.request import Host
from scanner.transport.base import Session, Transport
from scanner.transport.local import LocalTransport
from scanner.transport.replay import ReplayTransport

if TYPE_CHECKING:
    # at run time it would bring the Kubernetes client into every check: 13 MB and half a second
    from scanner.cluster.work import Open

_KEEPALIVE = 10.0
"""Seconds: a lock whose connection is silently gone must be missed before a master that was
started anew gives it to somebody else."""


class _Mixed:
    """Hands each host to the transport that its login asks for."""

    def __init__(self, ssh: Transport) -> None:
        self._ssh = ssh
        self._local = LocalTransport()

    def connect(self, host: Host) -> AbstractAsyncContextManager[Session]:
        return (self._local if host.login.local else self._ssh).connect(host)


def ssh_or_local(hosts: Sequence[Host]) -> Machines:
    """Make the transport for these hosts; without a host behind SSH it is not even imported."""

    @asynccontextmanager
    async def machines(shown: Progress) -> AsyncIterator[Transport]:
        if all(host.login.local for host in hosts):
            yield LocalTransport()
            return
        from scanner.cli.ssh_import import loading_ssh

        with loading_ssh():
            from scanner.transport.settings import SshSettings
            from scanner.transport.ssh import SshTransport

        settings = SshSettings(ask=asker(shown) if can_ask() else None)
        async with SshTransport(settings) as ssh:
            ssh.expect(hosts)
            yield _Mixed(ssh)

    return machines


def known_machines(hosts: Sequence[Host]) -> Open:
    """The same for hosts whose keys were asked about a moment ago: nothing is asked any more.

    Its connections stay open while kubeadm works, and one that is lost is noticed.
    """

    @asynccontextmanager
    async def machines() -> AsyncIterator[Transport]:
        if all(host.login.local for host in hosts):
            yield LocalTransport()
            return
        from scanner.transport.settings import SshSettings
        from scanner.transport.ssh import SshTransport

        async with SshTransport(SshSettings(keepalive=_KEEPALIVE)) as ssh:
            yield _Mixed(ssh)

    return machines


def replayed(captures: Path) -> Machines:
    """Make a transport that answers from a directory of captures."""

    @asynccontextmanager
    async def machines(shown: Progress) -> AsyncIterator[Transport]:
        del shown
        yield ReplayTransport(captures)

    return machines
