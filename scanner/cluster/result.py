"""How the phases ended, for the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from scanner.json_names import JSON_NAMES


class Outcome(StrEnum):
    """What became of a phase on a host."""

    DONE = "done"
    ALREADY = "already"
    """It had been done before: nothing was changed."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """It was not come to, because of what failed before."""


NOT_DONE = frozenset({Outcome.FAILED, Outcome.SKIPPED})


@dataclass(frozen=True, slots=True)
class PhaseResult:
    """One phase on one host; (phase, host) is unique."""

    __pydantic_config__: ClassVar[Mapping[str, object]] = JSON_NAMES

    phase: str
    host: str
    outcome: Outcome
    seconds: float
    message: str = ""
    """Why it failed, and what to do; else empty."""
    said: tuple[str, ...] = ()
    """kubeadm's or kubectl's own words, the ones that tell of the failure."""
