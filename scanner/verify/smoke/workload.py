"""The objects that the smoke test makes, and what is read in them."""

from __future__ import annotations

import datetime
import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from scanner.errors import UsageError
from scanner.verify.objects import Object, Ref, condition, mapping, name_of, objects, text, texts

MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGER = "kscan-smoke"
UNTIL = "kscan/until"
"""Annotation of the namespace: a run that lives moves it on; what has passed was killed."""
PORT = 80
_MARK = "kscan/smoke"
REVISION = "deployment.kubernetes.io/revision"

_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,254}\Z")


@dataclass(frozen=True, slots=True)
class Workload:
    """One run's objects, by their names."""

    namespace: str
    image: str

    @property
    def deployment(self) -> Ref:
        """Runs the pods."""
        return Ref("Deployment", "smoke", self.namespace)

    @property
    def service(self) -> Ref:
        """Leads to them."""
        return Ref("Service", "smoke", self.namespace)

    @property
    def space(self) -> Ref:
        """Holds all of it."""
        return Ref("Namespace", self.namespace)

    def documents(self, until: datetime.datetime) -> tuple[Object, ...]:
        """The objects of smoke.yaml, in the order in which they are made."""
        source = files("scanner.verify.smoke").joinpath("smoke.yaml").read_text(encoding="utf-8")
        values = {"namespace": self.namespace, "image": self.image, "until": stamp(until)}
        filled = string.Template(source).substitute(values)
        return tuple(yaml.safe_load_all(filled))


def checked_image(image: str) -> str:
    """An image's reference.

    Raises:
        UsageError: it is none.
    """
    if not _IMAGE.match(image):
        raise UsageError(
            f"--smoke-image {image!r}: expected a reference such as docker.io/library/busybox:1.36"
        )
    return image


def stamp(when: datetime.datetime) -> str:
    """RFC 3339, as the annotation has it."""
    return when.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_left_over(namespace: Object, now: datetime.datetime) -> bool:
    """True if it is the smoke test's, and the run that made it moves it on no more."""
    if text(mapping(namespace, "metadata", "labels"), MANAGED_BY) != MANAGER:
        return False
    if not name_of(namespace).startswith(f"{MANAGER}-"):
        return False
    said = text(mapping(namespace, "metadata", "annotations"), UNTIL)
    try:
        until = datetime.datetime.fromisoformat(said)
    except ValueError:
        return True
    return (until if until.tzinfo else until.replace(tzinfo=datetime.UTC)) < now


def changed(value: str) -> Object:
    """A merge patch: the Deployment's template with another annotation."""
    return {"spec": {"template": {"metadata": {"annotations": {_MARK: value}}}}}


def rolled_back(replica_sets: tuple[Object, ...]) -> Object | None:
    """A merge patch that gives the Deployment the template of its revision 1.

    None if no ReplicaSet is of that revision. Source: `kubectl rollout undo`.
    """
    for found in replica_sets:
        if text(mapping(found, "metadata", "annotations"), REVISION) != "1":
            continue
        template: dict[str, Any] = {**mapping(found, "spec", "template")}
        metadata = {**mapping(template, "metadata")}
        metadata["labels"] = {
            key: value
            for key, value in mapping(metadata, "labels").items()
            if key != "pod-template-hash"
        }
        # a merge patch takes away what it names as null
        metadata["annotations"] = {_MARK: None, **mapping(metadata, "annotations")}
        return {"spec": {"template": {**template, "metadata": metadata}}}
    return None


def ready_pods(pods: tuple[Object, ...]) -> frozenset[str]:
    """Names of the pods that are ready and are not on their way out."""
    return frozenset(
        name_of(pod)
        for pod in pods
        if text(condition(pod, "Ready"), "status") == "True"
        and not text(pod, "metadata", "deletionTimestamp")
    )


def why_not(pods: tuple[Object, ...]) -> str:
    """What keeps pods from running, in the cluster's own words; empty if they do not say."""
    for pod in pods:
        scheduled = condition(pod, "PodScheduled")
        if text(scheduled, "status") == "False":
            return text(scheduled, "message")
        for status in objects(pod, "status", "containerStatuses"):
            waiting: Mapping[str, Any] = mapping(status, "state", "waiting")
            if waiting:
                said = (text(waiting, "reason"), text(waiting, "message"))
                return ": ".join(filter(None, said))
    return ""


def why_none(deployment: Object) -> str:
    """What keeps a Deployment from making pods at all; empty if it does not say."""
    found = condition(deployment, "ReplicaFailure")
    return text(found, "message") if text(found, "status") == "True" else ""


_SAYS_WHY = (
    "NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionContentFailure",
    "NamespaceDeletionGroupVersionParsingFailure",
    "NamespaceContentRemaining",
    "NamespaceFinalizersRemaining",
)
"""Conditions of a Namespace that is being deleted (k8s.io/api/core/v1, from 1.16 on)."""


def why_it_stays(found: Object) -> str:
    """Of an object that should be gone: its state, its finalizers, and what the cluster says."""
    since = text(found, "metadata", "deletionTimestamp")
    clauses = [f"Terminating since {since}" if since else "it is not being deleted"]
    finalizers = (*texts(found, "metadata", "finalizers"), *texts(found, "spec", "finalizers"))
    clauses.append(f"finalizers {', '.join(finalizers)}" if finalizers else "no finalizer")
    said = (condition(found, kind) for kind in _SAYS_WHY)
    clauses += [text(one, "message") for one in said if text(one, "status") == "True"]
    return ", ".join(filter(None, clauses))
