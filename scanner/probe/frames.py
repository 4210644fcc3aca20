"""The probe's answer: bytes to sections, where anything cut off is an error and never a fact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scanner.errors import AnswerStops, NoAnswer, ProbeFailed

NOT_MOUNTED = 95
"""What sections.sh says where the host's /proc or /sys, which the section reads, is not there."""
NO_NULL = 96
"""What driver.sh says of every section where the host's /dev/null is no device."""
NO_TOOL = 97
"""What sections.sh says where the host lacks a tool that the section needs."""
FORGED = 98
"""What sections.sh says of a section that printed the boundary, and `parse_frames` of one that is
not as long as the host counted."""
TOO_MUCH = 99
"""What sections.sh says of a section that printed more than it may."""
KILLED = frozenset({124, 137, 143})
"""Exit statuses of timeout(1) and of a shell whose child was killed: the deadline struck."""


@dataclass(frozen=True, slots=True)
class Section:
    """What one section printed, and the status of the shell that ran it."""

    exit_status: int
    text: str
    """Decoded as UTF-8; bytes that are none become U+FFFD."""

    @property
    def timed_out(self) -> bool:
        """True if its deadline struck, so that `text` may stop anywhere."""
        return self.exit_status in KILLED


# One pattern for every boundary: compiling one for each host would cost more than the parsing.
_FRAME = re.compile(
    rb"^(kscan-[0-9a-f]{32}) (probe|begin|rc|again|end) ([A-Za-z0-9_-]+)(?: ([0-9]{1,9}))?\n",
    re.MULTILINE,
)


def parse_frames(stdout: bytes, boundary: str) -> Mapping[str, Section]:
    """Take the sections out of what the script printed.

    What a login shell prints before the first frame is skipped, and so is what it prints between
    two frames. Nothing is taken from frames that are not in the order in which driver.sh prints
    them: each section once, but for those that it asks again after one of them hung.

    Raises:
        NoAnswer: there is no frame in it.
        AnswerStops: it is cut.
        ProbeFailed: it is not the driver's alone; the message says where.
    """
    mark = boundary.encode()
    if any(mark + b" probe " + version + b"\r\n" in stdout for version in (b"1", b"2")):
        # a terminal or a wrapper between the host's shell and us ends lines in its own way
        stdout = stdout.replace(b"\r\n", b"\n")
    answer = _Answer()
    for match in _FRAME.finditer(stdout):
        if match[1] == mark:
            answer.take(match, stdout)
    if not answer.ended:
        raise answer.stop()
    return answer.sections


class _Answer:
    """The sections so far, and the order that the next frame must keep to."""

    def __init__(self) -> None:
        self.sections: dict[str, Section] = {}
        self.ended = False
        self._began = False
        self._open: str | None = None
        self._start = 0

    def take(self, match: re.Match[bytes], stdout: bytes) -> None:
        """Take one frame.

        Raises:
            ProbeFailed: driver.sh does not print this frame here.
        """
        kind, word = match[2], match[3].decode()
        if self._began is (kind == b"probe") or self.ended:
            raise ProbeFailed("something on the host repeats or continues the probe's answer")
        match kind:
            case b"probe":
                self._began = True
            case b"again":
                self.sections.clear()
                self._open = None
            case b"begin":
                # where a deadline has cut a section, the driver begins it anew
                if word in self.sections or self._open not in {None, word}:
                    raise ProbeFailed(f"something on the host wrote a frame into section {word!r}")
                self._open, self._start = word, match.end()
            case b"rc" if self._open is not None and word.isdigit():
                body = stdout[self._start : max(self._start, match.start() - 1)]
                status = int(word) if _is_whole(body, match[4]) else FORGED
                self.sections[self._open] = Section(status, body.decode("utf-8", "replace"))
                self._open = None
            case b"end" if self._open is None:
                self.ended = word == str(len(self.sections))
            case _:
                raise ProbeFailed("something on the host wrote a frame into the probe's answer")

    def stop(self) -> ProbeFailed:
        """Where the frames stop, if none was the last."""
        if not self._began:
            return NoAnswer("the login's shell did not run the probe")
        if self._open:
            return AnswerStops(f"in section {self._open!r}")
        last = next(reversed(self.sections), "")
        return AnswerStops(f"after section {last!r}" if last else "before its first section")


def _is_whole(body: bytes, length: bytes | None) -> bool:
    """True if the body is as long as the host counted, in bytes or, by busybox, in characters.

    The driver counts nothing where it has killed a section, and captures of `probe 1` nowhere.
    """
    if length is None or int(length) == len(body):
        return True
    return int(length) == len(body.decode("utf-8", "replace"))
