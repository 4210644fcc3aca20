"""What is offered in a key exchange: the cheap algorithms first, everything usual behind them."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from asyncssh.encryption import get_encryption_algs
from asyncssh.kex import get_kex_algs
from asyncssh.mac import get_mac_algs

from scanner.errors import HostUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# A leading ^ keeps the rest of asyncssh's defaults behind these (ssh_config(5), Ciphers)
_PREFERRED = {
    "kex_algs": "^curve25519-sha256,curve25519-sha256@libssh.org",
    "encryption_algs": "^aes128-gcm@openssh.com,aes256-gcm@openssh.com",
}

_SUPPORTED: dict[str, tuple[str, Callable[[], list[bytes]]]] = {
    "KexAlgorithms": ("kex_algs", get_kex_algs),
    "Ciphers": ("encryption_algs", get_encryption_algs),
    "MACs": ("mac_algs", get_mac_algs),
}

OPTIONS = tuple(_SUPPORTED)
"""The options of ssh_config(5) that are honoured."""


def offered(configured: Mapping[str, str]) -> dict[str, str]:
    """The lists for one connection, by asyncssh's names.

    Args:
        configured: what the user's configuration says for OPTIONS. Names that asyncssh does not
            have are left out, because the file is OpenSSH's and may name newer ones.

    Raises:
        HostUnreachable: nothing is left of a list.
    """
    lists = dict(_PREFERRED)
    for option, text in configured.items():
        name, supported = _SUPPORTED[option]
        prefix = text[:1] if text[:1] in "^+-" else ""
        known = [alg.decode("ascii") for alg in supported()]
        patterns = text[len(prefix) :].split(",")
        usable = [p for p in patterns if any(fnmatchcase(alg, p) for alg in known)]
        if usable:
            lists[name] = prefix + ",".join(usable)
        elif not prefix:
            raise HostUnreachable(
                f"{option} in ~/.ssh/config allows only {text}, which kscan does not have"
            )
    return lists
