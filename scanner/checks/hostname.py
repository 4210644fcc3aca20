"""The node's name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanner.checks.rule import (
    ALL,
    Evidence,
    Finding,
    Severity,
    check,
    clip,
    every_part,
    history,
)
from scanner.facts.base import FactMissing, Facts
from scanner.facts.identity import Identity
from scanner.facts.network import NameLookup
from scanner.kubeadm import releases
from scanner.target import Target

_LONGEST = 63
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")


@check(
    "KS105",
    "host name",
    *history(ALL, Severity.WARNING, v1_20=Evidence.REAL),
    kubeadm="Hostname",
    remedy="Enter the node name and its address in DNS or in /etc/hosts.",
)
def hostname(facts: Facts, target: Target, _subject: str) -> Iterator[Finding]:
    """Look the node name up in /etc/hosts and DNS; passes if there is an address.

    The name is nodeRegistration.name or the host name in lower case. kubeadm is a static program:
    what only nsswitch.conf's other sources answer does not count. From 1.21 on the name must also
    be a qualified name: up to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both
    ends. Source: checks.go HostnameCheck, v1.20.2; release note of 1.21 (PR#99194).
    """
    if not target.node_name:
        _unread = facts[Identity]
        raise FactMissing("the node name is not known")
    yield from every_part(_lookup(facts, target), _format(target))


def _lookup(facts: Facts, target: Target) -> Iterator[Finding]:
    lookup = facts[NameLookup]
    name = target.node_name
    if lookup.name.lower() != name.lower():
        raise FactMissing(f"the host looked up {clip(lookup.name)}, not {clip(name)}")
    if lookup.hosts or lookup.dns:
        return
    if not lookup.hosts_complete:
        raise FactMissing("/etc/hosts is too large to be read to its end")
    if not lookup.asked_dns:
        raise FactMissing(f"{clip(name)} is not in /etc/hosts, and there is no getent to ask DNS")
    yield Finding(
        f"the node name {clip(name)} is neither in /etc/hosts nor in DNS",
        have="no address",
        need=f"an address of {clip(name)}",
        source="/etc/hosts, getent -s dns ahosts",
    )


def _format(target: Target) -> Iterator[Finding]:
    if not releases.find(target.kubeadm).node_name_format:
        return
    name = target.node_name
    if len(name) > _LONGEST:
        yield Finding(
            f"the node name {clip(name)} has {len(name)} characters, more than {_LONGEST}",
            have=f"{len(name)} characters",
            need=f"at most {_LONGEST}",
            source="nodeRegistration.name or the host name",
        )
    if not _QUALIFIED.fullmatch(name):
        yield Finding(
            f"the node name {clip(name)} is not made of letters, digits, `-`, `_` and `.` with a "
            "letter or digit at both ends",
            have=clip(name),
            need="a qualified name",
            source="nodeRegistration.name or the host name",
        )
