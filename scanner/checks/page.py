"""The catalogue as text: a check's page for `kscan explain`, all of them for docs/checks.md."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from inspect import cleandoc

from scanner.checks.fixes import FIXES
from scanner.checks.rule import Applies, Check
from scanner.explanations import EXPLANATIONS
from scanner.target import Role
from scanner.versions import Version, VersionRange

ROLES = {
    Role.INIT: "init",
    Role.JOIN_CONTROL_PLANE: "join as control plane",
    Role.JOIN_WORKER: "join as worker",
}


def page(check: Check) -> Iterator[str]:
    """One check in Markdown: what is read, when it passes, severities, the fix."""
    yield f"## {check.id}: {check.title}"
    yield ""
    yield f"kubeadm's name: `{_name(check)}`" if check.kubeadm else "kscan's own; kubeadm has none."
    yield ""
    yield from cleandoc(check.description).splitlines()
    yield ""
    yield "| kubeadm | roles | severity | which | evidence |"
    yield "|---|---|---|---|---|"
    for row in _merged(check.applies):
        roles = ", ".join(ROLES[role] for role in Role if role in row.roles)
        which = "all" if row.subjects is None else ", ".join(sorted(row.subjects))
        severity = f"{row.severity} (kscan's own)" if row.own else row.severity.value
        yield f"| {versions(row.versions)} | {roles} | {severity} | {which} | {row.evidence} |"
    yield ""
    yield from textwrap.wrap(f"Fix: {_remedy(check)}", 100)
    yield ""
    yield from _told_below(check)
    if check.id in FIXES:
        yield "| on | so that it outlasts a reboot |"
        yield "|---|---|"
        yield from (f"| {where} | {how} |" for where, how in FIXES[check.id].items())
        yield ""


def pages(checks: Iterable[Check]) -> str:
    """docs/checks.md as a whole."""
    lines = [
        "# The checks",
        "",
        "Generated from the catalogue by `make docs`; `kscan explain NAME` shows one of them.",
        "The evidence says how it is known that kubeadm does this in these versions: `real` was",
        "seen with that kubeadm on a real host, `source` was read in its source, `notes` stands in",
        "release notes, `inferred` is concluded from its neighbours, `own` is not kubeadm's.",
        "",
    ]
    for check in checks:
        lines.extend(page(check))
    return "\n".join(lines).rstrip() + "\n"


def versions(covered: VersionRange) -> str:
    """`v1.18 to before v1.31.2`, `until v1.23`, `all`."""
    if covered.since is None and covered.until is None:
        return "all"
    if covered.since is None:
        return f"before {_short(covered.until)}"
    since = f"from {_short(covered.since)}"
    return since if covered.until is None else f"{since} to before {_short(covered.until)}"


def _told_below(check: Check) -> Iterator[str]:
    """Below which other failures of its host it stands in a report, and why."""
    if any(one.cause == check.id and not one.effects for one in EXPLANATIONS):
        yield "In a report, what is not known for want of root stands below this check."
        yield ""
    if causes := [one for one in EXPLANATIONS if check.id in one.effects]:
        yield "In a report it stands below another failure of its host where that one is why:"
        yield ""
        for one in causes:
            which = f"{one.cause} of another subject" if one.cause == check.id else one.cause
            yield from textwrap.wrap(f"- {which}: {one.source}", 100, subsequent_indent="  ")
        yield ""


def _short(version: Version | None) -> str:
    if version is None:
        return ""
    return f"v{version.major}.{version.minor}" + (f".{version.patch}" if version.patch else "")


def _merged(rows: Iterable[Applies]) -> Iterator[Applies]:
    """Rows that differ in nothing stand once."""
    yield from dict.fromkeys(rows)


def _name(check: Check) -> str:
    return (check.kubeadm or "").replace("{subject}", "*")


def _remedy(check: Check) -> str:
    return check.remedy.replace("{subject}", "NAME")
