"""What the demo fleet must be judged as; a demo that says something else has failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from scanner.report import HostReport


def expected(path: Path) -> Mapping[str, frozenset[str]]:
    """Host name -> what blocks it: kubeadm's names or our ids, or `unreachable`."""
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: frozenset(blocking) for name, blocking in found.items()}


def differences(hosts: Iterable[HostReport], wanted: Mapping[str, frozenset[str]]) -> list[str]:
    """One line for each host that was judged otherwise, or not at all."""
    judged = {host.name: blocking(host) for host in hosts}
    return [
        f"{name}: expected {_words(wanted.get(name))}, judged {_words(judged.get(name))}"
        for name in sorted({*judged, *wanted})
        if judged.get(name) != wanted.get(name)
    ]


def blocking(host: HostReport) -> frozenset[str]:
    """The names of the results that block a host."""
    if host.reason:
        return frozenset({host.status.value})
    return frozenset(result.kubeadm or result.check for result in host.results if result.blocking)


def _words(names: frozenset[str] | None) -> str:
    if names is None:
        return "no such host"
    return ", ".join(sorted(names)) or "ready"
