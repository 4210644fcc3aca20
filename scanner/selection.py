"""`--only` and `--skip`: which checks of the catalogue are asked."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Protocol

from scanner.checks.named import Named
from scanner.errors import KscanError


class UnknownCheck(KscanError):
    """A name on the command line that no check has."""


class Judged(Protocol):
    """What is needed of a result."""

    @property
    def check(self) -> str:
        """The check's id."""

    @property
    def kubeadm(self) -> str | None:
        """kubeadm's name."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Patterns in lower case against our id, kubeadm's name, and the subject's own name."""

    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()

    @classmethod
    def of(cls, catalogue: Iterable[Named], only: Iterable[str], skip: Iterable[str]) -> Selection:
        """Read the two options, each a list of names or patterns with `*`.

        Raises:
            UnknownCheck: a pattern can match no check.
        """
        checks = tuple(catalogue)
        wanted = tuple(_split(only)), tuple(_split(skip))
        for pattern in (*wanted[0], *wanted[1]):
            if not any(_could_match(pattern, check) for check in checks):
                raise UnknownCheck(f"no check is called {pattern!r}{_hint(pattern, checks)}")
        selection = cls(*wanted)
        if not any(selection.could_keep(check) for check in checks):
            raise UnknownCheck("--only and --skip leave no check to judge")
        return selection

    def could_keep(self, check: Named) -> bool:
        """False if no result of this check can be asked for."""
        if self.only and not any(_could_match(pattern, check) for pattern in self.only):
            return False
        names = (check.id.lower(), _template(check))
        return not _matches(names, self.skip)

    def keeps(self, result: Judged) -> bool:
        """True if this result is asked for."""
        if not self.only and not self.skip:
            return True
        names = [result.check.lower(), (result.kubeadm or "").lower()]
        if self.only and not _matches(names, self.only):
            return False
        return not _matches(names, self.skip)


def _hint(pattern: str, checks: Iterable[Named]) -> str:
    names = {}
    for check in checks:
        for name in (check.id, (check.kubeadm or "").replace("{subject}", "*")):
            names[name.lower()] = name
    near = difflib.get_close_matches(pattern, names, 1)
    return f", did you mean {names[near[0]]}?" if near else "; see `kscan checks`"


def _split(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        yield from (part.strip().lower() for part in word.split(",") if part.strip())


def _matches(names: Iterable[str], patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _template(check: Named) -> str:
    return (check.kubeadm or "").lower().replace("{subject}", "*")


def _could_match(pattern: str, check: Named) -> bool:
    """True if some subject's name could match; both sides may hold a `*`."""
    if fnmatchcase(check.id.lower(), pattern):
        return True
    if check.kubeadm is None:
        return False
    template = _template(check)
    as_regex = re.escape(template).replace(r"\*", ".*")
    return fnmatchcase(template, pattern) or re.fullmatch(as_regex, pattern) is not None
