"""The elements of a certificate's DER (RFC 5280, 4.1), as far as they are needed here.

The CAs of older kubeadm have the serial number 0, which libraries for certificates refuse or will.
"""

from __future__ import annotations

import ssl

_SEQUENCE, _VERSION = 0x30, 0xA0
_LONG = 0x80
_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def fields(certificate: bytes) -> tuple[bytes, ...]:
    """Of what is signed: serial number, signature's algorithm, issuer, validity, subject, key.

    Each as it stands, with its tag and length.

    Args:
        certificate: PEM; of several the first counts.

    Raises:
        ValueError: it is no certificate.
    """
    try:
        pem = certificate.decode("ascii", "replace")
        end = pem.index(_END) + len(_END)
        return _fields(ssl.PEM_cert_to_DER_cert(pem[pem.index(_BEGIN) : end]))
    except (ValueError, IndexError) as error:
        raise ValueError("it is no certificate") from error


def _fields(der: bytes) -> tuple[bytes, ...]:
    _, at, _ = element(der, 0, _SEQUENCE)
    _, at, _ = element(der, at, _SEQUENCE)
    if der[at] == _VERSION:
        _, _, at = element(der, at)
    found = []
    for tag in (None, _SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE, _SEQUENCE):
        begin, _, at = element(der, at, tag)
        found.append(der[begin:at])
    return tuple(found)


def element(der: bytes, at: int, tag: int | None = None) -> tuple[int, int, int]:
    """Where an element, its content and what follows it begin.

    Raises:
        ValueError: or IndexError: there is none.
    """
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
