"""The hosts of a report -> the block of data that the HTML page draws its matrix and hosts from.

A line for each host, and each line brings what no line before it has brought: its new texts, its
new results, its new groups of facts, and then the host in numbers of these. What hosts have in
common, which is nearly all, stands in the page once, and no line waits for the end of the run.
`page/data.js` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, TypeAlias

from scanner.beside import NOTE
from scanner.checks.rule import Finding, Severity
from scanner.disagreements import differs
from scanner.evaluate import Result
from scanner.matrix import Row
from scanner.render.harmless import harmless
from scanner.report import HostReport, HostStatus
from scanner.runs.nameless_file import NamelessFile, Place
from scanner.verdict import Verdict

LONGEST = 2_000
"""Characters of one value: a list of kernel options is long, and wanted."""
WHOLE = 1_000
"""Hosts up to which every host has its facts in the page; above, only those that are not fine."""
VERDICTS = (Verdict.PASS, Verdict.WARN, Verdict.FAIL, Verdict.SKIP, Verdict.UNKNOWN)
STATUSES = tuple(HostStatus)
_FINE = frozenset({HostStatus.READY, HostStatus.MEMBER})
_VERDICT = {verdict: number for number, verdict in enumerate(VERDICTS)}
_STATUS = {status: number for number, status in enumerate(STATUSES)}
_BLOCKING, _OWN, _DIFFERS = 1, 2, 4
"""Bits of a result: it blocks, kubeadm has no such check, kubeadm said something else."""

_Line: TypeAlias = list[Any]
_JSON = json.JSONEncoder(separators=(",", ":"))


def safe_json(value: object) -> str:
    """JSON in ASCII that can stand in a `<script>`: there is no `<` in it."""
    return _JSON.encode(value).replace("<", "\\u003c")


class PageData:
    """Codes hosts as they come; what is in memory grows with what differs between hosts."""

    def __init__(self, hosts: int) -> None:
        self._leaves_out = hosts > WHOLE
        self._file = NamelessFile()
        self._places: list[Place] = []
        self._rows: dict[tuple[str, str], int] = {}
        self._texts: dict[str, int] = {"": 0}
        self._results: dict[tuple[Any, ...], int] = {}
        self._facts: dict[bytes, int] = {}
        self._new_texts: list[str] = []
        self.asked_kubeadm = False
        """True if a host has words of its own kubeadm."""

    def watch(self, hosts: Iterable[HostReport]) -> Iterator[HostReport]:
        """Code each host while another reader takes it: a host is decoded once for both."""
        for host in hosts:
            self.add(host)
            yield host

    def add(self, host: HostReport) -> None:
        """Code one host."""
        if any(note.startswith(NOTE) for note in host.notes):
            self.asked_kubeadm = True
        new_results: list[tuple[Any, ...]] = []
        new_facts: list[_Line] = []
        cells = [self._result(result, new_results) for result in host.results]
        is_left_out = self._leaves_out and host.status in _FINE
        facts = None if is_left_out else self._facts_of(host.facts or {}, new_facts)
        about = self._about(host)
        texts, self._new_texts = self._new_texts, []
        line = safe_json([texts, new_results, new_facts, about, cells, facts])
        self._places.append(self._file.put(line.encode("ascii")))

    def pieces(self, rows: Iterable[Row], symbols: Mapping[Verdict, str]) -> Iterator[str]:
        """The document, all of it ASCII.

        Args:
            rows: of the matrix, in its order; every result of every host has one.
            symbols: of the verdicts, the same as in the rest of the page.
        """
        columns = [
            [self._rows[row.check, row.subject], row.check, _shown(row.subject), _shown(row.name)]
            for row in rows
        ]
        head = {
            "verdicts": [[verdict.value, symbols[verdict]] for verdict in VERDICTS],
            "statuses": [status.value for status in STATUSES],
            "columns": columns,
            "whole": WHOLE if self._leaves_out else None,
        }
        yield f'{safe_json(head)[:-1]},"hosts":['
        for number, place in enumerate(self._places):
            yield f"{',' if number else ''}\n{self._file.get(place).decode('ascii')}"
        yield "\n]}"

    def close(self) -> None:
        """Give the disk space back."""
        self._file.close()

    def _text(self, text: str) -> int:
        number = self._texts.get(text)
        if number is None:
            number = self._texts[text] = len(self._texts)
            self._new_texts.append(_shown(text))
        return number

    def _result(self, result: Result, new: list[tuple[Any, ...]]) -> int:
        says = result.kubeadm_says
        if says is not None:
            self.asked_kubeadm = True
        place = (result.check, result.subject)
        row = self._rows.setdefault(place, len(self._rows))
        flags = (_BLOCKING * result.blocking) | (_OWN * (result.kubeadm is None))
        if says is not None and differs(result):
            flags |= _DIFFERS
        ignored = result.ignored
        key = (
            row,
            _VERDICT[result.verdict],
            flags,
            self._text(result.evidence.value),
            self._text(result.message),
            self._text(result.remedy),
            self._text(result.source),
            tuple(map(self._finding, result.findings)) if result.findings else 0,
            (self._text(ignored.reason), self._text(ignored.until)) if ignored else 0,
            0 if says is None else tuple(map(self._text, says)),
        )
        number = self._results.get(key)
        if number is None:
            number = self._results[key] = len(self._results)
            new.append(key)
        return number

    def _finding(self, finding: Finding) -> tuple[int, ...]:
        return (
            int(finding.severity is Severity.ERROR),
            self._text(finding.message),
            self._text(finding.have),
            self._text(finding.need),
            self._text(finding.source),
        )

    def _facts_of(self, facts: Mapping[str, Any], new: list[_Line]) -> list[int]:
        numbers = []
        for name, value in facts.items():
            whole = _JSON.encode([name, value]).encode("ascii")
            # 5,000 hosts have 50 MB of facts: their digests are enough to tell them apart
            digest = blake2b(whole, digest_size=16).digest()
            number = self._facts.get(digest)
            if number is None:
                number = self._facts[digest] = len(self._facts)
                new.append([_shown(name), [*_fields(value)]])
            numbers.append(number)
        return numbers

    def _about(self, host: HostReport) -> _Line:
        return [
            _shown(host.name),
            0 if host.node_name == host.name else _shown(host.node_name),
            _shown(host.address),
            [self._text(role) for role in host.roles],
            self._text(host.role),
            _STATUS[host.status],
            _shown(host.reason),
            host.seconds.connect,
            host.seconds.probe,
            host.retries,
            self._text(host.versions.kubeadm or ""),
            self._text(host.versions.kubelet or ""),
            _shown(host.capture_id),
            [_shown(note) for note in host.notes],
        ]


def _fields(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield _shown(str(name)), _value(inner)
    else:
        yield "", _value(value)


def _value(value: object) -> str:
    return _shown(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _shown(text: str) -> str:
    return harmless(text, limit=LONGEST)
