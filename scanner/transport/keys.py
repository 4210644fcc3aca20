"""The user's keys: files and agents, each read once for the run and shared by all connections."""

from __future__ import annotations

import asyncio
import base64
import copy
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import asyncssh
from asyncssh.public_key import SSHOpenSSHCertificate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from scanner.secrets.secret import Secret
    from scanner.transport.route import Route

_OPENSSH_KEY = re.compile(
    rb"-----BEGIN OPENSSH PRIVATE KEY-----(.+?)-----END OPENSSH PRIVATE KEY-----", re.DOTALL
)
_USER_CERTIFICATE = 1  # SSH_CERT_TYPE_USER (PROTOCOL.certkeys)
AGENT_TIMEOUT = 5.0
"""Seconds for an agent's list of keys, which needs no word of the user."""

_OPENSSH_MAGIC = b"openssh-key-v1\0"


@dataclass(frozen=True, slots=True)
class Identity:
    """A key that can sign, and what the user calls it."""

    pair: asyncssh.SSHKeyPair
    name: str

    def for_connection(self) -> asyncssh.SSHKeyPair:
        """A copy: asyncssh writes the signature algorithm of one server into the pair."""
        return copy.copy(self.pair)


@dataclass(frozen=True, slots=True)
class Identities:
    """What one login offers, in this order."""

    keys: tuple[Identity, ...]
    skipped: tuple[str, ...]
    """Keys that cannot be used, each with its reason."""


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    pairs: tuple[asyncssh.SSHKeyPair, ...] = ()
    public: bytes | None = None
    """The public key, which is known even where the private one is locked."""
    problem: str = ""
    certificates: Mapping[bytes, SSHOpenSSHCertificate] = field(default_factory=dict)
    """By what is sent of them."""


class _SharedAgent(asyncssh.SSHAgentClient):
    """One agent for many connections.

    The protocol has no request numbers. A login that is cancelled while it waits for the agent
    must not leave its answer to the next one, so a request that was sent is always finished.
    """

    async def get_keys(
        self, identities: Sequence[bytes] | None = None
    ) -> Sequence[asyncssh.SSHKeyPair]:
        """All keys."""
        return await asyncio.shield(super().get_keys(identities))

    async def sign(self, key_blob: bytes, data: bytes, flags: int = 0) -> bytes:
        """Sign; one request after the other."""
        return await asyncio.shield(super().sign(key_blob, data, flags))


class Keys:
    """All keys of a run."""

    def __init__(self, default_files: tuple[Path, ...]):
        self._default_files = default_files
        self._files: dict[tuple[Path, tuple[Path, ...], Secret | None], _File] = {}
        self._files_lock = asyncio.Lock()
        self._agents: dict[str, asyncssh.SSHAgentClient] = {}
        self._agent_keys: dict[str, tuple[asyncssh.SSHKeyPair, ...]] = {}
        self._agent_problems: dict[str, str] = {}
        self._lock = asyncio.Lock()

    async def identities(self, route: Route) -> Identities:
        """The keys for a login.

        Keys asked for by name come first, by the agent where it has them; then the agent's
        others unless IdentitiesOnly; the default files only where none was asked for.
        """
        agent_keys: tuple[asyncssh.SSHKeyPair, ...] = ()
        if route.agent:
            agent_keys = await self._ask_agent(route.agent)
        named = bool(route.identities)
        paths = route.identities or self._default_files
        files = [await self._file(path, route.certificates, route.passphrase) for path in paths]
        in_files = {file.public for file in files}
        agent = [(key, _agent_name(key)) for key in agent_keys]
        wanted = [(key, name) for key, name in agent if key.key_public_data in in_files]
        others = [(key, name) for key, name in agent if key.key_public_data not in in_files]
        in_agent = {key.key_public_data for key in agent_keys}
        local = [
            (pair, _pair_name(pair, file, route.user))
            for file in files
            if file.public not in in_agent
            for pair in file.pairs
        ]
        if named:
            order = wanted + local + ([] if route.identities_only else others)
        else:
            order = (wanted if route.identities_only else wanted + others) + local
        skipped = [
            f"{file.name} ({file.problem})"
            for file in files
            if file.problem and file.public not in in_agent and (named or file.problem != _MISSING)
        ]
        if route.agent in self._agent_problems:
            skipped.append(f"the agent ({self._agent_problems[route.agent]})")
        return Identities(tuple(Identity(key, name) for key, name in order), tuple(skipped))

    async def aclose(self) -> None:
        """Close the agents' connections."""
        for agent in self._agents.values():
            agent.close()
            await agent.wait_closed()
        self._agents.clear()

    async def _file(
        self, path: Path, certificates: tuple[Path, ...], passphrase: Secret | None
    ) -> _File:
        key = (path, certificates, passphrase)
        if key in self._files:
            return self._files[key]
        if passphrase is None:
            self._files[key] = _read(path, certificates, None)
            return self._files[key]
        async with self._files_lock:
            if key not in self._files:
                # OpenSSH's way from a passphrase to a key takes a second of CPU, on purpose
                self._files[key] = await asyncio.to_thread(_read, path, certificates, passphrase)
        return self._files[key]

    async def _ask_agent(self, socket: str) -> tuple[asyncssh.SSHKeyPair, ...]:
        async with self._lock:
            if socket not in self._agent_keys:
                agent = self._agents.setdefault(socket, _SharedAgent(socket))
                keys: Sequence[asyncssh.SSHKeyPair] = ()
                try:
                    async with asyncio.timeout(AGENT_TIMEOUT):
                        keys = await agent.get_keys()
                except TimeoutError:
                    self._agent_problems[socket] = f"no answer within {AGENT_TIMEOUT:g} s"
                except (ValueError, OSError) as error:
                    self._agent_problems[socket] = str(error)
                self._agent_keys[socket] = tuple(keys)
        return self._agent_keys[socket]


_MISSING = "no such file"
_LOCKED = "it has a passphrase: give it as passphrase, or add the key with ssh-add"
_ONLY_PUBLIC = "a public key that the agent does not have"
_WRONG = "its passphrase is wrong: correct passphrase"


class _WrongPassphrase(Exception):
    """The key is encrypted, and not with this one."""


def _read(path: Path, certificate_files: tuple[Path, ...], passphrase: Secret | None) -> _File:
    """Read an identity file: a private key, or a public one whose private key the agent has."""
    name = str(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return _File(name, problem=_MISSING)
    except OSError as error:
        return _File(name, problem=error.strerror or "cannot be read")
    try:
        key = _import(data, passphrase)
        # the certificates that fit this key go before the key alone
        own = path.with_name(path.name + "-cert.pub")
        certificates = [cert for file in (own, *certificate_files) if (cert := _certificate(file))]
        pairs = tuple(asyncssh.load_keypairs([key], certlist=certificates))
        by_data = {
            certificate.public_data: certificate
            for certificate in certificates
            if isinstance(certificate, SSHOpenSSHCertificate)
        }
        return _File(name, pairs, key.public_data, certificates=by_data)
    except _WrongPassphrase:
        reason, problem = "", _WRONG
    except asyncssh.KeyEncryptionError as error:
        reason, problem = "", f"it cannot be decrypted: {error}"
    except ValueError as error:
        reason = str(error)
        problem = _LOCKED if "passphrase" in reason.lower() else ""
    public = _public(path, data)
    if not problem:
        problem = f"not a private key: {reason}" if public is None else _ONLY_PUBLIC
    return _File(name, public=public, problem=problem)


def _import(data: bytes, passphrase: Secret | None) -> asyncssh.SSHKey:
    """The private key; a passphrase that it does not need changes nothing."""
    if passphrase is None:
        return asyncssh.import_private_key(data)
    try:
        return asyncssh.import_private_key(data, passphrase.reveal())
    except asyncssh.KeyEncryptionError as error:
        if "passphrase" not in str(error).lower():  # such as a cipher that asyncssh has not
            raise
        raise _WrongPassphrase from None
    except ValueError:
        # A PEM file has no check of its own: what a wrong passphrase makes of it is mostly no
        # padding, and once in 256 times a padding with any bytes before it.
        if b"ENCRYPTED" not in data:
            raise
        raise _WrongPassphrase from None


def _pair_name(pair: asyncssh.SSHKeyPair, file: _File, user: str) -> str:
    """What the user calls a key; of a certificate, also why it may be refused."""
    if not pair.has_cert:
        return file.name
    # the server judges it, by its own clock; here it only explains a refusal
    certificate = file.certificates.get(pair.public_data)
    reason = "" if certificate is None else _unfit(certificate, user)
    return f"the certificate of {file.name}{reason}"


def _unfit(certificate: SSHOpenSSHCertificate, user: str) -> str:
    """Why a server that trusts the certificate's authority would refuse it for this user."""
    try:
        certificate.validate(_USER_CERTIFICATE, user)
    except ValueError as error:
        said = str(error).lower()
        names = ", ".join(certificate.principals)
        return {
            "certificate expired": " (it has expired: have the key signed anew)",
            "certificate not yet valid": " (it is not valid yet: compare the clocks)",
            "certificate principal mismatch": f" (it is for {names}, not for {user})",
            "invalid certificate type": " (it is a host's certificate, not a user's)",
        }.get(said, f" ({said})")
    return ""


def _certificate(path: Path) -> asyncssh.SSHCertificate | None:
    try:
        return asyncssh.read_certificate(path)
    except (asyncssh.KeyImportError, OSError):
        return None


def _public(path: Path, data: bytes) -> bytes | None:
    """The public half of a key that cannot be used itself."""
    try:
        return asyncssh.import_public_key(data).public_data
    except (asyncssh.KeyImportError, ValueError):
        pass
    try:
        return asyncssh.read_public_key(path.with_name(path.name + ".pub")).public_data
    except (asyncssh.KeyImportError, ValueError, OSError):
        pass
    found = _OPENSSH_KEY.search(data)
    if found is None:
        return None
    # PROTOCOL.key: magic, cipher, kdf, kdf options, number of keys, public key, private keys
    blob = base64.b64decode(found[1]).removeprefix(_OPENSSH_MAGIC)
    for _ in range(3):
        blob = blob[4 + int.from_bytes(blob[:4], "big") :]
    blob = blob[4:]
    return blob[4 : 4 + int.from_bytes(blob[:4], "big")]


def _agent_name(key: asyncssh.SSHKeyPair) -> str:
    return f"the agent's {key.get_comment() or key.key_algorithm.decode('ascii', 'replace')}"
