"""From a name that somebody has typed to the checks that have it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from scanner.checks.named import Named
from scanner.checks.rule import Check
from scanner.kubeadm.releases import NEWEST_SETTLED_VERSION
from scanner.request import Cluster, ContainerRuntime, LocalEtcd
from scanner.target import Role, Target

_PORT = re.compile(r"port-([1-9][0-9]{0,4})")
_DIRECTORY = re.compile(r"diravailable-(-.+)")
_HIGHEST_PORT = 65_535
_SHOWN = 3
N = TypeVar("N", bound=Named)


def find(checks: Iterable[N], name: str) -> tuple[N, ...]:
    """The checks with this id, kubeadm's name or this title, in any case (`KS104`, `Port-2379`).

    `Port-*` finds all that have a name of this form; `Port-8443`, which is nobody's by itself, the
    check whose name the configuration makes so.
    """
    wanted, every = name.lower(), tuple(checks)
    by_id = tuple(check for check in every if wanted in _lower((check.id, _form(check))))
    return (
        by_id
        or tuple(check for check in every if wanted in _lower(_instances(check, Cluster())))
        or tuple(check for check in every if wanted == check.title.lower())
        or tuple(
            check
            for check in every
            for cluster in _clusters(wanted)
            if wanted in _lower(_instances(check, cluster))
        )
    )


def nearest(checks: Iterable[Named], name: str) -> tuple[str, ...]:
    """Names that look like one that no check has, best first; at most three."""
    known: dict[str, str] = {}
    for check in checks:
        for word in (check.id, _form(check), *_instances(check, Cluster())):
            known.setdefault(word.lower(), word)
    near = difflib.get_close_matches(name.lower(), [word for word in known if word], _SHOWN)
    return tuple(known[word] for word in near)


def _form(check: Named) -> str:
    return (check.kubeadm or "").replace("{subject}", "*")


def _lower(names: Iterable[str]) -> set[str]:
    return {name.lower() for name in names if name}


def _instances(check: Named, cluster: Cluster) -> Iterator[str]:
    """The names that kubeadm has for the check's subjects in a cluster."""
    if not isinstance(check, Check) or check.kubeadm is None:
        return
    for target in _targets(cluster):
        for subject in check.subjects(target):
            yield check.name(subject) or ""


def _targets(cluster: Cluster) -> Iterator[Target]:
    """One of each role: what a check is called with seldom depends on more."""
    for role in Role:
        yield Target(
            host="",
            role=role,
            cluster=cluster,
            kubeadm=NEWEST_SETTLED_VERSION,
            kubernetes=NEWEST_SETTLED_VERSION,
            node_name="",
            runtime=ContainerRuntime.CONTAINERD,
            cri_socket="",
        )


def _clusters(wanted: str) -> Iterator[Cluster]:
    """The clusters whose bindPort or dataDir would make this name, a small letter throughout."""
    if (port := _PORT.fullmatch(wanted)) and int(port[1]) <= _HIGHEST_PORT:
        yield replace(Cluster(), bind_port=int(port[1]))
    if directory := _DIRECTORY.fullmatch(wanted):
        yield replace(Cluster(), etcd=LocalEtcd(directory[1].replace("-", "/")))
