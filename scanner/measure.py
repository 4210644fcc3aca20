"""What a run measures only where it was asked for, as it writes to a host's disk or asks others."""

from __future__ import annotations

from enum import StrEnum


class Measure(StrEnum):
    """A section of measure.sh, which is sent to a host only where one of these is asked for."""

    FSYNC = "fsync"
    """How fast the disk under etcd's data is: a file without a name is written."""
    REGISTRY = "registry"
    """Whether the image registry answers: one HEAD of a manifest."""


NOTHING: frozenset[Measure] = frozenset()
