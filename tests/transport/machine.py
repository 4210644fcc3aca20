"""A machine behind SSH inside the test's own process, with the ways in which one can misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import asyncssh

from scanner.request import Host, HostKeyPolicy, HostKeys, Login

FLOOD = b"x" * 32768


def make_key(kind: str = "ssh-ed25519") -> asyncssh.SSHKey:
    return asyncssh.generate_private_key(kind)


def public_line(key: asyncssh.SSHKey) -> str:
    return " ".join(key.export_public_key().decode().split()[:2])


@dataclass
class Machine:
    """What to do, and what was seen."""

    key: asyncssh.SSHKey
    """The only user key that is let in."""
    host_keys: Sequence[object] = ()
    """None of them: an ed25519 key of its own."""
    user: str = "ops"
    exec_refused: bool = False
    forwarding: bool = True
    shortages: int = 0
    """So many channels are refused at first: it has too much to do."""
    drops: int = 0
    """So many connections are cut at first, in the key exchange."""
    public_keys: bool = True
    authority: asyncssh.SSHKey | None = None
    """Its certificates for users are taken."""
    signatures: tuple[str, ...] = ()
    """Signature algorithms; none of them: asyncssh's own."""
    drop_at: str = ""
    """The stage at which the connection is cut: kex, auth, session or output."""
    stall_at: str = ""
    """The stage at which nothing more comes: auth, or output (after `cut_at` bytes)."""
    answers: Callable[[bytes], bytes] | None = None
    """What every command prints, made of its input; None: the commands of _Session."""
    cut_at: int | None = None
    """The connection is cut after so many bytes of the answer."""
    rekeys: bool = False
    """One key exchange after the other, for ever."""
    exchanges: int = 0
    bind: str = "127.0.0.1"
    port: int = 0
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Ends what is stalled."""
    connections: int = 0
    open: set[asyncssh.SSHServerConnection] = field(default_factory=set)
    most_open: int = 0
    unauthenticated: int = 0
    most_unauthenticated: int = 0
    users: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    forwarded: list[tuple[str, int]] = field(default_factory=list)
    signals: list[str] = field(default_factory=list)
    environment: list[str] = field(default_factory=list)
    algorithms: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Machine]:
        self.host_keys = self.host_keys or (make_key(),)
        server = await asyncssh.listen(
            self.bind,
            self.port,
            # all hosts of a test are this one: a burst that overflows it may hang for good, as a
            # client that waits for the banner sends nothing that the kernel would answer
            backlog=1024,
            server_host_keys=list(self.host_keys),
            server_factory=lambda: _Server(self),
            encoding=None,
            login_timeout=600,
            signature_algs=self.signatures,
        )
        self.port = server.get_port()
        try:
            yield self
        finally:
            server.close()
            self.released.set()
            for connection in list(self.open):
                connection.abort()
            await server.wait_closed()
            await asyncio.sleep(0)

    @property
    def address(self) -> str:
        return f"[127.0.0.1]:{self.port}"

    def known_hosts_line(self, index: int = 0) -> str:
        key = self.host_keys[index]
        assert isinstance(key, asyncssh.SSHKey)
        return f"{self.address} {public_line(key)}\n"

    def host(
        self,
        name: str = "node1",
        host_keys: HostKeys | None = HostKeyPolicy.OFF,
        jump: Login | None = None,
        identity: Path | None = None,
    ) -> Host:
        return Host(name, self.login(host_keys, jump, identity))

    def login(
        self,
        host_keys: HostKeys | None = HostKeyPolicy.OFF,
        jump: Login | None = None,
        identity: Path | None = None,
    ) -> Login:
        return Login(
            "127.0.0.1",
            self.port,
            self.user,
            identity_file=identity,
            host_keys=host_keys,
            jump=jump,
        )


def with_host_keys(host: Host, host_keys: HostKeys) -> Host:
    return replace(host, login=replace(host.login, host_keys=host_keys))


class _Server(asyncssh.SSHServer):
    def __init__(self, machine: Machine):
        self.machine = machine
        self.connection: asyncssh.SSHServerConnection | None = None
        self.in_login = False

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        machine = self.machine
        self.connection = conn
        machine.connections += 1
        machine.open.add(conn)
        machine.most_open = max(machine.most_open, len(machine.open))
        machine.unauthenticated += 1
        machine.most_unauthenticated = max(machine.most_unauthenticated, machine.unauthenticated)
        self.in_login = True
        if machine.drop_at == "kex" or machine.connections <= machine.drops:
            asyncio.get_running_loop().call_soon(conn.abort)

    def connection_lost(self, _: Exception | None) -> None:
        assert self.connection is not None
        self.machine.open.discard(self.connection)
        self._logged_in()

    def _logged_in(self) -> None:
        if self.in_login:
            self.in_login = False
            self.machine.unauthenticated -= 1

    async def begin_auth(self, username: str) -> bool:
        assert self.connection is not None
        self.machine.users.append(username)
        self.machine.algorithms.append(str(self.connection.get_extra_info("send_cipher")))
        if self.machine.drop_at == "auth":
            self.connection.abort()
        if self.machine.stall_at == "auth":
            await self.machine.released.wait()
        return True

    def auth_completed(self) -> None:
        self._logged_in()
        if self.machine.rekeys:
            self._exchange()

    def _exchange(self) -> None:
        connection = self.connection
        if connection not in self.machine.open:
            return
        assert connection is not None
        if connection._kex_complete and not connection._kexinit_sent:
            self.machine.exchanges += 1
            connection._kexinit_sent = True
            connection._send_kexinit()  # there is no public way to do so without traffic
        asyncio.get_running_loop().call_later(0.002, self._exchange)

    def public_key_auth_supported(self) -> bool:
        return self.machine.public_keys

    def password_auth_supported(self) -> bool:
        return not self.machine.public_keys

    def validate_ca_key(self, _: str, key: asyncssh.SSHKey) -> bool:
        authority = self.machine.authority
        return authority is not None and key == authority.convert_to_public()

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        return username == self.machine.user and key == self.machine.key.convert_to_public()

    def session_requested(self) -> _Session:
        assert self.connection is not None
        if self.machine.drop_at == "session":
            self.connection.abort()
        return _Session(self.machine, self.connection)

    def connection_requested(self, dest_host: str, dest_port: int, *_: object) -> bool:
        self.machine.forwarded.append((dest_host, dest_port))
        if not self.machine.forwarding:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "prohibited")
        if len(self.machine.forwarded) <= self.machine.shortages:
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, "resource shortage")
        return True


class _Session(asyncssh.SSHServerSession[bytes]):
    """Commands: cat, flood, deaf, drop, last, last-held, hang, split, kill, exit N."""

    def __init__(self, machine: Machine, connection: asyncssh.SSHServerConnection):
        self.machine = machine
        self.connection = connection
        self.command = ""
        self.given = b""
        self.channel: asyncssh.SSHServerChannel[bytes] | None = None
        self.flooding = False

    @property
    def out(self) -> asyncssh.SSHServerChannel[bytes]:
        assert self.channel is not None
        return self.channel

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self.channel = chan

    def pty_requested(self, *_: object) -> bool:
        self.machine.environment.append("pty")
        return True

    def exec_requested(self, command: str) -> bool:
        self.machine.commands.append(command)
        self.command = command
        self.machine.environment += self.out.get_environment()
        return not self.machine.exec_refused

    def session_started(self) -> None:  # noqa: C901 # one case for each way to misbehave
        match self.command.split():
            case ["flood"]:
                self.flooding = True
                self.resume_writing()
            case ["deaf"]:
                self.out.pause_reading()
            case ["drop"]:
                self.out.write(b"half an ans")
                asyncio.get_running_loop().call_later(0.05, self.connection.abort)
            case ["last"]:
                self.out.write(b"one\nthe end\n")
                self.out.exit(7)
            case ["last-held"]:
                # the shell has ended, a hung child holds its standard output
                self.out.write(b"one\nthe end\n")
                self.out.write_stderr(b"oops")
            case ["split"]:
                for piece in (b"not the end\nthe", b" end", b"\n"):
                    self.out.write(piece)
            case ["kill"]:
                self.out.write(b"dying\n")
                self.out.exit_with_signal("KILL")
            case ["exit", status]:
                self.out.exit(int(status))
            case ["hang"]:
                self.out.write(b"begin\n")

    def signal_received(self, signal: str) -> None:
        self.machine.signals.append(signal)

    def resume_writing(self) -> None:
        if self.flooding and not self.out.is_closing():
            asyncio.get_running_loop().call_soon(self._flood)

    def _flood(self) -> None:
        if not self.out.is_closing() and self.out.get_write_buffer_size() < 1 << 20:
            self.out.write(FLOOD)
            asyncio.get_running_loop().call_soon(self._flood)

    def data_received(self, data: bytes, _: int | None) -> None:
        self.given += data

    def eof_received(self) -> bool:
        machine = self.machine
        if machine.answers is not None:
            self.out.write(machine.answers(self.given)[: machine.cut_at])
            if machine.cut_at is None:
                self.out.exit(0)
            elif machine.stall_at != "output":
                asyncio.get_running_loop().call_later(0.05, self.connection.abort)
        elif self.command == "cat":
            self.out.write(self.given)
            self.out.write_stderr(b"to stderr")
            self.out.exit(0)
        return True
