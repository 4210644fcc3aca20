"""The syntax of single values that are neither names nor addresses. Or ValueError."""

from __future__ import annotations

import datetime
import posixpath
import re
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from scanner.inventory import addresses
from scanner.inventory.problems import one_of, quoted
from scanner.request import HostKeyPolicy
from scanner.versions import Version, parse_version

E = TypeVar("E", bound=StrEnum)

_MINOR = re.compile(r"v?([0-9]{1,4}\.[0-9]{1,4})")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SOCKET = re.compile(r"(?:unix://)?/[A-Za-z0-9._/@+-]+")
"""It is a word of the probe's script: blanks and wildcards would make other words of it."""
_KUBERNETES = "/etc/kubernetes"
_NOT_ETCDS = (_KUBERNETES, f"{_KUBERNETES}/manifests", f"{_KUBERNETES}/pki", "/var/lib/kubelet")
"""What kubeadm's init writes to and its reset empties (phases/reset/cleanupnode.go)."""
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_POLICIES = "strict, accept-new, off or a list of SHA256:... fingerprints"


def version(text: str) -> Version:
    """A full Kubernetes version."""
    try:
        return parse_version(text)
    except ValueError:
        minor = _MINOR.fullmatch(text.strip())
        example = f"v{minor[1]}.0" if minor else "v1.30.0"
        raise ValueError(
            f"read as {text.strip()[:40]}, which is not a full version; write one such as"
            f" {example}, because some checks change in a patch release"
        ) from None


def boolean(text: str) -> bool:
    """`true` or `false`, and none of YAML 1.1's other words."""
    if text not in ("true", "false"):
        raise ValueError(f"expected true or false, not {quoted(text)}")
    return text == "true"


def choice(kind: type[E], noun: str) -> Callable[[str], E]:
    """Make a reader of an enum's values.

    Args:
        kind: the enum.
        noun: what a value is called in the message.
    """

    def read(text: str) -> E:
        try:
            return kind(text)
        except ValueError:
            expected = one_of(member.value for member in kind)
            raise ValueError(f"unknown {noun} {quoted(text)}, expected {expected}") from None

    return read


def host_key_policy(text: str) -> HostKeyPolicy:
    """A policy for host keys; pinned fingerprints are a list and not this."""
    try:
        return HostKeyPolicy(text)
    except ValueError:
        raise ValueError(f"unknown policy {quoted(text)}, expected {_POLICIES}") from None


def fingerprint(text: str) -> str:
    """A host key's fingerprint as `ssh-keygen -l` prints it."""
    if not _FINGERPRINT.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no fingerprint: expected SHA256: and 43 characters")
    return text


def date(text: str) -> datetime.date:
    """A day, `2027-01-31`."""
    expected = f"expected a day such as 2027-01-31, not {quoted(text)}"
    if not _DATE.fullmatch(text):  # fromisoformat also reads weeks, 2027-W05-7
        raise ValueError(expected)
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError(expected) from None


def line(text: str) -> str:
    """Any text in one line that is not blank."""
    if not text.strip() or not text.isprintable():
        raise ValueError("expected one line of printable text")
    return text


def source(text: str) -> str:
    """A path on this machine or a URL without a login, which the report would show.

    kubectl takes for URLs what begins with http:// or https:// in lower case, and all else for
    paths; a host fetches them. Source: resource.Builder.FilenameParam of cli-runtime.
    """
    scheme, colon, rest = line(text).partition("://")
    if not colon:
        return text
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    if "@" in authority:
        raise ValueError("a URL here takes no user or password, which reports would show")
    # a token may be in the query, and is not repeated
    shown = quoted(text.split("?", 1)[0])
    if scheme not in ("http", "https"):
        raise ValueError(
            f"{shown} is no URL that kubectl fetches: expected http:// or https://, in lower case,"
            " or a path without ://"
        )
    if " " in text or _NO_ESCAPE.search(text.split("?", 1)[0]):
        raise ValueError(f"{shown}: a blank or a % in a URL is written %20, %25")
    try:
        url = urlsplit(text)
        port = url.port
        addresses.address(url.hostname or "")
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError(f"{shown}: expected a URL such as https://host/file.yaml")
    return text


def absolute_path(text: str) -> str:
    """A path on the host."""
    if not text.startswith("/") or not text.isprintable():
        raise ValueError(f"{quoted(text)} is not an absolute path")
    return text


def etcd_directory(text: str) -> str:
    """Where etcd keeps its data: `kubeadm reset` empties it, with all that lies in it."""
    path = posixpath.normpath(f"/{absolute_path(text).lstrip('/')}")
    for owned in _NOT_ETCDS:
        # what holds one of them is as wrong as what lies in it; files beside them are not
        inside = path == owned or (owned != _KUBERNETES and path.startswith(f"{owned}/"))
        if inside or path == "/" or owned.startswith(f"{path}/"):
            raise ValueError(
                f"{quoted(text)} is no place for etcd: kubeadm keeps other files in {owned}, and"
                " its reset empties dataDir; give etcd a directory of its own, such as"
                " /var/lib/etcd"
            )
    return text


def cri_socket(text: str) -> str:
    """A container runtime's socket: an absolute path, with or without `unix://`."""
    if not _SOCKET.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no socket: expected unix:///run/NAME.sock")
    return text
