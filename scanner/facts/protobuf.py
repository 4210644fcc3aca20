"""The wire format of protocol buffers, as much of it as a runtime's answers use."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.facts.base import ParseError

_LONGEST_VARINT = 10
"""Bytes of a 64-bit number at seven bits each."""


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Yield (number, value) of each field of a message, in its order.

    A varint is a whole number; everything else is the bytes as they stand. Source: protobuf.dev,
    "Encoding".

    Raises:
        ParseError: the bytes are no message, or one with groups, which no CRI message has.
    """
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        match key & 7:
            case 0:
                number, at = _varint(data, at)
                yield key >> 3, number
                continue
            case 1:
                size = 8
            case 2:
                size, at = _varint(data, at)
            case 5:
                size = 4
            case kind:
                raise ParseError(f"a protobuf field of the unknown kind {kind}")
        if len(data) < at + size:
            raise ParseError("a protobuf field goes beyond the end of its message")
        yield key >> 3, data[at : at + size]
        at += size


def messages(data: bytes, number: int) -> tuple[bytes, ...]:
    """Every value of a field that holds messages or strings.

    Raises:
        ParseError: as `fields`, or one of them is a number.
    """
    values = [value for found, value in fields(data) if found == number]
    if any(isinstance(value, int) for value in values):
        raise ParseError(f"protobuf field {number} is a number")
    return tuple(value for value in values if isinstance(value, bytes))


def text(data: bytes, number: int) -> str:
    """The last value of a string field; empty, as protobuf's default, if it is not there.

    Raises:
        ParseError: as `messages`.
    """
    values = messages(data, number)
    return values[-1].decode(errors="replace") if values else ""


def flag(data: bytes, number: int) -> bool:
    """The last value of a bool field; False, as protobuf's default, if it is not there.

    Raises:
        ParseError: as `fields`, or it is no number.
    """
    values = [value for found, value in fields(data) if found == number]
    if any(isinstance(value, bytes) for value in values):
        raise ParseError(f"protobuf field {number} is not a number")
    return bool(values and values[-1])


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number that begins at a place, and the place after it."""
    value = 0
    for length in range(_LONGEST_VARINT):
        if len(data) <= at + length:
            raise ParseError("a protobuf number goes beyond the end of its message")
        byte = data[at + length]
        value |= (byte & 0x7F) << (7 * length)
        if byte < 0x80:  # noqa: PLR2004 - the bit that says that another byte follows
            return value, at + length + 1
    raise ParseError("a protobuf number is longer than ten bytes")
