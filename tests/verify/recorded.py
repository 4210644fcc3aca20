"""A real cluster as it was read: to JSON and back, and with a part of it taken away."""

from __future__ import annotations

import copy
import datetime
import functools
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from scanner.request import Cluster
from scanner.verify.expected import Expected, ExpectedNode
from scanner.verify.objects import Object, Ref, name_of
from scanner.verify.observed import EtcdMember, Listed, Observed, Trial, Unread
from scanner.versions import parse_version

FILE = Path(__file__).with_name("cluster-v1.20.2.json")
TOKEN_SECRET = "0123456789abcdef"  # noqa: S105 - of no cluster
NOW = datetime.datetime(2026, 11, 26, 11, tzinfo=datetime.UTC)


def dumped(observed: Observed) -> dict[str, Any]:
    """As JSON."""
    etcd = observed.etcd if isinstance(observed.etcd, tuple) else ()
    return {
        "version": str(observed.version),
        "objects": [
            [ref.kind, ref.name, ref.namespace, None if isinstance(found, Unread) else found]
            for ref, found in observed.objects.items()
        ],
        "lists": {
            listed.value: list(found)
            for listed, found in observed.lists.items()
            if isinstance(found, tuple)
        },
        "ready": observed.ready if isinstance(observed.ready, str) else None,
        "etcd": [member.name for member in etcd],
        "ca": observed.ca,
    }


def loaded(document: Mapping[str, Any]) -> Observed:
    """The same again."""
    return Observed(
        parse_version(document["version"]),
        {Ref(kind, name, space): found for kind, name, space, found in document["objects"]},
        {Listed(name): tuple(found) for name, found in document["lists"].items()},
        document["ready"],
        etcd=tuple(EtcdMember(name, is_learner=False, healthy=True) for name in document["etcd"]),
        ca=document["ca"],
    )


@functools.cache
def _document() -> str:
    return FILE.read_text(encoding="ascii")


def cluster() -> Observed:
    """v1.20.2 with one control plane and one worker, all of it good; nothing of it is shared."""
    seen = loaded(json.loads(_document()))
    token_ids = [name_of(secret).removeprefix("bootstrap-token-") for secret in tokens(seen)]
    answers = {"ConfigMap kube-public/cluster-info (without a login)": 200, "nodes": 200}
    trials = tuple(Trial(token_id, "10.77.0.11:6443", answers) for token_id in token_ids)
    return replace(seen, trials=trials)


def tokens(seen: Observed) -> tuple[Object, ...]:
    """The Secrets of bootstrap tokens."""
    return seen.all(Listed.TOKENS)


def expected(*, token_id: str = "") -> Expected:
    """The inventory of that cluster."""
    nodes = (
        ExpectedNode("node1", "", frozenset({"10.77.0.11"}), control_plane=True, worker=False),
        ExpectedNode("node2", "", frozenset({"10.77.0.12"}), control_plane=False, worker=True),
    )
    cluster = Cluster(kubernetes_version=parse_version("v1.20.2"))
    return Expected(cluster, NOW, nodes, token_id)


def without(seen: Observed, ref: Ref) -> Observed:
    """The cluster without one object."""
    return replace(seen, objects={**seen.objects, ref: None})


def changed(seen: Observed, ref: Ref, **data: Any) -> Observed:
    """The cluster with other top-level fields in one object."""
    found = seen.objects[ref]
    assert isinstance(found, Mapping)
    return replace(seen, objects={**seen.objects, ref: {**copy.deepcopy(dict(found)), **data}})


def listed(seen: Observed, which: Listed, *found: Object) -> Observed:
    """The cluster with another list."""
    return replace(seen, lists={**seen.lists, which: found})
