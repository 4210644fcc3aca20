"""A server that lets this login in by no key and no password, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.errors import LoginRefused
from scanner.transport.failures import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.transport.route import Route

# RFC 4253, 11.1: reasons of a disconnect
_PROTOCOL_ERROR = 2
_NO_MORE_AUTH_METHODS = 14


def is_refusal(code: int, reason: str) -> bool:
    """True if a disconnect means that no key was accepted."""
    return code == _NO_MORE_AUTH_METHODS or is_too_many(code, reason)


def is_too_many(code: int, reason: str) -> bool:
    """True if sshd counted too many tries (MaxAuthTries in sshd_config(5))."""
    return code in (_PROTOCOL_ERROR, _NO_MORE_AUTH_METHODS) and "too many" in reason.lower()


def refused(
    route: Route,
    offered: Sequence[str],
    skipped: Sequence[str],
    *,
    asked: bool,
    too_many: bool,
    password: str = "",
) -> LoginRefused:
    """No key and no password was accepted.

    Args:
        route: the login.
        offered: the keys that were tried, as the user knows them.
        skipped: the keys that could not be tried, with the reason.
        asked: the server takes public keys at all.
        too_many: sshd stopped listening before all keys were tried.
        password: what became of the password, as a clause.
    """
    parts = [f"{route.where} refuses user {route.user}"]
    if not asked:
        parts.append("it takes no public keys (PubkeyAuthentication)")
    elif too_many:
        parts.append(
            f"too many keys were tried ({', '.join(offered)}): "
            "name the right one (identityFile) and set IdentitiesOnly in ~/.ssh/config"
        )
    elif offered:
        parts.append(
            f"tried {', '.join(offered)}: is it in ~{route.user}/.ssh/authorized_keys there?"
        )
    else:
        parts.append("no key to offer: name one (identityFile) or add it to an agent (ssh-add)")
    if skipped:
        parts.append(f"not tried: {', '.join(skipped)}")
    if password and not too_many:
        parts.append(password)
    return LoginRefused("; ".join(parts))


def other_question(question: str) -> str:
    """The server asks for more than a password."""
    return f"it asks for something else than a password ({printable(question)!r})"
