"""Why an answer to the probe cannot be read, in one sentence that says what to do."""

from __future__ import annotations

from scanner.errors import AnswerStops, NoAnswer, ProbeFailed
from scanner.facts.failure import shortage
from scanner.probe.capture import Capture
from scanner.probe.privilege import SUDO_OFF
from scanner.secrets.redact import redactor
from scanner.transport.base import LATE, OUTPUT_LIMIT, TOO_MUCH

_SHOWN = 200
"""Characters of what the host printed that are worth showing."""
_MIB = OUTPUT_LIMIT >> 20

_NOT_RUN = (
    "`ssh HOST echo ok` must print ok; see that shell, its start-up files, and ForceCommand or "
    "command= of the key"
)
_NOT_BEGUN = (
    "the login's shell had not begun the probe when the host's time was up: `ssh HOST true` must "
    "end there; see the shell's start-up files, a home directory on a network and sudo, or give it "
    "more with --timeout"
)
_HANGS = (
    "and the host's time was up: see what hangs or is slow there, or give it more with --timeout"
)
_ENDED_EARLY = (
    "the shell there ended before its time; see what ends it (the OOM killer, ulimit, a wrapper "
    "of sh)"
)
_LOST = " was lost ("
"""Of Link.describe_loss, which says itself what to do."""
_FLOODED = f"the login had printed {_MIB} MiB by then, which is all that is read"
_SILENCE = "silence the shell's start-up files, `ssh HOST true` must print nothing"
_FORGED = (
    "nothing of it is believed; find out what writes into this login's output (start-up files, "
    "ForceCommand, a wrapper of sh or sudo): --save-captures keeps the answer"
)


def why_broken(error: ProbeFailed, capture: Capture) -> str:
    """The whole reason, with what the host said instead.

    Args:
        error: of `parse_frames`.
        capture: what it could not read.
    """
    is_cut = isinstance(error, AnswerStops | NoAnswer)
    is_known = is_cut and capture.ended.startswith((LATE, TOO_MUCH))
    # why it is not root explains only why nothing was run at all
    obstacle = capture.obstacle if isinstance(error, NoAnswer) else ""
    reasons = (
        _sentence(error, capture.ended),
        _printed(capture),
        _line(capture.stderr),
        shortage(capture.stderr),
        "" if obstacle == SUDO_OFF else obstacle,
        capture.ended if is_cut and not is_known else "",
    )
    return "; ".join(filter(None, reasons))


def _sentence(error: ProbeFailed, ended: str) -> str:  # noqa: PLR0911 # one return for each cause
    match error:
        case NoAnswer() if ended.startswith(LATE):
            return _NOT_BEGUN
        case NoAnswer() if ended.startswith(TOO_MUCH):
            return f"its output was cut before the probe's answer: {_FLOODED}; {_SILENCE}"
        case NoAnswer() if _LOST in ended:
            return "no answer to the probe came"
        case NoAnswer():
            return f"{error}: {_NOT_RUN}"
        case AnswerStops() if ended.startswith(LATE):
            return f"the probe's answer stops {error}, {_HANGS}"
        case AnswerStops() if ended.startswith(TOO_MUCH):
            return f"the probe's answer was cut {error}: {_FLOODED}; {_SILENCE}"
        case AnswerStops():
            why = "" if _LOST in ended else f": {_ENDED_EARLY}"
            return f"the probe's answer stops {error}{why}"
    return f"{error}: {_FORGED}"


def _printed(capture: Capture) -> str:
    """What was printed in place of the probe's answer, such as nologin's own words."""
    if not capture.stdout or capture.boundary.encode() in capture.stdout:
        return ""
    # cut last: half a secret could not be found
    said = redactor().data(capture.stdout)[: 4 * _SHOWN]
    words = _line(said.decode("utf-8", "replace"))
    return f"it printed: {words}" if words else ""


def _line(said: str) -> str:
    return " ".join(said.split())[:_SHOWN]
