"""Everything that can go wrong on the way into a host, as one sentence that says what to do."""

from __future__ import annotations

import enum
import errno
import os
import socket
from typing import TYPE_CHECKING

from scanner.errors import Busy, HostKeyRejected, HostUnreachable, Hurdle, TimedOut
from scanner.secrets.redact import redactor
from scanner.transport.wire import NotSsh

if TYPE_CHECKING:
    from scanner.transport.route import Route

_BANNER = b"SSH-"
_NO_REASON = "Connection lost"
"""asyncssh's word for an end without one."""
_OTHER_VERSION = "Unsupported SSH version"
"""asyncssh's again; its code is that of any other error of the protocol."""
_QUOTE = 60  # characters of what a server says that are worth showing

# RFC 4253, 11.1: reasons of a disconnect
_KEY_EXCHANGE_FAILED = 3
_HOST_KEY_NOT_VERIFIABLE = 9
_CONNECTION_LOST = 10
_TOO_MANY_CONNECTIONS = 12

# RFC 4254, 5.1: reasons of a refused channel
_ADMINISTRATIVELY_PROHIBITED = 1
_CONNECT_FAILED = 2
_RESOURCE_SHORTAGE = 4

_SAID_SO = 1000
"""Turns for a server that says it has too much to do: as long as the host's time lasts."""
_LIKELY = 8
"""Turns, 20 s at most, for an answer that mostly means so."""
_PERHAPS = 5
"""Turns for a connection that ended early without a word: old servers do so when they have too
much to do, but so does a ban."""

_SHORT_OF = {
    errno.EAGAIN: "local ports",
    errno.EMFILE: "file descriptors",
    errno.ENFILE: "file descriptors",
    errno.ENOBUFS: "network buffers",
    errno.ENOMEM: "memory",
}
_SHORTAGES = tuple(os.strerror(number).lower() for number in (*_SHORT_OF, errno.EADDRNOTAVAIL))
"""How a jump host says that it has too much to do, if it names its own error."""


class Stage(enum.Enum):
    """How far a connection had come."""

    DIAL = "connecting"
    BANNER = "waiting for the SSH banner"
    HANDSHAKE = "the key exchange"
    LOGIN = "the login"


def printable(text: str | bytes, limit: int = _QUOTE) -> str:
    """What a server says, as one harmless line."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    # cut last: half a secret could not be found
    text = redactor().text(text)
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= limit else line[:limit] + "..."


def words_of(error: Exception) -> str:
    """An error of asyncssh or of the system, without what only programmers read."""
    if isinstance(error, UnicodeError):
        return "text in an encoding that SSH does not allow"
    if str(error) == _NO_REASON:
        return "it was cut"
    said = error.strerror if isinstance(error, OSError) else None
    return printable(said or str(error), 2 * _QUOTE) or "a message that cannot be read"


def timed_out(stage: Stage, where: str, seconds: float) -> TimedOut:
    """The connect timeout was over."""
    hint = {
        Stage.DIAL: "is the host up, and does a firewall drop the packets?",
        Stage.BANNER: "it is connected but silent: is this sshd, or is the host overloaded?",
        Stage.HANDSHAKE: "is the host overloaded, or is the path's MTU too small?",
        Stage.LOGIN: "does sshd wait for DNS, PAM or a directory server there?",
    }[stage]
    return TimedOut(f"no answer from {where} within {seconds:g} s during {stage.value}: {hint}")


def from_os(error: OSError, where: str) -> HostUnreachable:  # noqa: PLR0911 # one return for each cause
    """The operating system refused a connection, or broke one."""
    if isinstance(error, socket.gaierror):
        if error.errno == socket.EAI_AGAIN:
            return HostUnreachable(
                f"the name of {where} could not be looked up ({error.strerror}): does the name "
                "server of this machine answer? else use an IP address"
            )
        return HostUnreachable(
            f"the name of {where} does not resolve ({error.strerror}): "
            "correct the address or use an IP address"
        )
    match error.errno:
        case errno.ECONNREFUSED:
            return HostUnreachable(f"{where} refuses connections: start sshd or correct the port")
        case errno.EHOSTUNREACH | errno.ENETUNREACH | errno.EADDRNOTAVAIL | errno.EINVAL:
            return HostUnreachable(
                f"no route to {where}: check the address and this machine's network"
            )
        case errno.ETIMEDOUT:
            return TimedOut(
                f"no answer from {where}: is the host up, and is a firewall in the way?"
            )
        case errno.EACCES | errno.EPERM:
            return HostUnreachable(f"this machine's own firewall forbids connections to {where}")
        case errno.EAGAIN | errno.EMFILE | errno.ENFILE | errno.ENOBUFS | errno.ENOMEM:
            return Busy(
                f"this machine has no free {_SHORT_OF[error.errno]}: lower --concurrency, or raise "
                "its limits (ulimit -n)",
                _SAID_SO,
                Hurdle.THIS_MACHINE,
            )
        case errno.ECONNRESET | errno.ECONNABORTED | errno.EPIPE:
            return broken(Stage.DIAL, where)
        case _:
            return HostUnreachable(
                f"the connection to {where} failed: {error.strerror or error}; try again"
            )


def not_ssh(error: NotSsh, where: str) -> HostUnreachable:
    """Something else than an identification line came first."""
    if not error.said:
        return Busy(
            f"{where} closed the connection before its SSH banner: sshd has too many logins at "
            "once (MaxStartups), or bans this address",
            _PERHAPS,
            Hurdle.NO_BANNER,
        )
    if b"MaxStartups" in error.said:
        message = f"{where} has too many logins at once (MaxStartups): try again later"
        return Busy(message, _SAID_SO, Hurdle.MAX_STARTUPS)
    if error.said.startswith(b"Not allowed at this time"):
        return HostUnreachable(
            f"{where} bans this address for a while: see PerSourcePenalties in its sshd_config, "
            "and who else logs in from here in vain"
        )
    said = printable(error.said)
    says = f"it says {said!r}" if said else "it sends no text"
    return HostUnreachable(f"{where} is not an SSH server, {says}: correct the port")


def no_banner(said: bytes, where: str, seconds: float) -> HostUnreachable:
    """The connect timeout was over, and what had come until then is no identification line.

    Args:
        said: not empty.
        where: for the message.
        seconds: the timeout.
    """
    line = said.rpartition(b"\n")[2]
    if line and line.startswith(_BANNER[: len(line)]):
        return TimedOut(
            f"the SSH banner of {where} has begun ({printable(line)!r}) but did not end within "
            f"{seconds:g} s: is the host overloaded, or does the path lose packets?"
        )
    return not_ssh(NotSsh(said), where)


def disconnected(code: int, reason: str, stage: Stage, route: Route) -> HostUnreachable:
    """The SSH connection ended before the login was complete (RFC 4253, 11.1)."""
    said = printable(reason, 2 * _QUOTE)
    if code == _HOST_KEY_NOT_VERIFIABLE:
        return HostKeyRejected(
            f"the host key or certificate of {route.where} is not valid: {said}; renew it there"
        )
    if code == _KEY_EXCHANGE_FAILED:
        return HostUnreachable(
            f"no key exchange with {route.where}: {said}; is its sshd very old, or the path unsafe?"
        )
    if reason == _OTHER_VERSION:
        return HostUnreachable(f"{route.where} speaks no SSH 2 ({said}): update its sshd")
    if code == _TOO_MANY_CONNECTIONS:
        message = f"{route.where} has too many connections: {said}; try again later"
        return Busy(message, _SAID_SO, Hurdle.TOO_MANY)
    if code == _CONNECTION_LOST:
        return broken(stage, route.where)
    return HostUnreachable(f"{route.where} ended {stage.value}: {said}; see sshd's log there")


def broken(stage: Stage, where: str) -> HostUnreachable:
    """The connection ended without a word."""
    message = (
        f"{where} ended the connection during {stage.value}: see sshd's log there "
        "(MaxStartups, LoginGraceTime, AllowUsers, a ban)"
    )
    # a login that is cut may be a refusal, which each further try would make worse
    if stage is Stage.LOGIN:
        return HostUnreachable(message)
    return Busy(message, _PERHAPS, Hurdle.CUT)


def garbled(error: Exception, stage: Stage, where: str) -> HostUnreachable:
    """The server sends what no SSH server may send."""
    return HostUnreachable(
        f"{where} sends garbled data during {stage.value} ({words_of(error)}): "
        "look into its sshd and the path"
    )


def no_forwarding(jump: str, target: str, code: int, reason: str) -> HostUnreachable:
    """The jump host does not open a connection to a target (RFC 4254, 7.2)."""
    said = printable(reason)
    if code == _ADMINISTRATIVELY_PROHIBITED:
        return HostUnreachable(
            f"{jump} may not forward to {target} ({said}): "
            "allow it there (AllowTcpForwarding, PermitOpen)"
        )
    if code == _RESOURCE_SHORTAGE or any(text in said.lower() for text in _SHORTAGES):
        return Busy(
            f"{jump} has too much to do to open {target} ({said}): try again later, or raise its "
            "limits (ulimit -n of sshd)",
            _SAID_SO,
            Hurdle.JUMP_HOST,
        )
    if code == _CONNECT_FAILED:
        message = f"{jump} cannot reach {target} ({said}): is the host up, and the port right?"
        # OpenSSH says only this where its own side fails, as without descriptors
        if said == "open failed":
            return Busy(message, _LIKELY, Hurdle.JUMP_HOST)
        return HostUnreachable(message)
    return HostUnreachable(f"{jump} does not open {target}: {said}")
