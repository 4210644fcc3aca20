"""The probe's answer: bytes to sections, where anything cut off is an error and never a fact."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scanner.errors import ProbeFailed

NO_TOOL = 97
"""What sections.sh says where the host lacks a tool that the section needs."""
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
_FRAME = re.compile(rb"^(kscan-[0-9a-f]{32}) (probe|begin|rc|end) ([A-Za-z0-9_-]+)\n", re.MULTILINE)


def parse_frames(stdout: bytes, boundary: str) -> Mapping[str, Section]:
    """Take the sections out of what the script printed.

    What a login shell prints before the first frame is skipped.

    Raises:
        ProbeFailed: the answer is not whole; the message says where it stops.
    """
    mark = boundary.encode()
    if mark + b" probe 1\r\n" in stdout:
        # a terminal or a wrapper between the host's shell and us ends lines in its own way
        stdout = stdout.replace(b"\r\n", b"\n")
    sections: dict[str, Section] = {}
    name: str | None = None
    start = 0
    began = False
    for match in _FRAME.finditer(stdout):
        if match[1] != mark:
            continue
        kind, word = match[2], match[3].decode()
        if kind == b"probe":
            began = True
        elif kind == b"begin":
            name, start = word, match.end()
        elif kind == b"rc" and name is not None and word.isdigit():
            body = stdout[start : max(start, match.start() - 1)]
            sections[name] = Section(int(word), body.decode("utf-8", "replace"))
            name = None
        elif kind == b"end" and began and word == str(len(sections)):
            return sections
    if not began:
        raise ProbeFailed("the host did not run the probe: it printed nothing of it")
    where = f"in section {name!r}" if name else f"after {len(sections)} sections"
    raise ProbeFailed(f"the probe's answer stops {where}")
