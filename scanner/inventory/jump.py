"""The host that connections go through: one of `jumpHosts`, else an alias of ~/.ssh/config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from scanner.inventory import words
from scanner.inventory.problems import quoted
from scanner.request import HostKeys, Login

NONE = "none"
"""`--jump none` connects directly, as OpenSSH's `ProxyJump none` does."""


def check(text: str) -> None:
    """Check the value of `--jump`.

    Raises:
        ValueError: it is not one `[user@]host[:port]`.
    """
    if "," in text:
        raise ValueError("a chain of jump hosts is not supported yet; give one")
    if len(words.split(text).hosts) > 1:
        raise ValueError(f"{quoted(text)} is more than one host")


def login(
    text: str, known: Mapping[str, Login], host_keys: HostKeys | None, identity_file: Path | None
) -> Login:
    """The login of a jump host.

    Args:
        text: a name in `known`, else `[user@]host[:port]`, whose other settings are left to
            ~/.ssh/config.
        known: the inventory's `jumpHosts` by name.
        host_keys: for a host that is not known.
        identity_file: the same; the command line's key, if it names one.
    """
    if text in known:
        return known[text]
    word = words.split(text)
    return Login(
        word.hosts[0],
        port=word.port,
        user=word.user,
        identity_file=identity_file,
        host_keys=host_keys,
    )
