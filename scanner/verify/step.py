"""What a step of verify is: a pure generator over what was read, and what it needs to be read."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from scanner.checks.rule import Finding, Severity
from scanner.kubeadm.after_init import AfterInit, after_init
from scanner.verify.expected import Expected, ExpectedNode
from scanner.verify.objects import Object, Ref, internal_addresses, name_of
from scanner.verify.observed import Listed, Observed
from scanner.versions import Version


@dataclass(frozen=True)
class Seen:
    """What a rule reads; what is looked for again for each of thousands of nodes is kept."""

    observed: Observed
    expected: Expected

    @functools.cached_property
    def nodes(self) -> Mapping[str, Object]:
        """All Nodes by their names.

        Raises:
            FactMissing: they could not be read.
        """
        return {name_of(node): node for node in self.observed.all(Listed.NODES)}

    @functools.cached_property
    def of_inventory(self) -> Mapping[str, ExpectedNode]:
        """Name of a Node -> the host of the inventory that it is.

        Raises:
            FactMissing: the nodes could not be read.
        """
        return self.expected.match(self.nodes.values())

    @functools.cached_property
    def at_address(self) -> Mapping[str, tuple[str, ...]]:
        """Each InternalIP -> the names of the Nodes that have it.

        Raises:
            FactMissing: the nodes could not be read.
        """
        found: dict[str, list[str]] = {}
        for name, node in self.nodes.items():
            for address in internal_addresses(node):
                found.setdefault(address, []).append(name)
        return {address: tuple(names) for address, names in found.items()}

    @property
    def left(self) -> AfterInit:
        """What this version's kubeadm leaves."""
        return after_init(self.observed.version)


Rule: TypeAlias = Callable[[Seen, str], Iterator[Finding]]
Subjects: TypeAlias = Callable[[Seen], tuple[str, ...]]
Skip: TypeAlias = Callable[[Seen, str], str | None]
Reads: TypeAlias = Callable[[Version], tuple[Ref, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One entry of verify's catalogue; ids KS8xx."""

    id: str
    title: str
    step: int | None
    depends: tuple[str, ...]
    remedy: str
    reads: Reads
    """The objects that are read by their names for it."""
    subjects: Subjects
    skip: Skip
    rule: Rule
    severity: Severity = Severity.ERROR
    """The worst that it can say."""
    kubeadm: None = None
    """kubeadm has no name for what it leaves behind."""

    @property
    def description(self) -> str:
        """The rule's docstring."""
        return (self.rule.__doc__ or "").strip()


def _nothing(_version: Version) -> tuple[Ref, ...]:
    return ()


def _never_skip(_seen: Seen, _subject: str) -> str | None:
    return None


def step(
    check_id: str,
    title: str,
    *,
    remedy: str,
    number: int | None = None,
    depends: tuple[str, ...] = (),
    reads: Reads = _nothing,
    subjects: tuple[str, ...] | Subjects = ("",),
    skip: Skip = _never_skip,
    severity: Severity = Severity.ERROR,
) -> Callable[[Rule], Step]:
    """Turn a rule into a Step.

    Args:
        check_id: unique in all catalogues.
        title: a noun phrase.
        remedy: what to do about it, in the imperative; `{subject}` is replaced.
        number: which of kubeadm's eleven steps it proves.
        depends: ids of checks that, failing, may make this one fail.
        reads: version -> the objects it looks at by their names.
        subjects: its parts, or what gives them.
        skip: (seen, subject) -> why it is not asked, or None.
        severity: the worst that it can say.
    """

    def parts(_seen: Seen) -> tuple[str, ...]:
        return subjects if isinstance(subjects, tuple) else ()

    def wrap(rule: Rule) -> Step:
        asked = parts if isinstance(subjects, tuple) else subjects
        return Step(check_id, title, number, depends, remedy, reads, asked, skip, rule, severity)

    return wrap
