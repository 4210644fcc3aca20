"""One change of kubeadm's preflight, to be shown on both sides of the version that brought it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scanner.checks import CATALOGUE
from scanner.evaluate import evaluate
from scanner.verdict import Verdict
from tests.hosts import facts, kubeadm, kubelet, target

ABSENT = "absent"
"""The name is not asked of this role in this version, or not with this configuration."""
PASS, WARN, FAIL, UNKNOWN = (
    Verdict.PASS.value,
    Verdict.WARN.value,
    Verdict.FAIL.value,
    Verdict.UNKNOWN.value,
)
VERIFIED = "SystemVerification"
GONE, CAME, MILDER = (FAIL, ABSENT), (ABSENT, FAIL), (FAIL, WARN)
EASED, STRICTER = (FAIL, PASS), (PASS, FAIL)
DRIFTED, NOTICED = (WARN, PASS), (PASS, WARN)


@dataclass(frozen=True)
class Boundary:
    """One change of kubeadm's preflight, and a host that shows it."""

    name: str
    """kubeadm's."""
    ground: str
    """Release notes (RN), pull request, source, or version of system-validators."""
    last: str
    first: str
    before: str
    after: str
    spoiled: tuple[object, ...] = ()
    words: str = ""
    """Part of the message, on the side that is worse."""
    on: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.first} {self.before}-{self.after} ({self.ground})"

    def said(self, version: str) -> tuple[str, str]:
        """The verdict under kubeadm's name in a version, and the message."""
        judged = target(version, **self.on)
        host = facts(kubeadm(version), kubelet(version), *self.spoiled)
        for result in evaluate(CATALOGUE, host, judged):
            if result.kubeadm == self.name and result.verdict is not Verdict.SKIP:
                return result.verdict.value, result.message
        return ABSENT, ""


def change(
    name: str,
    ground: str,
    last: str,
    first: str,
    sides: tuple[str, str],
    *spoiled: object,
    words: str = "",
    **on: Any,
) -> Boundary:
    return Boundary(name, ground, last, first, *sides, spoiled, words, on)
