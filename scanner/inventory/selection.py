"""Choosing hosts of a request: `--limit`, `--master` and the hosts of an `ignore` entry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from scanner.inventory.problems import Problem, did_you_mean, failure, quoted, some_of
from scanner.inventory.ranges import expand_pattern
from scanner.request import Host, NodeRole, Request
from scanner.resolve import pinned

_COMMA = re.compile(r",(?![^\[]*\])")
"""A comma outside brackets."""


def matching(hosts: Sequence[Host], pattern: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Find hosts by a comma list of names, globs, ranges, groups and roles.

    Args:
        hosts: what to choose from.
        pattern: `node[2-40],db-*,workers,control-plane`.

    Returns:
        The names of the hosts found, and the words that match none. A word that is no proper
        range (`node[3-1]`) matches nothing.
    """
    found: set[str] = set()
    nowhere: list[str] = []
    labels = [(host.name, _labels(host)) for host in hosts]
    for word in filter(None, (part.strip() for part in _COMMA.split(pattern))):
        hits = set(_hits(labels, word))
        found |= hits
        if not hits:
            nowhere.append(word)
    return frozenset(found), tuple(nowhere)


def limit(request: Request, pattern: str) -> Request:
    """Keep the hosts that a pattern names, in the inventory's order.

    The first control plane stays the master, even if it is not among the hosts that are left: a
    second control plane does not become the first one because it is looked at alone.

    Raises:
        InventoryError: a word of the pattern matches no host.
    """
    found, nowhere = matching(request.hosts, pattern)
    if nowhere or not found:
        there = some_of(host.name for host in request.hosts)
        raise failure(
            Problem("--limit", f"{quoted(word)} matches no host; {there}")
            for word in nowhere or (pattern,)
        )
    hosts = tuple(host for host in request.hosts if host.name in found)
    return replace(pinned(request), hosts=hosts)


def with_master(request: Request, name: str) -> Request:
    """Name the host that `kubeadm init` runs on.

    Raises:
        InventoryError: there is no such host, or it is not to be a control plane.
    """
    named = {host.name: host for host in request.hosts}
    if name not in named:
        raise failure([Problem("--master", f"no host {quoted(name)}, {did_you_mean(name, named)}")])
    if not named[name].is_control_plane:
        message = f"{quoted(name)} has not the role {NodeRole.CONTROL_PLANE.value} in the inventory"
        raise failure([Problem("--master", message)])
    return replace(request, master=name)


def _labels(host: Host) -> frozenset[str]:
    """What a host answers to."""
    group = (host.group,) if host.group else ()
    return frozenset((host.name, *group, *(role.value for role in host.roles)))


def _hits(labels: Sequence[tuple[str, frozenset[str]]], word: str) -> Iterator[str]:
    try:
        patterns = expand_pattern(word)
    except ValueError:
        return
    exact = frozenset(patterns)
    globs = [pattern for pattern in patterns if any(char in pattern for char in "*?[")]
    for name, own in labels:
        if own & exact or any(fnmatchcase(label, glob) for glob in globs for label in own):
            yield name
