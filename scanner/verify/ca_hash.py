"""The hash of a CA's public key, as `kubeadm join --discovery-token-ca-cert-hash` takes it.

The key is cut out of the certificate's DER (RFC 5280, 4.1) and not parsed: the CAs of older kubeadm
have the serial number 0, which libraries for certificates refuse or will.
"""

from __future__ import annotations

import hashlib
import ssl

_SEQUENCE, _VERSION = 0x30, 0xA0
_BEFORE_KEY = 5
"""Serial number, signature's algorithm, issuer, validity, subject."""
_LONG = 0x80


def ca_hash(certificate: bytes) -> str:
    """`sha256:` and hex digits, of SubjectPublicKeyInfo.

    Args:
        certificate: PEM; of several the first counts.

    Raises:
        ValueError: it is no certificate.
    """
    try:
        pem = certificate.decode("ascii", "replace")
        end = pem.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")
        der = ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERTIFICATE-----") : end])
        return f"sha256:{hashlib.sha256(_public_key(der)).hexdigest()}"
    except (ValueError, IndexError) as error:
        raise ValueError("it is no certificate") from error


def _public_key(der: bytes) -> bytes:
    _, at, _ = _element(der, 0, _SEQUENCE)
    _, at, _ = _element(der, at, _SEQUENCE)
    if der[at] == _VERSION:
        _, _, at = _element(der, at)
    for _ in range(_BEFORE_KEY):
        _, _, at = _element(der, at)
    begin, _, end = _element(der, at, _SEQUENCE)
    return der[begin:end]


def _element(der: bytes, at: int, tag: int | None = None) -> tuple[int, int, int]:
    """Where an element, its content and what follows it begin."""
    if tag is not None and der[at] != tag:
        raise ValueError("another element is expected here")
    length, content = der[at + 1], at + 2
    if length & _LONG:
        size = length & ~_LONG
        length = int.from_bytes(der[content : content + size], "big")
        content += size
    if content + length > len(der):
        raise ValueError("an element is cut")
    return at, content, content + length
