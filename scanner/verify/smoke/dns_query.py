"""One question to a DNS server, over TCP, as bytes (RFC 1035, 4)."""

from __future__ import annotations

import ipaddress
import struct

_A, _AAAA, _IN = 1, 28, 1
_HEADER = struct.Struct(">HHHHHH")
_RECURSE = 0x0100
_ANSWER = 0x8000
_POINTER = 0xC0
_RCODES = {1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


_LONGEST = 63
"""Bytes of one label."""


class DnsError(ValueError):
    """The name or answer is none, or there is no such name; the message says which."""


def question(name: str, number: int, *, v6: bool = False) -> bytes:
    """A question for an address, without TCP's length before it.

    Args:
        name: fully qualified.
        number: 0 to 65535, which the answer must repeat.
        v6: ask for AAAA.

    Raises:
        DnsError: it is no name.
    """
    parts = [part.encode() for part in name.rstrip(".").split(".")]
    if not all(0 < len(part) <= _LONGEST for part in parts):
        raise DnsError(f"{name[:300]} is no name of the DNS")
    labels = b"".join(bytes([len(part)]) + part for part in parts)
    kind = _AAAA if v6 else _A
    return (
        _HEADER.pack(number, _RECURSE, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, _IN)
    )


def addresses(answer: bytes, number: int) -> tuple[str, ...]:
    """The addresses of an answer.

    Raises:
        DnsError: it is none, or names an error.
    """
    try:
        return _addresses(answer, number)
    except (struct.error, IndexError) as error:
        raise DnsError("its answer is cut") from error


def _addresses(answer: bytes, number: int) -> tuple[str, ...]:
    found, flags, questions, answers, _, _ = _HEADER.unpack_from(answer)
    if found != number or not flags & _ANSWER:
        raise DnsError("its answer is to another question")
    if code := flags & 0xF:
        raise DnsError(_RCODES.get(code, f"RCODE {code}"))
    at = _HEADER.size
    for _ in range(questions):
        at = _after_name(answer, at) + 4
    addresses = []
    for _ in range(answers):
        at = _after_name(answer, at)
        kind, _, _, length = struct.unpack_from(">HHIH", answer, at)
        at += 10
        data = answer[at : at + length]
        at += length
        if (kind, len(data)) in ((_A, 4), (_AAAA, 16)):
            addresses.append(str(ipaddress.ip_address(data)))
    return tuple(addresses)


def _after_name(answer: bytes, at: int) -> int:
    """Where a name ends: at an empty label, or behind a pointer."""
    while length := answer[at]:
        if length >= _POINTER:
            return at + 2
        at += length + 1
    return at + 1
