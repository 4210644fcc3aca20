"""What is said of one thing of a cluster, in the shape of the report's other results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from scanner.checks.rule import Evidence, Finding
from scanner.evaluate import Ignored
from scanner.json_names import JSON_NAMES
from scanner.verdict import Verdict


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """One row; (check, subject) is unique in a report."""

    __pydantic_config__: ClassVar = JSON_NAMES

    check: str
    subject: str
    """A part of it (`RBAC`), or a node's name; empty if it has no parts."""
    verdict: Verdict
    message: str
    step: int | None = None
    """Which of the eleven steps of `kubeadm init` it proves; None for a component."""
    depends: tuple[str, ...] = ()
    """Checks without which this one cannot pass: where they fail, look there first."""
    kubeadm: str | None = None
    remedy: str = ""
    source: str = ""
    findings: tuple[Finding, ...] = ()
    evidence: Evidence = Evidence.OWN
    blocking: bool = False
    """True if the cluster is not proven good because of this row."""
    ignored: Ignored | None = None
