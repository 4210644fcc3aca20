"""A kubeconfig -> how to reach one API server and who to be there; nothing in it is executed.

One that a host gives could name programs (`exec`) and files of this machine: of such a one only
what it holds itself is taken.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from scanner.errors import KscanError
from scanner.verify.documents import of_kind
from scanner.verify.objects import Object, mapping, objects, text

_HTTPS_PORT = 443


class NoCredentials(KscanError):
    """There is no way into the cluster; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """One server and one user; its parts are shown nowhere."""

    host: str
    """As the server names itself: a name or an address, without brackets."""
    port: int
    ca: bytes
    """PEM; the server's certificate is verified with it and nothing else."""
    certificate: bytes = field(default=b"", repr=False)
    key: bytes = field(default=b"", repr=False)
    token: str = field(default="", repr=False)
    tls_server_name: str = ""
    """The name that the certificate must have; empty = host."""

    @property
    def server(self) -> str:
        """host:port for messages."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def as_nobody(self, ca: bytes, token: str = "") -> Credentials:
        """The same server for somebody who has only a token, or nothing."""
        return Credentials(self.host, self.port, ca, token=token)


ReadFile = Callable[[str], bytes]


def parse(source: str, where: str, read_file: ReadFile | None = None) -> Credentials:
    """Read the current context.

    Args:
        source: the file's text.
        where: what to call it in messages.
        read_file: reads the files that it names; None for one that came from a host.

    Raises:
        NoCredentials: it cannot be used.
    """
    config = of_kind(source, "Config")
    if config is None:
        raise NoCredentials(f"{where}: not a kubeconfig")
    context = _named(config, "contexts", text(config, "current-context"), "context", where)
    cluster = _named(config, "clusters", text(context, "cluster"), "cluster", where)
    user = _named(config, "users", text(context, "user"), "user", where)
    host, port = server_of(text(cluster, "server"), where)
    ca = _data(cluster, "certificate-authority", where, read_file)
    if not ca:
        raise NoCredentials(f"{where}: names no certificate-authority-data to verify {host} with")
    certificate = _data(user, "client-certificate", where, read_file)
    key = _data(user, "client-key", where, read_file)
    token = text(user, "token")
    if not token and not (certificate and key):
        ways = [way for way in ("exec", "auth-provider", "tokenFile", "username") if way in user]
        why = f"logs in by {', '.join(ways)}, which kscan does not use" if ways else "has no login"
        raise NoCredentials(
            f"{where}: its user {why}: give one with client-certificate-data and client-key-data "
            "or a token, such as admin.conf"
        )
    name = text(cluster, "tls-server-name")
    return Credentials(host, port, ca, certificate, key, token, name)


def server_of(url: str, where: str) -> tuple[str, int]:
    """Host and port of a server's URL.

    Raises:
        NoCredentials: it is no https URL.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or _HTTPS_PORT
    except ValueError:
        host, port = None, 0
    if not host or not url.startswith("https://") or re.search(r"[^0-9A-Za-z.:_-]", host):
        raise NoCredentials(f"{where}: its server is no https URL")
    return host, port


def _named(config: Object, plural: str, name: str, key: str, where: str) -> Object:
    for entry in objects(config, plural):
        if text(entry, "name") == name:
            return mapping(entry, key)
    raise NoCredentials(f"{where}: has no {key} of the name that its current-context needs")


def _data(entry: Object, key: str, where: str, read_file: ReadFile | None) -> bytes:
    inline = text(entry, f"{key}-data")
    if inline:
        try:
            return base64.b64decode(inline, validate=True)
        except (ValueError, binascii.Error):
            raise NoCredentials(f"{where}: its {key}-data is no base64") from None
    path = text(entry, key)
    return read_file(path) if path and read_file is not None else b""
