"""The five things that can be said of one check on one host."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What is known about one check and subject on one host."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    """Its role, version or configuration does not ask for it."""
    UNKNOWN = "unknown"
    """It could not be known; never taken for a pass."""
