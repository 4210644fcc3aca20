"""What a host answered to the user's rules: from the end of the probe's stdout to values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scanner.probe.frames import FORGED, NO_TOOL
from scanner.rules.rule import OUTPUT_LIMIT


@dataclass(frozen=True, slots=True)
class Answer:
    """One rule's answer."""

    exit_status: int = 0
    output: str = ""
    """Its stdout: UTF-8, bytes that are none become U+FFFD, and so does NUL."""
    too_long: bool = False
    """True if there was more than OUTPUT_LIMIT bytes; `output` is the beginning."""
    missing: str = ""
    """Why there is none, as a clause; empty if there is one."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one host."""

    given: Mapping[tuple[str, str], Answer]
    """(name, digest of the command) -> its answer."""
    names: frozenset[str]
    """All names that were asked, whatever the command."""


_FRAME = re.compile(
    rb"^(kscan-[0-9a-f]{32}) rule ([a-z0-9-]{1,63}) ([0-9a-f]{16}) ([0-9]{1,3}) ([0-9]{1,9})\n",
    re.MULTILINE,
)
_NOT_RUN = "it was not run: see --timeout, and whether a rule before it has ended the script"
_TOLD = {
    NO_TOOL: "the host has no timeout(1), without which no rule is run",
    FORGED: "its output holds the frames of the probe's own answer",
}
_STATUS_DIGITS = 3


def parse_answers(stdout: bytes, boundary: str) -> Answers | None:
    """Read the frames that rules.sh prints after the probe's last line.

    Each is `BOUNDARY rule NAME DIGEST STATUS LENGTH`, the output, the command's exit status, and
    `BOUNDARY told NAME`. A name that is there twice was forged, and none of its answers counts.

    Returns:
        None where no rule was asked.
    """
    mark = boundary.encode()
    begin = stdout.find(b"\n%s rules begin\n" % mark) if boundary else -1
    if begin < 0:
        return None
    given: dict[tuple[str, str], Answer] = {}
    names: set[str] = set()
    twice: set[str] = set()
    for match in _FRAME.finditer(stdout, begin):
        if match[1] != mark:
            continue
        name = match[2].decode()
        (twice if name in names else names).add(name)
        end = stdout.find(b"\n%s told %s\n" % (mark, match[2]), match.end() - 1)
        body = None if end < 0 else stdout[match.end() : max(end, match.end())]
        given[name, match[3].decode()] = _answer(int(match[4]), body, int(match[5]))
    forged = Answer(missing="something on the host answered in its place")
    given = {key: forged if key[0] in twice else answer for key, answer in given.items()}
    return Answers(given, frozenset(names))


def _answer(status: int, body: bytes | None, length: int) -> Answer:
    if body is None:
        return Answer(missing="the answer stops in the middle of its output")
    if status != 0:
        killed = "it did not end within its deadline, or was killed"
        return Answer(missing=_TOLD.get(status, killed))
    # busybox counts characters
    if length not in {len(body), len(body.decode("utf-8", "replace"))}:
        return Answer(missing="something on the host wrote into its answer")
    words, _, told = body.rpartition(b"\n")
    if not told.isdigit() or len(told) > _STATUS_DIGITS:
        return Answer(missing="its shell did not tell its exit status")
    output = words[:OUTPUT_LIMIT].decode("utf-8", "replace")
    return Answer(int(told), output, len(words) > OUTPUT_LIMIT)


def answer_to(answers: Answers, name: str, digest: str) -> Answer:
    """The answer to a rule as it stands now; else why there is none."""
    found = answers.given.get((name, digest))
    if found is not None:
        return found
    if name in answers.names:
        return Answer(missing="the host was asked with another command")
    return Answer(missing=_NOT_RUN)
