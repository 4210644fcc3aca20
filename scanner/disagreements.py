"""Where the hosts' own kubeadm and kscan say different things, and where nobody can tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scanner.beside import NOTE
from scanner.evaluate import Result
from scanner.report import HostReport
from scanner.verdict import Verdict

_SEVERITIES = ("ERROR", "WARNING")


@dataclass(frozen=True, slots=True)
class Difference:
    """One of kubeadm's names, and the hosts on which it was answered differently in one way."""

    name: str
    verdict: Verdict
    ours: tuple[str, ...]
    """Severities of kscan's findings: ERROR, WARNING, both or none."""
    theirs: tuple[str, ...]
    lines: tuple[str, ...]
    """kubeadm's words on the first of the hosts."""
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disagreements:
    """Both sides of all hosts, compared."""

    hosts: tuple[str, ...]
    """Those whose kubeadm came to at least one check."""
    differences: tuple[Difference, ...]
    """In the order in which they were met."""
    not_reached: tuple[tuple[str, int], ...]
    """Hosts whose kubeadm ended early, and to how many of kscan's rows it did not come."""
    notes: tuple[tuple[str, tuple[str, ...]], ...]
    """What kubeadm said outside the rows, and the hosts that it was said on."""

    @property
    def asked(self) -> bool:
        """True if any kubeadm was to be asked."""
        return bool(self.hosts or self.notes)


def disagreements(hosts: Iterable[HostReport]) -> Disagreements:
    """Read each host once; what is kept grows with what differs."""
    asked: list[str] = []
    found: dict[tuple[str, Verdict, tuple[str, ...], tuple[str, ...]], list[str]] = {}
    words: dict[tuple[str, Verdict, tuple[str, ...], tuple[str, ...]], tuple[str, ...]] = {}
    early: list[tuple[str, int]] = []
    notes: dict[str, list[str]] = {}
    for host in hosts:
        for note in host.notes:
            if note.startswith(NOTE):
                notes.setdefault(note, []).append(host.name)
        if all(result.kubeadm_says is None for result in host.results):
            continue
        asked.append(host.name)
        if lacking := sum(_not_reached(result) for result in host.results):
            early.append((host.name, lacking))
        for result in host.results:
            if differs(result):
                says = result.kubeadm_says or ()
                key = (result.kubeadm or "", result.verdict, _ours(result), _theirs(says))
                found.setdefault(key, []).append(host.name)
                words.setdefault(key, says)
    return Disagreements(
        tuple(asked),
        tuple(Difference(*key, words[key], tuple(names)) for key, names in found.items()),
        tuple(early),
        tuple((note, tuple(names)) for note, names in notes.items()),
    )


def differs(result: Result) -> bool:
    """True if kubeadm was asked and answered with other severities.

    What is ignored counts as what it was: kubeadm was not told to ignore anything.
    """
    return result.kubeadm_says is not None and _theirs(result.kubeadm_says) != _ours(result)


def _not_reached(result: Result) -> bool:
    own = result.kubeadm is None or result.verdict is Verdict.SKIP
    return not own and result.kubeadm_says is None


def _ours(result: Result) -> tuple[str, ...]:
    found = {f.severity.value.upper() for f in result.findings if f.severity is not None}
    return tuple(word for word in _SEVERITIES if word in found)


def _theirs(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        word for word in _SEVERITIES if any(line.startswith(f"[{word} ") for line in lines)
    )
