"""The changes between two reports gathered as they are told: each once, with its hosts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from scanner.diff.between import EdgeChange
from scanner.diff.facts import FactChange
from scanner.diff.hosts import HostDiff
from scanner.diff.rows import Kind, RowChange
from scanner.edges.report import EdgeState
from scanner.report import HostStatus
from scanner.verdict import Verdict

MESSAGES = 5
"""Different messages of one change that are kept; each may be different on each host."""


@dataclass(frozen=True, slots=True)
class RowKey:
    """What rows have in common that are told together."""

    kind: Kind
    worse: bool
    title: str
    check: str
    before: Verdict | None
    after: Verdict | None
    remedy: str


@dataclass(slots=True)
class RowGroup:
    """Its messages, and the hosts that it is about."""

    messages: dict[str, None] = field(default_factory=dict)
    hosts: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Groups:
    """Everything of a comparison; grows with what has changed, not with the fleet."""

    titles: Mapping[str, str]
    status: dict[tuple[HostStatus | None, HostStatus | None, str], list[str]] = field(
        default_factory=dict
    )
    """(before, after, why it is unreachable) -> hosts."""
    rows: dict[RowKey, RowGroup] = field(default_factory=dict)
    between: dict[RowKey, RowGroup] = field(default_factory=dict)
    cluster: dict[RowKey, RowGroup] = field(default_factory=dict)
    facts: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    """(fact, before, after), values as JSON -> hosts."""
    edges: dict[tuple[str, EdgeState | None, EdgeState | None, bool], list[str]] = field(
        default_factory=dict
    )
    """(`6443/tcp`, before, after, worse) -> `node2 -> node1`."""

    def add_host(self, host: HostDiff) -> None:
        """Take what has changed of one host."""
        if host.before != host.after:
            reason = host.reason if host.after is HostStatus.UNREACHABLE else ""
            reason = reason.replace(host.name, "HOST") if reason else ""
            self.status.setdefault((host.before, host.after, reason), []).append(host.name)
        for row in host.rows:
            self._add(self.rows, row, (host.name,))
        for fact in host.facts:
            key = (fact.fact, *_values(fact))
            self.facts.setdefault(key, []).append(host.name)

    def add_between(self, rows: Iterable[RowChange], edges: Iterable[EdgeChange]) -> None:
        """Take what has changed between hosts."""
        for row in rows:
            self._add(self.between, row, row.hosts)
        for edge in edges:
            port = f"{edge.port}/{edge.proto}" if edge.port else "name"
            what = f"{port} by {edge.by}"
            key = (what, edge.before, edge.after, edge.worse)
            self.edges.setdefault(key, []).append(f"{edge.from_} -> {edge.to}")

    def add_cluster(self, rows: Iterable[RowChange]) -> None:
        """Take what has changed of the running cluster."""
        for row in rows:
            self._add(self.cluster, row, ())

    def _add(self, groups: dict[RowKey, RowGroup], row: RowChange, hosts: tuple[str, ...]) -> None:
        title = row.kubeadm or f"{self.titles.get(row.check, row.check)} {row.subject}".rstrip()
        key = RowKey(row.kind, row.worse, title, row.check, row.before, row.after, row.remedy)
        group = groups.setdefault(key, RowGroup())
        group.hosts.update(dict.fromkeys(hosts))
        if len(group.messages) <= MESSAGES:
            group.messages.setdefault(row.message)


def _values(fact: FactChange) -> tuple[str, str]:
    """Both values as text; of two lists only what the other one does not have."""
    before, after = fact.before, fact.after
    if isinstance(before, list) and isinstance(after, list):
        was, now = (list(map(_text, value)) for value in (before, after))
        gone = [item for item in was if item not in set(now)]
        come = [item for item in now if item not in set(was)]
        if gone or come:
            return f"[{', '.join(gone)}]", f"[{', '.join(come)}]"
    return _text(before), _text(after)


def _text(value: object) -> str:
    if value is None:
        return "nothing"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
