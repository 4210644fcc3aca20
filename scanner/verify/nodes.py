"""Each node: is it there, is it Ready, and what its kubelet and runtime say of themselves."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.checks.rule import Finding, Severity, clip
from scanner.facts.base import FactMissing
from scanner.verify.expected import ExpectedNode
from scanner.verify.marks import node_names
from scanner.verify.objects import (
    Object,
    Ref,
    at,
    collection,
    condition,
    internal_addresses,
    mapping,
    objects,
    text,
)
from scanner.verify.step import Seen, step
from scanner.versions import Version, parse_version

_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")


def _all_names(seen: Seen) -> tuple[str, ...]:
    """The Nodes, and the hosts of the inventory that are none; one without a name if none is."""
    there = set(seen.of_inventory.values())
    absent = [node.node_name or node.host for node in seen.expected.nodes if node not in there]
    return tuple(dict.fromkeys((*node_names(seen), *absent))) or ("",)


@step(
    "KS826",
    "node ready",
    remedy="See `kubectl describe node {subject}`, and `systemctl status kubelet` on it.",
    subjects=_all_names,
)
def node_ready(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read each Node; passes if it is Ready, and its kubelet is one that this API server takes.

    A host of the inventory that is no Node fails. A kubelet newer than the API server, or too old
    for it, fails, and so does a node with the address of another one; a node that is cordoned or
    under pressure, or with labels or taints that the inventory does not have
    there, is a warning. The container runtime must tell its version. Source: the version skew
    policy; two minors until 1.27, three from 1.28 on.
    """
    ref = Ref("Node", subject)
    if not subject:
        yield Finding("this cluster has no node", need="a Node", source=collection("Node"))
        return
    node = seen.nodes.get(subject)
    if node is None:
        yield Finding(
            f"the host {subject} of the inventory is no node of this cluster",
            have="absent",
            need=f"Node {subject}",
            source=ref.path,
            remedy="Join it; if it is there by another name, say so: nodeName, or its "
            "internalAddress.",
        )
        return
    ready = condition(node, "Ready")
    status = text(ready, "status")
    if status != "True":
        why = text(ready, "message") or text(ready, "reason") or "it does not say why"
        yield Finding(
            f"it is not Ready: {clip(why)}", status or "none", "True", f"{ref.path} Ready"
        )
    for pressure in _PRESSURES:
        found = condition(node, pressure)
        if text(found, "status") == "True":
            why = text(found, "message") or text(found, "reason")
            yield Finding(
                f"{pressure}: {clip(why)}",
                source=f"{ref.path} {pressure}",
                severity=Severity.WARNING,
            )
    yield from _alone(seen, node, ref)
    expected = seen.of_inventory.get(subject)
    if expected is not None:
        yield from _as_expected(node, expected, ref)
    yield from _versions(seen, node, ref)


def _alone(seen: Seen, node: Object, ref: Ref) -> Iterator[Finding]:
    """Whether it takes pods, and has its address for itself."""
    if at(node, "spec", "unschedulable") is True:
        yield Finding(
            "it is cordoned: no new pod is placed there",
            source=f"{ref.path} unschedulable",
            severity=Severity.WARNING,
            remedy=f"When its maintenance is over: `kubectl uncordon {ref.name}`.",
        )
    for address in internal_addresses(node):
        others = [name for name in seen.at_address[address] if name != ref.name]
        if others:
            yield Finding(
                f"its address {clip(address)} is also that of {clip(', '.join(others))}",
                have=clip(address),
                need="an address of its own",
                source=f"{ref.path} addresses",
                remedy="Give each kubelet its own --node-ip; delete the Node of a machine that is "
                "gone or has another name now: `kubectl delete node NAME`.",
            )


def _as_expected(node: Object, expected: ExpectedNode, ref: Ref) -> Iterator[Finding]:
    labels = mapping(node, "metadata", "labels")
    for key, value in expected.labels:
        if labels.get(key) != value:
            yield Finding(
                f"it has no label {key}={value}, which the inventory gives it",
                have=clip(text(labels, key)),
                need=f"{key}={value}",
                source=f"{ref.path} labels",
                severity=Severity.WARNING,
                remedy=f"Give it: `kubectl label node {ref.name} {key}={value}`.",
            )
    has = {_taint(taint) for taint in objects(node, "spec", "taints")}
    for wanted in expected.taints or ():
        if wanted.replace("=:", ":") not in has:
            yield Finding(
                f"it has no taint {wanted}, which the inventory gives it",
                need=wanted,
                source=f"{ref.path} taints",
                severity=Severity.WARNING,
                remedy=f"Give it: `kubectl taint node {ref.name} {wanted}`.",
            )


def _taint(taint: Object) -> str:
    value = text(taint, "value")
    return f"{text(taint, 'key')}{f'={value}' if value else ''}:{text(taint, 'effect')}"


def _versions(seen: Seen, node: Object, ref: Ref) -> Iterator[Finding]:
    api = seen.observed.version
    info = mapping(node, "status", "nodeInfo")
    said = text(info, "kubeletVersion")
    kubelet = _version(said)
    source = f"{ref.path} nodeInfo"
    if not text(info, "containerRuntimeVersion"):
        yield Finding("its container runtime does not tell its version", source=source)
    if kubelet is None:
        raise FactMissing(f"the version of its kubelet: {clip(said) or 'it tells none'}")
    oldest = api.minor - _skew(api)
    if kubelet.major != api.major or not oldest <= kubelet.minor <= api.minor:
        yield Finding(
            f"its kubelet is v{kubelet}, and the API server v{api} takes v{api.major}.{oldest} to "
            f"v{api.major}.{api.minor}",
            have=f"v{kubelet}",
            need=f"v{api.major}.{oldest} to v{api.major}.{api.minor}",
            source=source,
        )


def _skew(api: Version) -> int:
    """Minors that a kubelet may be older than the API server."""
    return 3 if api.minor >= _THREE_SINCE else 2


_THREE_SINCE = 28


def _version(said: str) -> Version | None:
    try:
        return parse_version(said)
    except ValueError:
        return None
