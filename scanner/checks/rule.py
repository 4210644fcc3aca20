"""What a check is: a pure generator function, and what kubeadm's versions say about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from types import ModuleType
from typing import TypeAlias

from scanner.facts.base import Facts
from scanner.target import Role, Target
from scanner.versions import Version, VersionRange


class Severity(StrEnum):
    """kubeadm's two words for what is wrong."""

    WARNING = "warning"
    ERROR = "error"


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


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, as values; a rule that yields none has passed."""

    message: str
    """One sentence without the host's name."""
    have: str = ""
    need: str = ""
    source: str = ""
    """Where the value was read: a path or a command."""
    severity: Severity | None = None
    """None = the severity of the row of `applies` that asked for the check."""


INIT = frozenset({Role.INIT})
CONTROL_PLANE = frozenset({Role.INIT, Role.JOIN_CONTROL_PLANE})
JOIN = frozenset({Role.JOIN_CONTROL_PLANE, Role.JOIN_WORKER})
WORKER = frozenset({Role.JOIN_WORKER})
ALL = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Applies:
    """Roles and kubeadm versions in which a check is asked, and the worst that it can say there."""

    roles: frozenset[Role]
    severity: Severity
    versions: VersionRange
    evidence: Evidence
    subjects: frozenset[str] | None
    """The subjects this row speaks of; None = all."""
    own: bool
    """True where kubeadm has no such check (any more) and it is kscan's own."""


def applies(
    roles: frozenset[Role],
    severity: Severity,
    *,
    since: str | None = None,
    until: str | None = None,
    evidence: Evidence = Evidence.SOURCE,
    subjects: Iterable[str] | None = None,
    own: bool = False,
) -> Applies:
    """Write one row; `since` and `until` (exclusive) are `1.18` or, for a back-port, `1.31.2`."""
    return Applies(
        roles,
        severity,
        VersionRange.parse(since, until),
        Evidence.OWN if own else evidence,
        None if subjects is None else frozenset(subjects),
        own,
    )


Rule: TypeAlias = Callable[[Facts, Target, str], Iterator[Finding]]
Subjects: TypeAlias = Callable[[Target], tuple[str, ...]]
Skip: TypeAlias = Callable[[Target, str], str | None]


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of the catalogue; a value, so that importing a module registers nothing."""

    id: str
    """Ours, for ever: KS1xx hardware and identity, KS2xx services and runtime, KS3xx ports and
    files, KS4xx kernel, KS5xx network and proxies, KS6xx etcd."""
    title: str
    kubeadm: str | None
    """kubeadm's name; `{subject}` is replaced as kubeadm does, with `-` for `/`."""
    applies: tuple[Applies, ...]
    remedy: str
    """What to do about it, one imperative sentence; `{subject}` is replaced."""
    subjects: Subjects
    skip: Skip
    rule: Rule

    @property
    def description(self) -> str:
        """The rule's docstring: what is read and when it passes."""
        return (self.rule.__doc__ or "").strip()

    def row(self, role: Role, version: Version, subject: str) -> Applies | None:
        """The row that asks this check of a role in a version, or None."""
        for row in self.applies:
            if (
                role in row.roles
                and version in row.versions
                and (row.subjects is None or subject in row.subjects)
            ):
                return row
        return None

    def name(self, subject: str) -> str | None:
        """kubeadm's name for this subject (`Port-6443`, `FileAvailable--etc-kubernetes-...`)."""
        if self.kubeadm is None:
            return None
        return self.kubeadm.replace("{subject}", subject.replace("/", "-"))


def _one_subject(_target: Target) -> tuple[str, ...]:
    return ("",)


def _never_skip(_target: Target, _subject: str) -> str | None:
    return None


def check(
    check_id: str,
    title: str,
    *rows: Applies,
    kubeadm: str | None,
    remedy: str,
    subjects: Subjects = _one_subject,
    skip: Skip = _never_skip,
) -> Callable[[Rule], Check]:
    """Turn a rule into a Check.

    Args:
        check_id: unique in the catalogue.
        title: a noun phrase for the matrix's legend.
        rows: versions and roles; the first that fits decides.
        kubeadm: kubeadm's name or None.
        remedy: what to do about it.
        subjects: target -> the names it is called with, so that each row has a name also when it
            passes; `("",)` for a check without one.
        skip: (target, subject) -> why the configuration does not ask for it, or None.
    """

    def wrap(rule: Rule) -> Check:
        return Check(check_id, title, kubeadm, rows, remedy, subjects, skip, rule)

    return wrap


def collect(*modules: ModuleType) -> tuple[Check, ...]:
    """All checks of the modules by id.

    Raises:
        ValueError: two checks have one id.
    """
    found: dict[str, Check] = {}
    for module in modules:
        for value in vars(module).values():
            if not isinstance(value, Check):
                continue
            if value.id in found and found[value.id] is not value:
                raise ValueError(f"two checks have the id {value.id}")
            found[value.id] = value
    return tuple(found[check_id] for check_id in sorted(found))
