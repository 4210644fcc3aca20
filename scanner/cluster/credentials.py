"""The secrets of one run: in memory, and in files of the hosts that need them for seconds."""

from __future__ import annotations

import re
import secrets
import string
from dataclasses import dataclass

from scanner.errors import ClusterError
from scanner.secrets.redact import Redactor
from scanner.secrets.secret import MASK, Kind, Secret, Source

_SOURCE = Source(Kind.PROMPT, "secret of this run")
_ALPHABET = string.ascii_lowercase + string.digits
_TOKEN = re.compile(r"--token ([a-z0-9]{6}\.[a-z0-9]{16})(?=\s|$)")
_HASH = re.compile(r"--discovery-token-ca-cert-hash (sha256:[0-9a-f]{64})(?=\s|$)")
_ANY = re.compile(
    r"(?<![a-z0-9.])[a-z0-9]{6}\.[a-z0-9]{16}(?!\.?[a-z0-9])"
    r"|(?<!sha256:)(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"
)


def without_any(printed: str) -> str:
    """What an earlier run's kubeadm has printed, without what could be that run's credentials.

    Its values are not known any more, and a token of a run that was killed may still be good.
    """
    return _ANY.sub(MASK, printed)


@dataclass(slots=True)
class Credentials:
    """A bootstrap token, the hash of the CA that it belongs to, and the certificates' key."""

    token: str
    """`[a-z0-9]{6}.[a-z0-9]{16}`: for init one of kscan's own, else the one that was minted."""
    certificate_key: str
    """32 bytes in hex: AES-256 (kubeadm's copycerts)."""
    ca_cert_hash: str = ""
    """`sha256:...` of the CA's public key."""
    kubeconfig: str = ""
    """admin.conf."""

    @classmethod
    def new(cls) -> Credentials:
        """Fresh ones, from the operating system's random numbers."""
        first, second = ("".join(secrets.choice(_ALPHABET) for _ in range(n)) for n in (6, 16))
        return cls(f"{first}.{second}", secrets.token_hex(32))

    def take_join_command(self, printed: str) -> None:
        """Read token and hash in what `kubeadm token create --print-join-command` prints.

        Raises:
            ClusterError: they are not in it.
        """
        token, ca_cert_hash = _TOKEN.search(printed), _HASH.search(printed)
        if token is None or ca_cert_hash is None:
            raise ClusterError("kubeadm token create printed no join command")
        self.token, self.ca_cert_hash = token[1], ca_cert_hash[1]

    def redactor(self) -> Redactor:
        """Cuts them out of what is shown or kept."""
        values = filter(None, (self.token, self.certificate_key, self.kubeconfig))
        return Redactor(Secret(_SOURCE, value) for value in values)
