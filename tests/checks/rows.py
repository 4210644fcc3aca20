"""One row of a table of expectations: a check, a host, and the verdict it must get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from scanner.checks import CATALOGUE
from scanner.checks.rule import Severity
from scanner.evaluate import Result, evaluate
from scanner.verdict import Verdict
from tests.hosts import facts, kubeadm, target

_BY_ID = {check.id: check for check in CATALOGUE}


@dataclass(frozen=True)
class Row:
    """Called by pytest's parametrize; str() is its name there."""

    check: str
    verdict: Verdict
    spoiled: tuple[object, ...]
    target: dict[str, Any]
    subject: str
    severities: str
    words: str

    def __str__(self) -> str:
        on = " ".join(f"{key}={value}" for key, value in self.target.items())
        spoiled = " ".join(str(fact) for fact in self.spoiled)
        return f"{self.check} {self.verdict.value} {self.subject} {on} {spoiled}"[:150]

    def result(self) -> Result:
        """Judge the host by this check alone."""
        return next(result for result in self.results() if result.subject == self.subject)

    def results(self) -> tuple[Result, ...]:
        """The rows of all the check's subjects."""
        judged = target(**self.target)
        # A host with its own kubeadm, unless the row says what it has instead.
        given = (kubeadm(f"v{judged.kubeadm}"), *self.spoiled)
        return evaluate([_BY_ID[self.check]], facts(*given), judged)

    def prove(self) -> None:
        """Fail where the verdict, the findings' severities or the words differ."""
        result = self.result()
        assert result.verdict is self.verdict, result
        found = "".join(
            "E" if finding.severity is Severity.ERROR else "W" for finding in result.findings
        )
        if self.severities:
            assert found == self.severities, result
        assert self.words in result.message, result.message
        for finding in result.findings:
            assert finding.message, finding
            assert finding.have, finding
            assert finding.need, finding
            assert finding.source, finding
            assert "node1" not in finding.message or result.kubeadm == "Hostname", finding
        if result.findings:
            assert "{" not in result.remedy


def _row(verdict: Verdict) -> Any:
    def make(
        check: str,
        *spoiled: object,
        subject: str = "",
        severities: str = "",
        words: str = "",
        **on: object,
    ) -> Row:
        return Row(check, verdict, spoiled, on, subject, severities, words)

    return make


passes = _row(Verdict.PASS)
warns = _row(Verdict.WARN)
fails = _row(Verdict.FAIL)
skips = _row(Verdict.SKIP)
unknown = _row(Verdict.UNKNOWN)
