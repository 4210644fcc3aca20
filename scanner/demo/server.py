"""SSH servers on loopback that answer the probe as a captured host did (asyncssh)."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncssh

from scanner.probe.capture import SUFFIX, Capture, answer, load
from scanner.request import Login

LOOPBACK = "127.0.0.1"
USER = "kscan-demo"


@asynccontextmanager
async def serve(
    names: Iterable[str], captures: Path, keys: Path
) -> AsyncIterator[Mapping[str, Login]]:
    """Run a server for each name, until the end of the block; gives the way to log in to each.

    Every server has a host key of its own, which its login pins; the one client key is made for
    this run. A host whose capture says that it was unreachable gets a port that refuses.

    Args:
        names: of the hosts.
        captures: a directory with one `<name>.capture` for each of them.
        keys: an empty private directory for the client key.
    """
    client_key = asyncssh.generate_private_key("ssh-ed25519")
    identity = keys / "id_ed25519"
    identity.touch(mode=0o600)
    client_key.write_private_key(identity)
    async with AsyncExitStack() as stack:
        logins = {}
        for name in names:
            capture = load((captures / (name + SUFFIX)).read_bytes())
            login = await _start(capture, client_key, stack)
            logins[name] = replace(login, identity_file=identity)
        yield logins


async def _start(capture: Capture, client_key: asyncssh.SSHKey, stack: AsyncExitStack) -> Login:
    if capture.unreachable:
        # Bound and never listening: nothing else can take the port, and every dial is refused.
        closed = stack.enter_context(socket.socket())
        closed.bind((LOOPBACK, 0))
        return Login(LOOPBACK, port=closed.getsockname()[1], user=USER)
    host_key = asyncssh.generate_private_key("ssh-ed25519")

    async def process(channel: asyncssh.SSHServerProcess[bytes]) -> None:
        script = await channel.stdin.read()
        channel.stdout.write(with_clock(answer(capture, script), capture, time.time()))
        channel.stderr.write(capture.stderr.encode())
        channel.exit(0)

    server = await asyncssh.listen(
        LOOPBACK,
        0,
        server_host_keys=[host_key],
        authorized_client_keys=_authorized(client_key),
        process_factory=process,
        encoding=None,
        x11_forwarding=False,
        agent_forwarding=False,
        allow_scp=False,
        server_version="kscan_demo",
    )
    stack.push_async_callback(server.wait_closed)
    stack.callback(server.close)
    return Login(
        LOOPBACK,
        port=server.get_port(),
        user=USER,
        host_keys=(host_key.get_fingerprint(),),
    )


_CLOCK = re.compile(rb"(?<=\nnow=)([0-9]{10})(\.[0-9]{9})(?=\n)")


def with_clock(stdout: bytes, capture: Capture, now: float) -> bytes:
    """The answer with the time that the host's clock would show by now: clocks go on.

    How far it is from the clock that it was recorded by stays as it is. Of an answer without that
    clock nothing is changed.
    """
    if capture.asked_at is None or capture.heard_at is None:
        return stdout
    passed = now - (capture.asked_at + capture.heard_at) / 2

    def later(match: re.Match[bytes]) -> bytes:
        return b"%020.9f" % (float(match[1] + match[2]) + passed)

    return _CLOCK.sub(later, stdout, count=1)


def _authorized(client_key: asyncssh.SSHKey) -> asyncssh.SSHAuthorizedKeys:
    return asyncssh.import_authorized_keys(client_key.export_public_key().decode())
