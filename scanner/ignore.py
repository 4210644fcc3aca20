"""`--ignore-preflight-errors` and the inventory's `ignore:`: taken down, and still visible."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace

from scanner.evaluate import Ignored, Result
from scanner.request import Ignore
from scanner.verdict import Verdict

ALL = "all"


class IgnoreList:
    """Applies the entries that are not expired, and remembers which of them matched something.

    Args:
        entries: of the inventory and the command line.
        today: an entry whose `until` is before this day no longer counts.
    """

    def __init__(self, entries: Iterable[Ignore], today: datetime.date) -> None:
        self._entries = tuple(entries)
        self._expired = tuple(e for e in self._entries if e.until is not None and e.until < today)
        self._valid = tuple(e for e in self._entries if e not in self._expired)
        self._matched: set[Ignore] = set()

    def apply(self, host: str, results: Iterable[Result]) -> tuple[Result, ...]:
        """Turn each ignored FAIL into WARN, and let an ignored UNKNOWN no longer block."""
        return tuple(self._apply(host, result) for result in results)

    def _apply(self, host: str, result: Result) -> Result:
        if not result.blocking:
            return result
        for entry in self._valid:
            if _names(entry, result) and (entry.hosts is None or host in entry.hosts):
                self._matched.add(entry)
                until = entry.until.isoformat() if entry.until is not None else ""
                verdict = Verdict.WARN if result.verdict is Verdict.FAIL else result.verdict
                ignored = Ignored(entry.reason, until)
                return replace(result, verdict=verdict, blocking=False, ignored=ignored)
        return result

    def warnings(self) -> tuple[str, ...]:
        """One line for each entry that is expired or has matched nothing so far."""
        expired = [f"ignore: {e.check} has expired on {e.until}: it counts" for e in self._expired]
        idle = [
            f"ignore: {e.check} matched no error"
            for e in self._valid
            if e not in self._matched and e.check.lower() != ALL
        ]
        return (*expired, *idle)


def _names(entry: Ignore, result: Result) -> bool:
    wanted = entry.check.lower()
    return wanted in {ALL, result.check.lower(), (result.kubeadm or "").lower()}
