"""Is a workload rolled out: the newest template everywhere, and all of it available."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import Finding, clip
from scanner.verify.objects import Object, Ref, at, condition, number, text

WORKLOADS = frozenset({"Deployment", "DaemonSet", "StatefulSet"})


def unfinished(kind: str, found: Object) -> Iterator[str]:
    """What is not rolled out yet, as clauses; nothing if all is.

    Args:
        kind: one of WORKLOADS.
        found: the object.
    """
    if number(found, "status", "observedGeneration") < number(found, "metadata", "generation"):
        yield "its controller has not seen its newest version"
    if kind == "DaemonSet":
        wanted = number(found, "status", "desiredNumberScheduled")
        updated = number(found, "status", "updatedNumberScheduled")
        ready = number(found, "status", "numberAvailable")
        if at(found, "spec", "updateStrategy", "type") == "OnDelete":
            updated = wanted
        if not wanted:
            yield "it is wanted on no node"
    else:
        replicas = at(found, "spec", "replicas")
        wanted = 1 if replicas is None else number(found, "spec", "replicas")
        updated = number(found, "status", "updatedReplicas")
        key = "readyReplicas" if kind == "StatefulSet" else "availableReplicas"
        ready = number(found, "status", key)
        if not wanted:
            yield "it is scaled to none"
    if updated < wanted:
        yield f"{updated} of {wanted} pods are of its newest version"
    if kind == "Deployment":  # its available pods may be old ones, as `kubectl rollout` knows
        old = number(found, "status", "replicas") - updated
        if old > 0:
            yield f"{old} {'pod' if old == 1 else 'pods'} of an older version still there"
    if ready < wanted:
        reason = text(condition(found, "Available"), "reason")
        yield f"{ready} of {wanted} pods are available" + (f" ({reason})" if reason else "")


def runs_as(ref: Ref, found: Object, account: Ref) -> Iterator[Finding]:
    """What is wrong with the service account of a workload's pods: it must have this name."""
    have = text(found, "spec", "template", "spec", "serviceAccountName")
    if have != account.name:
        yield Finding(
            f"the pods of {ref} run as {clip(have) or 'default'}, not as {account}",
            have=clip(have),
            need=account.name,
            source=f"{ref.path} serviceAccountName",
        )
