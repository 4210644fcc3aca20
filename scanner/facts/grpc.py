"""Answers to gRPC requests, out of what curl writes: headers, message and trailers of each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from scanner.facts.base import ParseError

OK, UNIMPLEMENTED = 0, 12
"""Two of gRPC's status codes (grpc.io, "Status codes")."""

_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_END = re.compile(rb"curl=([0-9]{1,3})\Z")
_PREFIX = 5
"""Bytes before a message: whether it is compressed, and its length."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that has come to its end."""

    status: int
    """gRPC's status code; 0 is success."""
    message: str
    """grpc-message: what the server says of a failure."""
    body: bytes
    """The protobuf message; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """All that one curl was told."""

    exit_status: int
    """curl's."""
    answers: tuple[Answer, ...]
    """In the order of the requests; a failed transfer ends them."""


def parse_transfer(digits: str) -> Transfer:
    """Read the output of `curl -D -` with its exit status behind it, in hexadecimal digits.

    A trailer follows the message without a blank line; an answer without a message has all in its
    headers (gRPC over HTTP2, "Responses"; curl 7.88).

    Raises:
        ParseError: these are not HTTP/2 answers with a gRPC status.
    """
    if not _HEX.fullmatch(digits):
        raise ParseError("the runtime's answer is not in hexadecimal digits")
    data = bytes.fromhex(digits)
    end = _END.search(data)
    if end is None:
        raise ParseError("the runtime's answer does not end with curl's exit status")
    data = data[: end.start()]
    answers = []
    while data:
        answer, data = _answer(data)
        if answer is None:
            break
        answers.append(answer)
    return Transfer(int(end[1]), tuple(answers))


def _answer(data: bytes) -> tuple[Answer | None, bytes]:
    """The first answer, None if it has not come to its end, and what follows it."""
    if not data.startswith(b"HTTP/"):
        raise ParseError("what answers is not HTTP")
    headers, blank, data = data.partition(b"\r\n\r\n")
    body = b""
    if blank and data.startswith((b"\0", b"\1")):
        compressed, length = data[0], int.from_bytes(data[1:_PREFIX])
        body = data[_PREFIX : _PREFIX + length]
        if compressed or len(data) < _PREFIX or len(body) < length:
            return None, b""
        data = data[_PREFIX + length :]
    lines = headers.split(b"\r\n")
    while data and not data.startswith(b"HTTP/"):
        line, _, data = data.partition(b"\r\n")
        lines.append(line)
    values = {
        name.strip().lower(): value.strip().decode(errors="replace")
        for name, colon, value in (line.partition(b":") for line in lines)
        if colon
    }
    status = values.get(b"grpc-status")
    if status is None:
        return None, b""
    if not (status.isascii() and status.isdigit() and len(status) <= 9):  # noqa: PLR2004 - a bound for what a host says
        raise ParseError("the gRPC status is not a number")
    return Answer(int(status), unquote(values.get(b"grpc-message", "")), body), data
