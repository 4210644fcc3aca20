"""What a host's program printed -> values; anything that is not whole or not asked is an error."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from scanner.edges.measured import MOST_BYTES
from scanner.edges.plan import Dial
from scanner.errors import ProbeFailed

OPEN, REFUSED, DROPPED, UNROUTABLE, HERE, OTHER = "o", "r", "d", "u", "h", "x"
"""One letter for each dial, as the programs write them.

HERE is unroutable by the dialling host's own routes.
"""

MOST_ADDRESSES = 16
"""Addresses of one name that are kept."""

_LETTERS = re.compile(r"[orduhx]*")
_NUMBER = re.compile(r"[0-9]{1,9}")
_FAILURES = frozenset({"none", "failed", "late"})


@dataclass(frozen=True, slots=True)
class Path:
    """The way to one peer; None is what was not measured."""

    rtt_us: int | None = None
    """Microseconds of the shortest round trip that was seen, whatever the port.

    Of a connection it is the kernel's own, from its SYN to the answer (tcpi_rtt of TCP_INFO,
    linux/tcp.h): the two kernels' and the network's time. Of a refusal (RST, ICMP) it is the
    program's time from connect(2) until it sees the error, which the load of the dialling host
    makes longer: on loopback by 0.05 ms (docs/evidence/0010), on a busy host by milliseconds; above
    5 ms it is dialled three times more. So it is at least the network's round trip, never less. It
    is one of a few packets: no mean, and no jitter. None where nothing came back, where only UDP
    was echoed (see `echo_us`), and where sshd has dialled, which tells no time.
    """
    mtu: int | None = None
    """Bytes of the largest packet by this host's routes, at most 9,000; 0 if they lead nowhere.

    IP_MTU of a connected socket (ip(7), ipv6(7)): of the device, or what the kernel has learnt of
    the path. Nothing is sent for it; `largest` is what was tried.
    """
    sent: int | None = None
    got: int | None = None
    """Small datagrams, and how many of them came back."""
    largest: int | None = None
    """Bytes of the largest packet that arrived; 0 if none of those that were tried."""
    echo_us: int | None = None
    """Microseconds from a small datagram to its echo, the shortest of one to 21; None if none came.

    Two programs take part, so the load of both hosts is in it: above 5 ms it is tried three times
    more. It stands in a report where there is no better figure, and no rule judges it.
    """


@dataclass(frozen=True, slots=True)
class Answer:
    """What one host found; indices are those of the plan's peers."""

    listening: frozenset[str] = frozenset()
    """`6443/tcp`: the ports that it opened."""
    dials: str = ""
    """A letter for each dial, in the plan's order."""
    names: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Peer -> the addresses of its node name; none if it has none there."""
    late: frozenset[int] = frozenset()
    """Peers whose names were not looked up to the end."""
    named: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    """Peer -> another of its addresses, which its name stands for here, and the letters there."""
    control: Mapping[int, str] = field(default_factory=dict)
    """Peer -> the letter of its SSH port, asked where it was silent on all others."""
    paths: Mapping[int, Path] = field(default_factory=dict)
    endpoint: Mapping[str, str] | None = None
    """Address of the endpoint -> the letter there; empty if its name was not found. None = it was
    not asked."""


def parse_answer(
    stdout: bytes, boundary: str, dials: tuple[Dial, ...], *, endpoint: bool = False
) -> Answer:
    """Take the answer out of what was printed.

    Args:
        stdout: may have anything before and after the frame.
        boundary: of this host and run.
        dials: what the host was asked.
        endpoint: it was asked for the endpoint too.

    Raises:
        ProbeFailed: it is cut, was written into, or does not fit the questions.
    """
    lines = _body(stdout, boundary)
    reader = _Reader(dials, endpoint=endpoint)
    try:
        for line in lines:
            reader.take(line.split(" "))
        return reader.answer()
    except (ValueError, KeyError) as error:
        raise ProbeFailed("what the host says of its dials does not fit the questions") from error


def _body(stdout: bytes, boundary: str) -> list[str]:
    mark = re.escape(boundary.encode())
    first = re.search(rb"^%s edges ([0-9]{1,7})\n" % mark, stdout, re.MULTILINE)
    if first is None:
        raise ProbeFailed("the host's program gave no answer")
    end = first.end() + int(first[1])
    body = stdout[first.end() : end]
    last = re.match(rb"%s end ([0-9]{1,7})\n" % mark, stdout[end : end + 128])
    if last is None or body.count(b"\n") != int(last[1]) or boundary.encode() in body:
        raise ProbeFailed("the answer of the host's program is not whole")
    return body.decode("ascii", "replace").splitlines()


class _Reader:
    def __init__(self, dials: tuple[Dial, ...], *, endpoint: bool) -> None:
        self._asks_endpoint = endpoint
        self._endpoint: dict[str, str] | None = None
        self._ports = {dial.peer: len(dial.ports) for dial in dials}
        self._listening: set[str] = set()
        self._dials: str | None = None
        self._names: dict[int, tuple[str, ...]] = {}
        self._late: set[int] = set()
        self._named: dict[int, tuple[str, str]] = {}
        self._control: dict[int, str] = {}
        self._paths: dict[int, Path] = {}

    def take(self, words: list[str]) -> None:
        """Take one line, or raise ValueError or KeyError."""
        match words:
            case ["listen", port, state]:
                if state == "ok":
                    self._listening.add(port)
            case ["dials", letters] if self._dials is None:
                self._dials = self._letters(letters, sum(self._ports.values()))
            case ["name", index, found]:
                self._name(self._peer(index, self._names), found)
            case ["named", index, address, letters]:
                peer = self._peer(index, self._named)
                text = str(ipaddress.ip_address(address))
                self._named[peer] = (text, self._letters(letters, self._ports[peer]))
            case ["ssh", index, letter]:
                self._control[self._peer(index, self._control)] = self._letters(letter, 1)
            case ["path", index, rtt, mtu, sent, got, largest, echo]:
                path = Path(*map(_number, (rtt, mtu, sent, got, largest, echo)))
                if max(path.mtu or 0, path.largest or 0) > MOST_BYTES:
                    raise ValueError(mtu)  # a report that holds it could not be read again
                self._paths[self._peer(index, self._paths)] = path
            case ["endpoint", *found] if self._asks_endpoint:
                self._asks_endpoint = False
                self._take_endpoint(found)
            case _:
                raise ValueError(words[0])

    def _take_endpoint(self, found: list[str]) -> None:
        match found:
            case ["none" | "late" | "failed"]:
                self._endpoint = {}
            case _:
                pairs = zip(found[::2], found[1::2], strict=True)
                self._endpoint = {
                    str(ipaddress.ip_address(address)): self._letters(letter, 1)
                    for address, letter in list(pairs)[:MOST_ADDRESSES]
                }

    def _peer(self, text: str, taken: Mapping[int, object]) -> int:
        index = _number(text)
        if index is None or index not in self._ports or index in taken:
            raise KeyError(text)
        return index

    def _name(self, peer: int, found: str) -> None:
        if found == "late":
            self._late.add(peer)
        words = () if found in _FAILURES else found.split(",")[:MOST_ADDRESSES]
        self._names[peer] = tuple(str(ipaddress.ip_address(word)) for word in words)

    @staticmethod
    def _letters(text: str, count: int) -> str:
        if len(text) != count or not _LETTERS.fullmatch(text):
            raise ValueError(text[:20])
        return text

    def answer(self) -> Answer:
        """The whole of it, or ValueError."""
        if self._dials is None or self._asks_endpoint:
            raise ValueError("no dials")
        return Answer(
            frozenset(self._listening),
            self._dials,
            self._names,
            frozenset(self._late),
            self._named,
            self._control,
            self._paths,
            self._endpoint,
        )


def _number(text: str) -> int | None:
    if text == "-":
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError(text[:20])
    return int(text)
