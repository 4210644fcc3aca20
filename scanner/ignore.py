"""`--ignore-preflight-errors` and the inventory's `ignore:`: taken down, and still visible."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace
from typing import TypeVar

from scanner.catalogue import EVERYTHING
from scanner.checks import names
from scanner.checks.named import Named
from scanner.evaluate import Ignored, Result
from scanner.fleet.judge import FleetResult
from scanner.request import Ignore
from scanner.verdict import Verdict
from scanner.verify.catalogue import VERIFY_CATALOGUE
from scanner.verify.result import VerifyResult

ALL = "all"
R = TypeVar("R", Result, FleetResult, VerifyResult)


class IgnoreList:
    """Applies the entries that are not expired, and remembers what became of each.

    Args:
        entries: of the inventory and the command line.
        today: an entry whose `until` is before this day no longer counts.
        known: everything that has a name which could be ignored.
    """

    def __init__(
        self,
        entries: Iterable[Ignore],
        today: datetime.date,
        known: Iterable[Named] = EVERYTHING,
    ) -> None:
        self._known = tuple(known)
        self._entries = tuple(dict.fromkeys(entries))
        self._today = today
        self._expired: set[Ignore] = set()
        self._matched: set[Ignore] = set()
        self._judged: set[str] = set()

    def apply(
        self, host: str, results: Iterable[Result], day: datetime.date | None = None
    ) -> tuple[Result, ...]:
        """Turn each ignored FAIL into WARN, and let an ignored UNKNOWN no longer block.

        Args:
            host: whose results they are.
            results: all of them.
            day: when the host answered; None = today.
        """
        self._judged.add(host)
        valid: list[Ignore] = []
        for entry in self._entries:
            if entry.until is not None and entry.until < (day or self._today):
                self._expired.add(entry)
            elif entry.hosts is None or host in entry.hosts:
                valid.append(entry)
        return tuple(self._apply(valid, result) for result in results) if valid else tuple(results)

    def apply_fleet(self, results: Iterable[FleetResult]) -> tuple[FleetResult, ...]:
        """The same for what is said of several hosts: an entry must be for all of them."""
        valid = []
        for entry in self._entries:
            if entry.until is not None and entry.until < self._today:
                self._expired.add(entry)
            else:
                valid.append(entry)
        return tuple(
            self._apply([entry for entry in valid if _is_for(entry, result)], result)
            for result in results
        )

    def apply_verify(self, results: Iterable[VerifyResult]) -> tuple[VerifyResult, ...]:
        """The same for a running cluster; `all` is kubeadm's word for its preflight only."""
        entries = [entry for entry in self._entries if entry.check.lower() != ALL]
        valid = [e for e in entries if e.until is None or e.until >= self._today]
        self._expired.update(entry for entry in entries if entry not in valid)
        return tuple(
            self._apply([e for e in valid if e.hosts is None or result.subject in e.hosts], result)
            for result in results
        )

    def _apply(self, valid: Iterable[Ignore], result: R) -> R:
        if not result.blocking:
            return result
        for entry in valid:
            if _names(entry, result):
                self._matched.add(entry)
                until = entry.until.isoformat() if entry.until is not None else ""
                verdict = Verdict.WARN if result.verdict is Verdict.FAIL else result.verdict
                ignored = Ignored(entry.reason, until)
                return replace(result, verdict=verdict, blocking=False, ignored=ignored)
        return result

    def warnings(self) -> tuple[str, ...]:
        """One line for each entry that is expired or has matched nothing so far."""
        said = ((entry.check, self._said(entry)) for entry in self._entries)
        return tuple(f"ignore: {name} {words}" for name, words in said if words)

    def _said(self, entry: Ignore) -> str:
        if entry in self._expired:
            return f"has expired on {entry.until}: it counts"
        of_verify = names.find(VERIFY_CATALOGUE, entry.check)  # of another command
        if entry in self._matched or entry.check.lower() == ALL or of_verify:
            return ""
        if "*" in entry.check:
            return "matched no error: as with kubeadm a * stands for nothing, write out each name"
        if not names.find(self._known, entry.check):
            near = names.nearest(self._known, entry.check)
            return "is no check's name" + (f", did you mean {near[0]}?" if near else "")
        if entry.hosts is not None and not entry.hosts & self._judged:
            return "is only for hosts of which nothing is known"
        return "matched no error"


def _is_for(entry: Ignore, result: FleetResult) -> bool:
    return entry.hosts is None or bool(result.hosts and entry.hosts.issuperset(result.hosts))


def _names(entry: Ignore, result: Result | FleetResult | VerifyResult) -> bool:
    wanted = entry.check.lower()
    return wanted in {ALL, result.check.lower(), (result.kubeadm or "").lower()}
