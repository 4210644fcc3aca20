"""Objects of the Kubernetes API as the API gives them; how to ask them without trusting them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

Object: TypeAlias = Mapping[str, Any]
"""A JSON object of the API server; of its fields nothing is certain, not even their types."""

_CORE = "/api/v1"
_RBAC = "/apis/rbac.authorization.k8s.io/v1"
_APPS = "/apis/apps/v1"
_PLURALS: Mapping[str, tuple[str, str]] = {
    "ConfigMap": (_CORE, "configmaps"),
    "Endpoints": (_CORE, "endpoints"),
    "Namespace": (_CORE, "namespaces"),
    "Node": (_CORE, "nodes"),
    "Pod": (_CORE, "pods"),
    "Secret": (_CORE, "secrets"),
    "Service": (_CORE, "services"),
    "ServiceAccount": (_CORE, "serviceaccounts"),
    "DaemonSet": (_APPS, "daemonsets"),
    "Deployment": (_APPS, "deployments"),
    "ReplicaSet": (_APPS, "replicasets"),
    "StatefulSet": (_APPS, "statefulsets"),
    "ClusterRole": (_RBAC, "clusterroles"),
    "ClusterRoleBinding": (_RBAC, "clusterrolebindings"),
    "Role": (_RBAC, "roles"),
    "RoleBinding": (_RBAC, "rolebindings"),
}
"""Kind -> its group and version, and its name in paths."""


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """One object by its name."""

    kind: str
    name: str
    namespace: str = ""
    """Empty for what lies in no namespace."""

    @property
    def path(self) -> str:
        """The object's path in the API."""
        return f"{collection(self.kind, self.namespace)}/{self.name}"

    def __str__(self) -> str:
        place = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {place}{self.name}"


def collection(kind: str, namespace: str = "") -> str:
    """The path of all objects of a kind, in a namespace or in none."""
    base, plural = _PLURALS[kind]
    return f"{base}/namespaces/{namespace}/{plural}" if namespace else f"{base}/{plural}"


def from_json(source: str) -> Any:
    """A JSON value, of whose texts each can be written.

    Raises:
        ValueError: or RecursionError: it is none.
    """
    value = json.loads(source)
    if r"\ud" not in source.lower():
        return value
    # half of a UTF-16 pair can be written in JSON, and to no file and no terminal
    return json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))


def at(value: object, *path: str) -> object:
    """What lies at a path of keys; None where there is nothing."""
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def text(value: object, *path: str) -> str:
    """The text there; empty for anything else."""
    found = at(value, *path)
    return found if isinstance(found, str) else ""


def number(value: object, *path: str) -> int:
    """The number there; 0 for anything else, as the API leaves out a 0."""
    found = at(value, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def mapping(value: object, *path: str) -> Object:
    """The object there; an empty one for anything else."""
    found = at(value, *path)
    return found if isinstance(found, Mapping) else {}


def objects(value: object, *path: str) -> Iterator[Object]:
    """The objects of the list there."""
    found = at(value, *path)
    for item in found if isinstance(found, list) else ():
        if isinstance(item, Mapping):
            yield item


def texts(value: object, *path: str) -> tuple[str, ...]:
    """The texts of the list there."""
    found = at(value, *path)
    return tuple(item for item in found if isinstance(item, str)) if isinstance(found, list) else ()


def name_of(value: object) -> str:
    """metadata.name."""
    return text(value, "metadata", "name")


def condition(value: object, kind: str) -> Object:
    """The condition of a type in status.conditions; empty if there is none."""
    for found in objects(value, "status", "conditions"):
        if text(found, "type") == kind:
            return found
    return {}


def internal_addresses(node: object) -> tuple[str, ...]:
    """The addresses by which the cluster reaches a Node; two where it speaks IPv4 and IPv6."""
    return tuple(
        text(found, "address")
        for found in objects(node, "status", "addresses")
        if text(found, "type") == "InternalIP" and text(found, "address")
    )
