"""What a check is: a pure generator function, and what kubeadm's versions say about it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from scanner.facts.base import FactMissing, Facts
from scanner.kubeadm.evidence import ERAS
from scanner.kubeadm.evidence import Evidence as Evidence  # noqa: PLC0414 - part of a check's words
from scanner.secrets.redact import redactor
from scanner.severity import Severity as Severity  # noqa: PLC0414 - as Evidence above
from scanner.target import Role, Target
from scanner.versions import Version, VersionRange


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
    remedy: str = ""
    """What to do about just this; empty = the check's own."""

    def at(self, severity: Severity) -> Finding:
        """The finding with a severity where it has none; spelt out, as replace() is slow."""
        if self.severity is not None:
            return self
        return Finding(self.message, self.have, self.need, self.source, severity, self.remedy)


INIT = frozenset({Role.INIT})
CONTROL_PLANE = frozenset({Role.INIT, Role.JOIN_CONTROL_PLANE})
JOIN = frozenset({Role.JOIN_CONTROL_PLANE, Role.JOIN_WORKER})
JOIN_CONTROL_PLANE = frozenset({Role.JOIN_CONTROL_PLANE})
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


def applies_to(roles: frozenset[Role], severity: Severity, versions: VersionRange) -> Applies:
    """Write the row of a check that is not kubeadm's, for versions that somebody has typed."""
    return Applies(roles, severity, versions, Evidence.OWN, None, own=True)


def history(
    roles: frozenset[Role],
    severity: Severity,
    *,
    since: str | None = None,
    until: str | None = None,
    v1_20: Evidence = Evidence.SOURCE,
    gaps: Evidence = Evidence.INFERRED,
    subjects: Iterable[str] | None = None,
) -> tuple[Applies, ...]:
    """Write the rows of a check that is the same in all these versions, with what proves it when.

    Args:
        roles: as in `applies`, like the other names that are not here.
        severity: the worst that it can say.
        since: the first version.
        until: the first version without it.
        v1_20: REAL where it was seen with kubeadm v1.20.2.
        gaps: the evidence for releases between those whose source was read; NOTES where release
            notes fix both ends.
        subjects: None = all.
    """
    whole = VersionRange.parse(since, until)
    names = None if subjects is None else frozenset(subjects)
    rows = []
    for start, end, read in ERAS:
        era = _overlap(whole, VersionRange.parse(start, end))
        if era is not None:
            evidence = Evidence.SOURCE if read else gaps
            if start == "1.20":
                evidence = v1_20
            rows.append(Applies(roles, severity, era, evidence, names, own=False))
    return tuple(rows)


def _overlap(one: VersionRange, two: VersionRange) -> VersionRange | None:
    since = max((v for v in (one.since, two.since) if v is not None), default=None)
    until = min((v for v in (one.until, two.until) if v is not None), default=None)
    if since is not None and until is not None and since >= until:
        return None
    return VersionRange(since, until)


def every_part(*parts: Iterator[Finding]) -> Iterator[Finding]:
    """Yield the findings of all parts; what some could not know is raised after the last."""
    missing: list[str] = []
    for part in parts:
        try:
            yield from part
        except FactMissing as reason:
            missing.append(str(reason))
    if missing:
        raise FactMissing("; ".join(dict.fromkeys(missing)))


SHORT = 300
"""Characters of a host's own words in a message."""


def clip(text: str) -> str:
    """A host's own words, as they are but for secrets and what would not fit into a sentence."""
    text = redactor().text(text)  # before the cut: half a secret could not be found
    return text if len(text) <= SHORT else f"{text[:SHORT]}..."


Rule: TypeAlias = Callable[[Facts, Target, str], Iterator[Finding]]
Subjects: TypeAlias = Callable[[Target], tuple[str, ...]]
Skip: TypeAlias = Callable[[Target, str], str | None]
Worst: TypeAlias = Callable[[Target], Severity | None]


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """One entry of the catalogue; a value, so that importing a module registers nothing."""

    id: str
    """Ours, for ever: KS1xx hardware and identity, KS2xx services and runtime, KS3xx ports and
    files, KS4xx kernel, KS5xx network and proxies, KS6xx etcd; KS7xx are between hosts."""
    title: str
    kubeadm: str | None
    """kubeadm's name; `{subject}` is replaced as kubeadm does, with `-` for `/`."""
    applies: tuple[Applies, ...]
    remedy: str
    """What to do about it, one imperative sentence; `{subject}` is replaced."""
    subjects: Subjects
    skip: Skip
    worst: Worst
    """The worst that the rule could say where the configuration decides it; None = the row's."""
    rule: Rule

    @property
    def description(self) -> str:
        """The rule's docstring: what is read and when it passes."""
        return (self.rule.__doc__ or "").strip()

    def of_version(self, version: Version) -> tuple[Applies, ...]:
        """The rows of a version of kubeadm."""
        return _rows(self, version)

    def rows(
        self, target: Target, of_version: tuple[Applies, ...]
    ) -> Iterator[tuple[str, Applies | None]]:
        """The subjects of a target that its kubeadm asks of some role, each with its row.

        A name that it has for no role would be a row of skips in every matrix; one that it asks
        of another role only is here with None, and becomes SKIP.
        """
        yield from rows_of(self.subjects(target), target.role, of_version)

    def asked(self, target: Target) -> tuple[str, ...]:
        """The subjects of `rows`."""
        rows = self.rows(target, self.of_version(target.kubeadm))
        return tuple(subject for subject, _ in rows)

    def row(self, role: Role, version: Version, subject: str) -> Applies | None:
        """The row that asks this check of a role in a version, or None."""
        for row in self.of_version(version):
            if role in row.roles and (row.subjects is None or subject in row.subjects):
                return row
        return None

    def name(self, subject: str) -> str | None:
        """kubeadm's name for this subject (`Port-6443`, `FileAvailable--etc-kubernetes-...`)."""
        if self.kubeadm is None:
            return None
        return self.kubeadm.replace("{subject}", subject.replace("/", "-"))


def rows_of(
    subjects: tuple[str, ...], role: Role, of_version: tuple[Applies, ...]
) -> Iterator[tuple[str, Applies | None]]:
    """See Check.rows."""
    for subject in subjects:
        about = [row for row in of_version if row.subjects is None or subject in row.subjects]
        if about:
            yield subject, next((row for row in about if role in row.roles), None)


@functools.lru_cache(maxsize=4096)
def _rows(check: Check, version: Version) -> tuple[Applies, ...]:
    """The rows of a version; asked again for every host, and versions compare slowly."""
    return tuple(row for row in check.applies if version in row.versions)


def _one_subject(_target: Target) -> tuple[str, ...]:
    return ("",)


def _never_skip(_target: Target, _subject: str) -> str | None:
    return None


def _as_its_row(_target: Target) -> Severity | None:
    return None


def check(
    check_id: str,
    title: str,
    *rows: Applies,
    kubeadm: str | None,
    remedy: str,
    subjects: Subjects = _one_subject,
    skip: Skip = _never_skip,
    worst: Worst = _as_its_row,
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
        worst: target -> the worst it could say, where the configuration and not the row decides.
    """

    def wrap(rule: Rule) -> Check:
        return Check(check_id, title, kubeadm, rows, remedy, subjects, skip, worst, rule)

    return wrap
