"""How bad a finding is."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """kubeadm's two words for what is wrong."""

    WARNING = "warning"
    ERROR = "error"
