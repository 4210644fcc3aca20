"""How we know what a release of kubeadm does, and which of its source trees were read."""

from __future__ import annotations

from enum import StrEnum


class Evidence(StrEnum):
    """How we know that kubeadm does this in these versions, best first."""

    REAL = "real"
    """Observed with that kubeadm on a real host."""
    SOURCE = "source"
    """Read in the source of that version."""
    NOTES = "notes"
    """Release notes or a pull request's text."""
    INFERRED = "inferred"
    """Concluded from neighbouring versions or dates."""
    OWN = "own"
    """Not kubeadm's: kscan's own check."""


ERAS: tuple[tuple[str | None, str | None, bool], ...] = (
    (None, "1.17", True),
    ("1.17", "1.20", False),
    ("1.20", "1.21", True),
    ("1.21", "1.22", False),
    ("1.22", "1.23", True),
    ("1.23", "1.28", False),
    ("1.28", "1.29", True),
    ("1.29", "1.34", False),
    ("1.34", "1.35", True),
    ("1.35", None, False),
)
"""(since, until, was preflight/checks.go of these releases read?).

Read were v1.14.10, v1.20.2 and v1.28.7, 1.22 as of its patch 3, and trees of the
development of 1.13, 1.15 and 1.34; what is equal in two of them is inferred for the releases
between.
"""
