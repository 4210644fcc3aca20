"""How words look on a terminal: symbols, colours, and text that fits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from scanner.render.harmless import harmless
from scanner.report import HostStatus
from scanner.verdict import Verdict

STATUS_WORDS = {
    HostStatus.READY: "ready",
    HostStatus.NOT_READY: "not ready",
    HostStatus.MEMBER: "member",
    HostStatus.HALF_DONE: "half done",
    HostStatus.UNREACHABLE: "unreachable",
}


class Tone(StrEnum):
    """The parameters of ANSI's SGR sequence."""

    GOOD = "32"
    BAD = "1;31"
    CAREFUL = "33"
    OPEN = "35"
    QUIET = "2"
    STRONG = "1"


TONES = {
    Verdict.PASS: Tone.GOOD,
    Verdict.WARN: Tone.CAREFUL,
    Verdict.FAIL: Tone.BAD,
    Verdict.SKIP: Tone.QUIET,
    Verdict.UNKNOWN: Tone.OPEN,
}
_STATUS_TONES = {
    HostStatus.READY: Tone.GOOD,
    HostStatus.MEMBER: Tone.GOOD,
    HostStatus.NOT_READY: Tone.BAD,
    HostStatus.HALF_DONE: Tone.BAD,
    HostStatus.UNREACHABLE: Tone.BAD,
}
_CELLS = {Verdict.PASS: "ok", Verdict.SKIP: "-", Verdict.UNKNOWN: "?"}
_PIECES = re.compile(r"[^, ]*[, ]|[^, ]+")


@dataclass(frozen=True, slots=True)
class Style:
    """What the screen can show."""

    width: int
    """Columns."""
    colour: bool
    ascii_only: bool
    whole: bool = False
    """True: no name and no list of names is cut, however wide a table gets."""

    def clean(self, text: str) -> str:
        """Text of a host, harmless."""
        return harmless(text, ascii_only=self.ascii_only)

    def paint(self, text: str, tone: Tone) -> str:
        """Add colour; what the text says does not depend on it."""
        return f"\x1b[{tone}m{text}\x1b[0m" if self.colour and text else text

    def cell(self, verdict: Verdict | None) -> str:
        """A verdict in a table of many: as short as can be told apart."""
        if verdict is None:
            return ""
        text = _CELLS.get(verdict, verdict.upper())
        if verdict is Verdict.PASS and not self.ascii_only:
            text = "✔"
        return self.paint(text, TONES[verdict])

    def word(self, verdict: Verdict) -> str:
        """A verdict that stands alone."""
        return self.paint(verdict.upper(), TONES[verdict])

    def status(self, status: HostStatus, width: int = 80) -> list[str]:
        """A host's status, in lines of at most so many columns."""
        words = STATUS_WORDS[status]
        lines = [words] if len(words) <= width else words.split()
        return [self.paint(line, _STATUS_TONES[status]) for line in lines]

    def shorten(self, text: str, width: int) -> str:
        """Cut out the middle; the ends of kubeadm's long names are what differs."""
        if len(text) <= width or self.whole:
            return text
        gap = "..." if self.ascii_only else "…"
        tail = (width - len(gap)) * 3 // 5
        return f"{text[: width - len(gap) - tail]}{gap}{text[len(text) - tail :]}"

    def lines(self, text: str, width: int, most: int) -> list[str]:
        """Break text behind a comma or blank, and long words behind `-` or `.`.

        Args:
            text: what to break.
            width: columns of a line.
            most: lines; what does not fit is cut, and an ellipsis says so.
        """
        lines = list(_broken(text, width))
        if len(lines) > most and not self.whole:
            gap = "..." if self.ascii_only else "…"
            lines = [*lines[: most - 1], lines[most - 1][: width - len(gap)] + gap]
        return lines


def _broken(text: str, width: int) -> Iterator[str]:
    line = ""
    for piece in _PIECES.findall(text):
        rest = piece
        if line and len(line) + len(rest.rstrip()) > width:
            yield line.rstrip()
            line = ""
        while len(rest.rstrip()) > width:
            cut = max(rest.rfind("-", 1, width), rest.rfind(".", 1, width)) + 1 or width
            yield rest[:cut]
            rest = rest[cut:]
        line += rest
    if line.strip():
        yield line.rstrip()
