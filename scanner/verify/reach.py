"""From the hosts of an inventory to one open session with a login for the API."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from scanner.errors import HostUnreachable
from scanner.request import Host, Request
from scanner.transport.base import Transport
from scanner.transport.forward import Dialled, Forwards
from scanner.verify.credentials import read_admin_conf
from scanner.verify.kubeconfig import Credentials, NoCredentials
from scanner.verify.run import Way

_DIAL_SECONDS = 10.0
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

    That is one from which an API server can be connected to; where none is such a one, the first.

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
    silent: Way | None = None
    async with AsyncExitStack() as stack:
        for host in hosts:
            try:
                session = await stack.enter_async_context(transport.connect(host))
                login = credentials or await read_admin_conf(session, host)
                own = replace(login, host=_LOOPBACK, port=bind_port, tls_server_name=_OWN_NAME)
                way = Way(session, login, own)
                listens = len(hosts) == 1 or await _listens(way)
            except (HostUnreachable, NoCredentials) as error:
                failed.append(error)
                why = str(error)
            else:
                if listens:
                    yield way
                    return
                silent = silent or way
                why = "no API server is reached from there"
            if host != hosts[-1]:
                _LOG.warning("%s: %s; trying the next control plane", host.name, why)
        if silent is not None:
            yield silent
            return
        # a host that was reached and has no admin.conf is what the user can mend at once
        raise next((e for e in failed if isinstance(e, NoCredentials)), failed[0])


async def _listens(way: Way) -> bool:
    """True if its host can connect to an API server, or cannot be asked whether it can.

    Raises:
        HostUnreachable: the session has ended.
    """
    if not isinstance(way.session, Forwards):
        return True
    for server in filter(None, (way.own, way.credentials)):
        how = await way.session.dial(server.host, server.port, timeout=_DIAL_SECONDS)
        if how is Dialled.OPEN:
            return True
    return False
