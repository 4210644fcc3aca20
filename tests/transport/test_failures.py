"""Each way in which a connection can fail, and what the user reads about it."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scanner.errors import Busy, HostUnreachable, LoginRefused, TimedOut
from scanner.request import Host, HostKeyPolicy, Login
from scanner.transport import failures
from scanner.transport.fanout import Done, Failed
from scanner.transport.hostkeys import HostKeyCheck
from scanner.transport.settings import SshSettings
from scanner.transport.ssh import SshTransport
from tests.transport.machine import Machine
from tests.transport.plain import PlainServer
from tests.transport.runs import connect_all

OFF = HostKeyPolicy.OFF


def at(port: int, address: str = "127.0.0.1", name: str = "node1") -> Host:
    return Host(name, Login(address, port, "ops", host_keys=OFF))


async def failure(
    host: Host, kind: type[HostUnreachable] = HostUnreachable, *, timeout: float = 5
) -> str:
    settings = SshSettings(
        global_known_hosts=(), connect_timeout=timeout, login_timeout=timeout, retry_seconds=0.001
    )
    with pytest.raises(kind) as raised:
        async with SshTransport(settings) as transport, transport.connect(host):
            pass
    message = str(raised.value)
    assert "\n" not in message
    assert type(raised.value) is kind
    assert raised.value.__suppress_context__ or raised.value.__context__ is None
    return message


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@pytest.mark.usefixtures("user_key")
async def test_refused() -> None:
    assert "refuses connections" in await failure(at(closed_port()))


@pytest.mark.usefixtures("user_key")
async def test_name_that_does_not_resolve() -> None:
    message = await failure(at(22, "no-such-host.invalid"))
    assert "the name of no-such-host.invalid port 22 does not resolve" in message
    assert "does not resolve" in await failure(at(22, "a" * 300))


@pytest.mark.usefixtures("user_key")
async def test_a_name_server_that_hangs_holds_nobody_else(
    monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> None:
    real = socket.getaddrinfo

    def slow(host: str, *args: int) -> Sequence[object]:
        if host.startswith("slow"):
            time.sleep(3)
        return real(host, *args)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    settings = SshSettings(global_known_hosts=(), connect_timeout=0.8, login_timeout=0.8)
    hosts = [at(22, f"slow{n}.invalid", f"slow{n}") for n in range(20)] + [machine.host("good")]
    outcomes = await connect_all(hosts, settings)
    assert isinstance(outcomes["good"], Done)
    assert outcomes["good"].seconds < 0.6
    slow0 = outcomes["slow0"]
    assert isinstance(slow0, Failed)
    assert isinstance(slow0.error, TimedOut)


@pytest.mark.usefixtures("user_key")
async def test_a_host_that_drops_packets() -> None:
    """A listener whose queue is full answers no further SYN, as a firewall that drops."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        fillers = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            assert filler.connect_ex(address) in {0, errno.EINPROGRESS}
            fillers.append(filler)
        await asyncio.sleep(0.1)
        message = await failure(at(address[1]), TimedOut, timeout=0.4)
        for filler in fillers:
            filler.close()
    assert "within 0.4 s during connecting" in message
    assert "firewall" in message


@pytest.mark.usefixtures("user_key")
async def test_no_banner() -> None:
    async with PlainServer().running() as server:
        message = await failure(at(server.port), TimedOut, timeout=0.3)
    assert "waiting for the SSH banner" in message


@pytest.mark.usefixtures("user_key")
@pytest.mark.parametrize("says", [b"SSH-2.0-x\r\n", b"hello\r\nSSH-2.0-OpenSSH_9.2\r\n\x00\x00"])
async def test_a_handshake_that_stalls(says: bytes) -> None:
    async with PlainServer(says).running() as server:
        message = await failure(at(server.port), TimedOut, timeout=0.4)
    assert "during the key exchange" in message


async def test_a_login_that_stalls(machine: Machine) -> None:
    machine.stall_at = "auth"
    message = await failure(machine.host(), TimedOut, timeout=0.5)
    assert "during the login" in message
    await asyncio.sleep(0.05)
    assert not machine.open


@pytest.mark.usefixtures("user_key")
async def test_something_else_than_ssh() -> None:
    says = b"HTTP/1.1 400 Bad Request\r\n\x1b[31mred\r\n\r\n"
    async with PlainServer(says, closes=True).running() as server:
        message = await failure(at(server.port))
    assert "is not an SSH server" in message
    assert "HTTP/1.1 400 Bad Request" in message
    assert "\x1b" not in message


@pytest.mark.usefixtures("user_key")
@pytest.mark.parametrize(
    ("says", "quoted"),
    [
        (b"220 mail.test ESMTP\r\n", "it says '220 mail.test ESMTP'"),
        (b"HTTP/1.1 400 \x1b[31m" + b"x" * 9000, "it says 'HTTP/1.1 400 [31mxxx"),
        (b"+OK POP3", "it says '+OK POP3'"),
        (b"\0\0\0", "it sends no text"),
    ],
)
async def test_something_else_than_ssh_that_stays_open(says: bytes, quoted: str) -> None:
    async with PlainServer(says).running() as server:
        message = await failure(at(server.port), timeout=0.3)
    assert f"is not an SSH server, {quoted}" in message
    assert message.endswith("correct the port")
    assert len(message) < 200
    assert message.isprintable()


@pytest.mark.usefixtures("user_key")
@pytest.mark.parametrize("says", [b"S", b"SSH-2.0-sl", b"hello\r\nSSH-"])
async def test_a_banner_that_does_not_end(says: bytes) -> None:
    async with PlainServer(says).running() as server:
        message = await failure(at(server.port), TimedOut, timeout=0.3)
    assert "has begun ('S" in message
    assert "did not end within 0.3 s" in message


@pytest.mark.usefixtures("user_key")
async def test_something_else_than_ssh_when_the_hosts_time_is_up() -> None:
    async with PlainServer(b"220 mail.test ESMTP\r\n").running() as server:
        found = await connect_all([at(server.port)], SshSettings(), deadline=0.3)
    outcome = found["node1"]
    assert isinstance(outcome, Failed)
    assert "is not an SSH server" in str(outcome.error)


@pytest.mark.usefixtures("user_key")
async def test_a_flood_instead_of_a_banner() -> None:
    async with PlainServer(b"junk" * 100_000).running() as server:
        assert "is not an SSH server" in await failure(at(server.port))


@pytest.mark.usefixtures("user_key")
@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (b"SSH-1.5-old\r\n", "speaks no SSH 2 (Unsupported SSH version): update its sshd"),
        (b"SSH-2.0-x\r\nnot a packet, not a packet, not a packet", "ended the key exchange"),
    ],
)
async def test_a_broken_handshake(says: bytes, reason: str) -> None:
    async with PlainServer(says).running() as server:
        assert reason in await failure(at(server.port))


@pytest.mark.usefixtures("user_key")
async def test_what_breaks_asyncsshs_parsers_is_the_hosts_failure() -> None:
    async with PlainServer(b"SSH-2.0-caf\xc3\xa9\r\n").running() as server:
        message = await failure(at(server.port))
    assert message.endswith(
        "sends garbled data during the key exchange (text in an encoding that SSH does not "
        "allow): look into its sshd and the path"
    )


async def test_a_bug_of_ours_is_no_failure_of_the_host(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def accepts(*_: object) -> bool:
        raise TypeError("a bug")

    monkeypatch.setattr(HostKeyCheck, "accepts", accepts)
    with pytest.raises(ExceptionGroup) as raised:
        await connect_all([machine.host()], SshSettings())
    assert raised.group_contains(TypeError, match="a bug")


@pytest.mark.usefixtures("user_key")
async def test_closed_before_the_banner() -> None:
    async with PlainServer(closes=True).running() as server:
        message = await failure(at(server.port), Busy)
    assert "before its SSH banner" in message
    assert message.endswith("; tried 6 times")
    async with PlainServer(b"Exceeded MaxStartups\r\n", closes=True).running() as server:
        assert "too many logins" in await failure(at(server.port), Busy)
    async with PlainServer(b"Not allowed at this time\r\n", closes=True).running() as server:
        assert "PerSourcePenalties" in await failure(at(server.port))
        assert server.connections == 1


@pytest.mark.parametrize(
    ("stage", "kind", "says", "tries"),
    [("kex", Busy, "key exchange", 6), ("auth", HostUnreachable, "the login", 1)],
)
async def test_dropped(
    machine: Machine, stage: str, kind: type[HostUnreachable], says: str, tries: int
) -> None:
    machine.drop_at = stage
    message = await failure(machine.host(), kind)
    assert "ended the connection during" in message
    assert says in message
    assert machine.connections == tries


async def test_dropped_when_the_command_is_to_start(
    machine: Machine, transport: SshTransport
) -> None:
    machine.drop_at = "session"
    async with transport.connect(machine.host()) as session:
        with pytest.raises(HostUnreachable, match="was lost"):
            await session.run("cat", timeout=5)


async def test_algorithms_of_the_configuration(machine: Machine, home: Path) -> None:
    config = home / ".ssh" / "config"
    config.write_text("KexAlgorithms no-such-algorithm\n")
    assert "KexAlgorithms" in await failure(machine.host())
    config.write_text("Ciphers no-such-cipher,aes128-ctr\nMACs +no-such-mac\n")
    await connect_all([machine.host()], SshSettings())
    assert machine.algorithms == ["aes128-ctr"]
    # of HMAC-only servers and clients nothing is in common
    config.write_text("Ciphers 3des-cbc\n")
    assert "no key exchange" in await failure(machine.host())


async def test_the_cheap_algorithms_are_preferred(machine: Machine) -> None:
    await connect_all([machine.host()], SshSettings())
    assert machine.algorithms == ["aes128-gcm@openssh.com"]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.EHOSTUNREACH, "no route to"),
        (errno.ENETUNREACH, "no route to"),
        (errno.ETIMEDOUT, "no answer from"),
        (errno.EPERM, "own firewall"),
        (errno.EMFILE, "ulimit -n"),
        (errno.ECONNRESET, "ended the connection during connecting"),
        (errno.EIO, "try again"),
    ],
)
def test_system_errors(number: int, says: str) -> None:
    assert says in str(failures.from_os(OSError(number, os.strerror(number)), "192.0.2.1 port 22"))


def test_a_name_server_that_does_not_answer_is_not_a_wrong_name() -> None:
    error = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    said = str(failures.from_os(error, "node1.test port 22"))
    assert "could not be looked up (Temporary failure" in said
    assert "name server of this machine" in said


async def test_the_second_address_is_tried(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Happy eyeballs: the first address is silent or refuses, the second one answers."""
    real = socket.getaddrinfo
    v4, v6 = socket.AF_INET, socket.AF_INET6

    def two(host: str, port: int, *args: int) -> Sequence[object]:
        if host != "both.test":
            return real(host, port, *args)
        return [
            (v6, socket.SOCK_STREAM, 6, "", ("::1", machine.port, 0, 0)),
            (v4, socket.SOCK_STREAM, 6, "", ("127.0.0.1", machine.port)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", two)
    host = machine.host()
    host = replace(host, login=replace(host.login, address="both.test"))
    outcomes = await connect_all([host], SshSettings(global_known_hosts=()))
    assert isinstance(outcomes["node1"], Done)


async def test_login_refused(machine: Machine, transport: SshTransport) -> None:
    host = machine.host()
    with pytest.raises(LoginRefused, match="refuses user root"):
        async with transport.connect(replace(host, login=replace(host.login, user="root"))):
            pass


async def test_nothing_of_asyncssh_reaches_the_terminal(
    machine: Machine, capfd: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handler = logging.StreamHandler()
    root.addHandler(handler)
    level = root.level
    root.setLevel(logging.DEBUG)
    try:
        await connect_all([machine.host("good"), at(1, name="bad")])
        machine.drop_at = "auth"
        await connect_all([machine.host()])
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    shown = capfd.readouterr()
    assert "SSH" not in shown.out + shown.err
    assert "Traceback" not in shown.err
