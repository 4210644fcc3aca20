"""The judgement of one connection's host key, in the two places where asyncssh asks for it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import asyncssh
from asyncssh.public_key import get_default_certificate_algs, get_default_public_key_algs

from scanner.request import HostKeyPolicy
from scanner.transport import key_failures
from scanner.transport.known_hosts import Entry, Marker, Standing, fingerprint, key_type
from scanner.transport.settings import UnknownKey

if TYPE_CHECKING:
    from scanner.errors import HostKeyRejected, HostUnreachable
    from scanner.transport.known_hosts import KnownHosts
    from scanner.transport.route import Route

# Cheap to check, and what sshd makes by default; the rest keeps asyncssh's order
_FIRST = (b"ssh-ed25519", b"ecdsa-sha2-nistp256", b"rsa-sha2-256", b"rsa-sha2-512")
_RSA = "ssh-rsa"


class HostKeyCheck:
    """Judges the keys that one host presents, over all its connections.

    Args:
        host: kscan's label, for the question.
        route: the login, with the policy and the files that count.
        known: the known_hosts files of the run.
        can_ask: an unknown key may be shown to the user.

    After a connection has failed, `again` tells that another one should be tried, for which
    `algorithms` has changed: a key of another type is known, or a certificate is of no use. ssh
    gets there by ordering its algorithms before it connects, for which it must compare every
    hashed entry with the host's name.
    """

    def __init__(self, host: str, route: Route, known: KnownHosts, *, can_ask: bool):
        self._host = host
        self._takes_new = can_ask or route.host_keys is HostKeyPolicy.ACCEPT_NEW
        self._route = route
        self._known = known
        self._preferred: tuple[str, ...] = ()
        self._refused: list[bytes] = []
        authorities = known.marked(route.known_hosts, route.key_names, Marker.AUTHORITY)
        self._authorities = frozenset(entry.key for entry in authorities)
        by_file = (HostKeyPolicy.STRICT, HostKeyPolicy.ACCEPT_NEW)
        self._certificates = bool(authorities) and route.host_keys in by_file
        self.again = False
        self.error: HostUnreachable | None = None
        self.unknown: bytes | None = None
        """A key that waits for the user's or the policy's word."""

    def algorithms(self) -> list[str]:
        """Host key algorithms to offer, best first."""
        refused = frozenset(key_type(key) for key in self._refused)
        return _algorithms(refused, self._preferred, certificates=self._certificates)

    def revoked(self) -> list[asyncssh.SSHKey]:
        """Keys that asyncssh must refuse inside a certificate; plain ones are judged here."""
        if not self._certificates:
            return []
        entries = self._known.marked(self._route.known_hosts, self._route.key_names, Marker.REVOKED)
        return [key for entry in entries if (key := _public_key(entry)) is not None]

    def accepts(self, key: bytes) -> bool:
        """Judge a plain key; an unknown one that may be asked for is accepted until further."""
        self.again = False
        self.error = None
        self.unknown = None
        policy = self._route.host_keys
        if policy is HostKeyPolicy.OFF:
            return True
        if isinstance(policy, tuple):
            return self._is_pinned(key, policy)
        found = self._known.judge(self._route.known_hosts, self._route.key_names, key)
        match found.standing:
            case Standing.KNOWN:
                return True
            case Standing.REVOKED:
                self.error = key_failures.revoked_key(self._route, key, found.entries[0])
            case Standing.CHANGED:
                self.error = key_failures.changed_key(self._route, key, found.entries)
            case Standing.OTHER_TYPE if not self._preferred:
                self._preferred = tuple(key_type(entry.key) for entry in found.entries)
                self.again = True
            case Standing.OTHER_TYPE:
                # it was asked for the known types first and has none of them any more
                self.error = key_failures.changed_key(self._route, key, found.entries)
            case Standing.UNKNOWN if self._takes_new:
                self.unknown = key
                return True
            case Standing.UNKNOWN:
                self.error = key_failures.unknown_key(self._route, key)
        return False

    def accepts_authority(self, key: bytes) -> bool:
        """Judge the key that signed a host certificate (sshd(8), @cert-authority)."""
        if key in self._authorities:
            return True
        self._certificates = False
        self.again = True
        return False

    def question(self, key: bytes) -> UnknownKey:
        """The row for the user."""
        return UnknownKey(self._host, self._route.key_names[0], key_type(key), fingerprint(key))

    def remember(self, key: bytes) -> bool:
        """Append an accepted key to known_hosts.

        Returns:
            False if another connection of this run has brought a different key for this name
            meanwhile; then `error` says so.

        Raises:
            OSError: the file cannot be written; the key counts for this run all the same.
        """
        self.unknown = None
        found = self._known.judge(self._route.known_hosts, self._route.key_names, key)
        if found.standing is Standing.KNOWN:
            return True
        if found.standing is not Standing.UNKNOWN:
            self.error = key_failures.changed_key(self._route, key, found.entries)
            return False
        file = self._known.file(self._route.known_hosts[0])
        file.append(self._route.key_names[0], key, hashed=self._route.hash_names)
        return True

    def _is_pinned(self, key: bytes, pins: tuple[str, ...]) -> bool:
        if fingerprint(key) in {pin.rstrip("=") for pin in pins}:
            return True
        self._refused.append(key)
        # a pin does not say its type, so each type that the host has must be looked at
        self.again = True
        return False

    def pin_error(self) -> HostKeyRejected | None:
        """Why the last try failed, if the host has no further key to look at."""
        return key_failures.unpinned_key(self._route, self._refused) if self._refused else None


@functools.lru_cache(maxsize=64)
def _algorithms(
    refused: frozenset[str], preferred: tuple[str, ...], *, certificates: bool
) -> list[str]:
    """What to offer, best first; nearly all hosts of a run share one list, which nobody changes.

    Args:
        refused: key types that are not wanted.
        preferred: key types that come first.
        certificates: host certificates come before all keys.
    """
    default = get_default_public_key_algs()
    order = [alg for alg in _FIRST if alg in default]
    order += [alg for alg in default if alg not in order]
    plain = [alg for alg in order if _type_of(alg) not in refused]
    first = [alg for alg in plain if _type_of(alg) in preferred]
    last = [alg for alg in plain if alg not in first]
    signed = get_default_certificate_algs() if certificates else []
    return [alg.decode("ascii") for alg in (*signed, *first, *last)]


def _type_of(algorithm: bytes) -> str:
    """The key type that a signature algorithm belongs to (RFC 8332 for RSA)."""
    name = algorithm.decode("ascii")
    return _RSA if name.startswith(("rsa-", "ssh-rsa")) else name


def _public_key(entry: Entry) -> asyncssh.SSHKey | None:
    try:
        return asyncssh.public_key.decode_ssh_public_key(entry.key)
    except asyncssh.KeyImportError:
        return None
