"""The hosts that connections go through: of `jumpHosts`, else aliases of ~/.ssh/config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from scanner.inventory import words
from scanner.inventory.problems import quoted
from scanner.request import HostKeys, Login

NONE = "none"
"""`--jump none` connects directly, as OpenSSH's `ProxyJump none` does."""


def split(text: str) -> tuple[str, ...]:
    """The words of `--jump`, in the order in which the hosts are passed; empty for `none`.

    Raises:
        ValueError: they are not `[user@]host[:port]` with commas between them.
    """
    if text == NONE:
        return ()
    parts = tuple(text.split(","))
    for part in parts:
        if len(words.split(part).hosts) > 1:
            raise ValueError(f"{quoted(part)} is more than one host")
        if parts.count(part) > 1:
            raise ValueError(f"the jump hosts make a loop: {quoted(part)} is named twice")
    return parts


def chain(
    names: Sequence[str],
    known: Mapping[str, Login],
    host_keys: HostKeys | None,
    identity_file: Path | None,
) -> Login | None:
    """The login of the last jump host, whose `jump` is the one before it; None for no names.

    Args:
        names: each in `known`, else `[user@]host[:port]`, whose other settings are left to
            ~/.ssh/config.
        known: the inventory's `jumpHosts` by name.
        host_keys: for a host that is not known.
        identity_file: the same; the command line's key, if it names one.
    """
    through: Login | None = None
    for name in names:
        login = known.get(name)
        if login is None:
            word = words.split(name)
            login = Login(
                word.hosts[0],
                port=word.port,
                user=word.user,
                identity_file=identity_file,
                host_keys=host_keys,
            )
        through = replace(login, jump=through)
    return through
