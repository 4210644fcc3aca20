"""The rules between hosts as text: one of them for `kscan explain`, all for docs/checks.md."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from inspect import cleandoc

from scanner.edges.checks import EdgeCheck
from scanner.fleet.rule import FleetCheck


def page(check: FleetCheck | EdgeCheck) -> Iterator[str]:
    """One rule in Markdown."""
    yield f"## {check.id}: {check.title}"
    yield ""
    alone = "" if check.compares else ", and for a single host too"
    yield f"kscan's own, between the hosts of a run{alone}; the worst it says is: {check.severity}."
    yield ""
    yield from cleandoc(check.description).splitlines()
    yield ""
    yield from textwrap.wrap(f"Fix: {check.remedy}", 100)
    yield ""


def pages(checks: Iterable[FleetCheck | EdgeCheck]) -> str:
    """The part of docs/checks.md after the checks of single hosts."""
    lines = [
        "# The rules between hosts",
        "",
        "What kubeadm cannot see, because it looks at one host: these are asked once for all hosts",
        "of a run. Where a host did not tell what a rule needs, the rule never passes: it is",
        "UNKNOWN, or says beside what it found how many hosts it knows of.",
        "",
    ]
    for check in checks:
        lines.extend(page(check))
    return "\n".join(lines).rstrip() + "\n"
