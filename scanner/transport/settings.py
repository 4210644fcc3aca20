"""What an SSH transport reads and how long it waits; the same for every host of a run."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class UnknownKey:
    """A host key that no known_hosts file has: one row of the question to the user."""

    host: str
    """kscan's label of the host, or of the jump host."""
    name: str
    """As it will stand in known_hosts: `192.0.2.11`, `[192.0.2.11]:2222` or an alias."""
    key_type: str
    """`ssh-ed25519`, `ssh-rsa`, ... (RFC 4253, 6.6)."""
    fingerprint: str
    """`SHA256:...`, as ssh-keygen -l prints it."""


AskHostKeys: TypeAlias = Callable[[Sequence[UnknownKey]], Awaitable[frozenset[UnknownKey]]]
"""Shows all unknown keys at once and returns those that the user accepts."""


def _ssh_folder() -> Path:
    return Path("~/.ssh").expanduser()


def _user_known_hosts() -> tuple[Path, ...]:
    return (_ssh_folder() / "known_hosts", _ssh_folder() / "known_hosts2")


def _identity_files() -> tuple[Path, ...]:
    # ssh(1) has RSA first; the cheap signatures go first here, because each refused one costs a try
    return tuple(_ssh_folder() / name for name in ("id_ed25519", "id_ecdsa", "id_rsa"))


def _config_file() -> Path | None:
    return _ssh_folder() / "config"


def _agent_socket() -> str | None:
    return os.environ.get("SSH_AUTH_SOCK") or None


@dataclass(frozen=True, slots=True)
class SshSettings:
    """Defaults are OpenSSH's own places (ssh(1), FILES), taken when the value is made."""

    config: Path | None = field(default_factory=_config_file)
    """ssh_config(5) of the user; None reads none. A file that does not exist is an empty one."""
    user_known_hosts: tuple[Path, ...] = field(default_factory=_user_known_hosts)
    """sshd(8), SSH_KNOWN_HOSTS FILE FORMAT; accepted keys are appended to the first one."""
    global_known_hosts: tuple[Path, ...] = (
        Path("/etc/ssh/ssh_known_hosts"),
        Path("/etc/ssh/ssh_known_hosts2"),
    )
    identity_files: tuple[Path, ...] = field(default_factory=_identity_files)
    """Tried where neither the inventory nor the configuration names one."""
    agent: str | None = field(default_factory=_agent_socket)
    """Path of the agent's socket; None uses no agent."""
    ask: AskHostKeys | None = None
    """How to ask for unknown host keys; None (no terminal) refuses them."""
    connect_timeout: float = 10.0
    """Seconds from the first packet to the SSH banner."""
    login_timeout: float = 30.0
    """Seconds from the banner to the end of the login, without the time spent waiting for our own
    limits or for the user. A host that speaks is there: sshd may wait for DNS (UseDNS) or a
    directory server, and a hundred machines of one hypervisor may log in at once."""
    handshakes: int = 32
    """Key exchanges and logins at once. They are this process's CPU: about 5 ms each."""
    handshakes_per_jump: int = 8
    """The same behind one jump host, below the 10 of sshd's MaxStartups 10:30:100."""
    answer_seconds: float = 0.5
    """A host that has not answered for so long is waited for, not worked on: its place is lent."""
    handshake_seconds: float = 0.3
    """The same for a host that falls silent in the handshake, whose slot another one gets then."""
    retry_seconds: float = 0.25
    """The longest wait before the first retry; each further one doubles it (see retries)."""
    held_connections: int = 100
    """Connections kept open while the user reads the question; the others are opened again."""
    close_timeout: float = 0.75
    """Seconds for an orderly end of a connection; after that it is cut."""
    keepalive: float = 0.0
    """Seconds between signs of life of a host, three of which may be missing; 0 asks for none. For
    those that are waited for longer than a script takes."""
