"""From the hosts of an inventory to one open session with a login for the API."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from scanner.errors import HostUnreachable
from scanner.request import Host, Request
from scanner.transport.base import Transport
from scanner.verify.credentials import read_admin_conf
from scanner.verify.kubeconfig import Credentials, NoCredentials
from scanner.verify.run import Way

_LOOPBACK = "127.0.0.1"
_OWN_NAME = "kubernetes"
"""Every certificate that kubeadm makes for an API server has this name (GetAPIServerAltNames)."""
_LOG = logging.getLogger(__name__)


def control_planes(request: Request) -> tuple[Host, ...]:
    """The hosts that may have admin.conf, the first control plane first.

    Raises:
        NoCredentials: there is none.
    """
    first = request.init_host
    found = tuple(host for host in request.hosts if host.is_control_plane and host != first)
    if first is not None:
        return (first, *found)
    local = tuple(host for host in request.hosts if host.login.local)
    if not found and not local:
        raise NoCredentials(
            f"{request.source}: no host has the role control-plane: give one `roles: "
            "[control-plane]`, or name one with --master"
        )
    return found or local


@asynccontextmanager
async def reached(
    transport: Transport,
    hosts: Sequence[Host],
    credentials: Credentials | None,
    *,
    bind_port: int,
) -> AsyncIterator[Way]:
    """Open a session on the first of the hosts that lets kscan into the cluster.

    Args:
        transport: of the run.
        hosts: control planes.
        credentials: None = admin.conf of the host.
        bind_port: of its own API server.

    Raises:
        HostUnreachable: none of them was reached; the message is of the first.
        NoCredentials: those that were reached have no admin.conf that can be used.
    """
    failed: list[HostUnreachable | NoCredentials] = []
    async with AsyncExitStack() as stack:
        for host in hosts:
            try:
                session = await stack.enter_async_context(transport.connect(host))
                login = credentials or await read_admin_conf(session, host)
                own = replace(login, host=_LOOPBACK, port=bind_port, tls_server_name=_OWN_NAME)
                way = Way(session, login, own)
            except (HostUnreachable, NoCredentials) as error:
                failed.append(error)
                if len(failed) < len(hosts):
                    _LOG.warning("%s: %s; trying the next control plane", host.name, error)
                continue
            yield way
            return
        # a host that was reached and has no admin.conf is what the user can mend at once
        raise next((e for e in failed if isinstance(e, NoCredentials)), failed[0])
