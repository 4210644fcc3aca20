"""Everything that kscan expects to go wrong, by cause; any other exception is a bug."""

from __future__ import annotations

from enum import StrEnum


class KscanError(Exception):
    """The root: a message for the user in one line, without a traceback."""


class InventoryError(KscanError):
    """The inventory, or an option that changes it, cannot be used; may hold several lines."""


class UsageError(KscanError):
    """Options that cannot be used, alone or together."""


class HostUnreachable(KscanError):
    """No session with this host; the message tells the user what to do."""


class Hurdle(StrEnum):
    """What passes, and is worth another connection, in words for a count of them."""

    MAX_STARTUPS = "MaxStartups"
    TOO_MANY = "too many connections"
    NO_BANNER = "closed before the banner"
    CUT = "cut before the login"
    JUMP_HOST = "the jump host was short of something"
    THIS_MACHINE = "this machine was short of something"


class Busy(HostUnreachable):
    """The host, or the way to it, could not take this connection; it may take the next one."""

    def __init__(self, message: str, turns: int, hurdle: Hurdle):
        super().__init__(message)
        self.turns = turns
        """How often it is worth to come back: the surer it is that the cause passes, the more."""
        self.hurdle = hurdle


class CommandRefused(HostUnreachable):
    """The connection is there, and takes no further command; it may when another one has ended."""


class HostKeyRejected(HostUnreachable):
    """The host key is unknown, changed, revoked or not the pinned one."""


class LoginRefused(HostUnreachable):
    """The host answers, but accepts none of the keys that were offered."""


class TimedOut(HostUnreachable):
    """The host did not answer within its time."""


class ProbeFailed(KscanError):
    """The probe's answer is not whole, so nothing in it can be believed."""


class AnswerStops(ProbeFailed):
    """The probe's answer ends too early; the message says where, as a clause."""


class NoAnswer(ProbeFailed):
    """There is nothing of the probe's answer."""


class CaptureError(KscanError):
    """A saved capture cannot be read or written."""


class ReportError(KscanError):
    """A saved report cannot be read, or is not one."""


class ClusterError(KscanError):
    """The cluster cannot be worked on; the message says what is in the way, and what to do."""
