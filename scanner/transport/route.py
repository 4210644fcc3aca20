"""Where a login leads: the inventory's values, then ~/.ssh/config, then OpenSSH's defaults."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from scanner.errors import HostUnreachable
from scanner.request import HostKeyPolicy, HostKeys, Login
from scanner.transport.algorithms import OPTIONS

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from scanner.secrets.secret import Secret
    from scanner.transport.config import ConfigFiles
    from scanner.transport.settings import SshSettings

SSH_PORT = 22


@dataclass(frozen=True, slots=True)
class Route:
    """One login with nothing left open."""

    address: str
    """What is dialled: an IP address or a name."""
    port: int
    user: str
    family: int
    """An address family of the socket module; AF_UNSPEC for any."""
    key_names: tuple[str, ...]
    """Names in known_hosts: the first is the host's own, under the others it is accepted too."""
    alias: str | None
    """HostKeyAlias."""
    host_keys: HostKeys
    may_ask: bool
    """False if StrictHostKeyChecking is yes: then unknown keys are refused on a terminal too."""
    known_hosts: tuple[Path, ...]
    """The first one is written to."""
    hash_names: bool
    identities: tuple[Path, ...]
    """Keys that were asked for by name; empty for the defaults."""
    certificates: tuple[Path, ...]
    """Of the user, beside those that lie next to their keys (CertificateFile)."""
    identities_only: bool
    agent: str | None
    """The agent's socket."""
    jump: Login | None
    """The last jump host before it, as the inventory or the configuration has it."""
    algorithms: Mapping[str, str]
    """KexAlgorithms and the like, as the configuration has them."""
    password: Secret | None = None
    """Tried once, after the keys."""
    passphrase: Secret | None = None
    """Of the keys in files."""

    @property
    def where(self) -> str:
        """For messages: `192.0.2.1 port 22`."""
        return f"{self.address} port {self.port}"

    @property
    def machine(self) -> tuple[str, int]:
        """Equal for two spellings of the same sshd."""
        return (self.address, self.port)

    @property
    def connection(self) -> Hashable:
        """Equal for two spellings of a login that one connection can serve.

        All that makes the connection is in it but the jump hosts before it: a host that wants its
        jump host's key checked must not be given a connection for which it was not.
        """
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        del own["jump"], own["algorithms"]
        return (*own.values(), frozenset(self.algorithms.items()))


def find_route(login: Login, files: ConfigFiles, settings: SshSettings) -> Route:
    """Apply the configuration and the defaults to a login.

    Raises:
        HostUnreachable: the configuration is wrong, or asks for what kscan does not do.
    """
    config = files.options(login)

    def get(option: str) -> Any:  # asyncssh's options are typed by their handlers only
        return config.get(option)

    address = str(get("Hostname") or login.address)
    port = int(get("Port") or SSH_PORT)
    alias = get("HostKeyAlias")
    jump = login.jump
    if jump is None and not login.direct:
        jump = _proxy_jump(get("ProxyJump"))
    if jump is None and not login.direct and get("ProxyCommand"):
        raise HostUnreachable(
            f"~/.ssh/config has a ProxyCommand for {login.address}, which kscan does not run: "
            "use ProxyJump, or jump in the inventory"
        )
    host_keys, may_ask = _policy(login.host_keys, get("StrictHostKeyChecking"))
    given = (login.identity_file,) if login.identity_file else get("IdentityFile") or ()
    algorithms = {option: str(get(option)) for option in OPTIONS if get(option)}
    return Route(
        address=address,
        port=port,
        user=str(get("User") or files.local_user),
        family=int(get("AddressFamily") or socket.AF_UNSPEC),
        key_names=_key_names(address, port, alias),
        alias=alias,
        host_keys=host_keys,
        may_ask=may_ask,
        # accepted keys go to the first one, which must not be a global file
        known_hosts=(
            _files(get("UserKnownHostsFile"), settings.user_known_hosts) or (Path(os.devnull),)
        )
        + _files(get("GlobalKnownHostsFile"), settings.global_known_hosts),
        hash_names=bool(get("HashKnownHosts")),
        identities=tuple(Path(path).expanduser() for path in given),
        certificates=tuple(Path(path).expanduser() for path in get("CertificateFile") or ()),
        identities_only=bool(get("IdentitiesOnly")),
        agent=_agent(cast("str | None", config.get("IdentityAgent", "")), settings.agent),
        jump=jump,
        algorithms=algorithms,
        password=login.password,
        passphrase=login.passphrase,
    )


def _key_names(address: str, port: int, alias: str | None) -> tuple[str, ...]:
    """As ssh(1) does: an alias stands alone, another port than 22 is part of the name."""
    if alias:
        return (alias.lower(),)
    name = address.lower()
    return (name,) if port == SSH_PORT else (f"[{name}]:{port}", name)


def _policy(host_keys: HostKeys | None, configured: str | None) -> tuple[HostKeys, bool]:
    """The inventory's policy, else the configuration's; and whether the user may be asked."""
    if host_keys is not None:
        return host_keys, host_keys is HostKeyPolicy.STRICT
    match (configured or "ask").lower():
        case "accept-new":
            return HostKeyPolicy.ACCEPT_NEW, False
        case "no" | "off" | "false":
            return HostKeyPolicy.OFF, False
        case "ask":
            return HostKeyPolicy.STRICT, True
        case _:
            return HostKeyPolicy.STRICT, False


def _files(configured: list[str] | None, default: tuple[Path, ...]) -> tuple[Path, ...]:
    """The configured files; `none` is an empty list (ssh_config(5))."""
    if configured is None:
        return default
    return tuple(Path(path).expanduser() for path in configured)


def _agent(configured: str | None, default: str | None) -> str | None:
    """IdentityAgent: a socket, `none`, `SSH_AUTH_SOCK` or `$NAME` (ssh_config(5))."""
    if configured in {"", "SSH_AUTH_SOCK"}:
        return default
    if configured is None:  # `none`
        return None
    if configured.startswith("$"):
        return os.environ.get(configured[1:]) or None
    return str(Path(configured).expanduser())


def _proxy_jump(configured: str | None) -> Login | None:
    """ProxyJump: `[user@]host[:port]` or `ssh://...`, with commas between; the last of them."""
    jump: Login | None = None
    for word in configured.split(",") if configured else ():
        jump = replace(_proxy_jump_word(word), jump=jump)
    return jump


def _proxy_jump_word(configured: str) -> Login:
    uri = configured if configured.startswith("ssh://") else f"ssh://{configured}"
    try:
        parts = urlsplit(uri)
        user, host, port = parts.username, parts.hostname, parts.port
    except ValueError:
        user, host, port = None, None, None
    if not host:
        raise HostUnreachable(f"ProxyJump {configured} is not [user@]host[:port]")
    # urlsplit lowers the host, but an alias of ~/.ssh/config is compared with case
    start = uri.lower().rfind(host, len("ssh://"))
    return Login(address=uri[start : start + len(host)], port=port, user=user)
