"""kubeadm's own words beside kscan's results, and what is left of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from scanner.evaluate import Result
from scanner.kubeadm.said import Said, parse_said
from scanner.probe.preflight import Preflight
from scanner.target import Role
from scanner.verdict import Verdict

NOTE = "kubeadm "
"""What every note about the host's own kubeadm begins with."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A host's results with kubeadm's words in them, and the words that have no row."""

    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()


def beside(results: Iterable[Result], preflight: Preflight | None, role: Role) -> Beside:
    """Give each row what kubeadm said under its name.

    A row gets () where kubeadm was asked and said nothing, and None where it was not asked, or
    ended before this check: its silence means nothing then.

    Args:
        results: of all checks, so that what nobody selected is not taken for a line without a row.
        preflight: of this host; None if its kubeadm was not asked.
        role: as which the host is judged now.
    """
    rows = tuple(results)
    if preflight is None:
        return Beside(rows)
    if preflight.role != role:
        return Beside(rows, (f"{NOTE}was asked as {preflight.role}: its words are left out",))
    said = parse_said(preflight.said)
    ended = preflight.exit_status is not None
    placed = tuple(replace(row, kubeadm_says=_words(row, said, role, ended=ended)) for row in rows)
    return Beside(placed, tuple(_notes(rows, said, preflight, role)))


def _words(row: Result, said: Said, role: Role, *, ended: bool) -> tuple[str, ...] | None:
    if row.kubeadm is None:
        return None
    lines = said.about(row.kubeadm)
    if lines:
        return lines
    asked = row.verdict is not Verdict.SKIP and said.reached(row.kubeadm, role, ended=ended)
    return () if asked else None


def _notes(rows: tuple[Result, ...], said: Said, preflight: Preflight, role: Role) -> Iterator[str]:
    if preflight.ended:
        yield NOTE + preflight.ended
    elif not said.started:
        words = said.error or f"nothing, and exit status {preflight.exit_status}"
        yield f"{NOTE}ended before its first check: {words}"
    elif said.error and role is Role.INIT:
        # A join ends when it looks for the cluster, because nobody accepts its token.
        yield f"{NOTE}ended with: {said.error}"
    names = {row.kubeadm for row in rows}
    for message in said.messages:
        if message.name not in names:
            yield f"{NOTE}says {message.line}"
