"""Values that are right by themselves and cannot be together on one machine or in one cluster."""

from __future__ import annotations

from collections.abc import Iterator

from scanner.inventory.document import Document
from scanner.inventory.layout import map_at, sections, text_at
from scanner.inventory.problems import Problem, quoted
from scanner.inventory.scalars import version
from scanner.kubeadm.proxy_modes import has_nftables
from scanner.request import ProxyMode

_TAKEN = {
    "10248": "the kubelet",
    "10249": "kube-proxy",
    "10250": "the kubelet",
    "10256": "kube-proxy",
    "10257": "kube-controller-manager",
    "10259": "kube-scheduler",
}
"""Ports of a control plane by default. Source: kubernetes.io, Ports and Protocols; ports.go."""
_ETCDS = ("2379", "2380", "2381")


def problems(document: Document, *, other_version: bool) -> Iterator[Problem]:
    """Report every one.

    Args:
        document: the inventory.
        other_version: the command line asks for a Kubernetes of its own.
    """
    yield from _bind_port(document)
    if not other_version:
        yield from _proxy_mode(document)
    yield from _taints(document)


def _bind_port(document: Document) -> Iterator[Problem]:
    cluster = map_at(document.data, "cluster")
    port = text_at(cluster, "bindPort")
    holder = _TAKEN.get(port, "")
    if port in _ETCDS and map_at(cluster, "etcd").get("external") is None:
        holder = "etcd"
    if holder:
        message = f"{port} is a port of {holder} on the same host; expected another, such as 6443"
        yield document.problem(("cluster", "bindPort"), message)


def _proxy_mode(document: Document) -> Iterator[Problem]:
    """Where the version is not told, the check of the host says it (KS116)."""
    cluster = map_at(document.data, "cluster")
    if text_at(cluster, "proxyMode") != ProxyMode.NFTABLES:
        return
    try:
        kubernetes = version(text_at(cluster, "kubernetesVersion"))
    except ValueError:
        return
    if not has_nftables(kubernetes):
        message = f"kube-proxy has nftables from v1.29.0 on, and v{kubernetes} is asked for"
        yield document.problem(("cluster", "proxyMode"), message)


def _taints(document: Document) -> Iterator[Problem]:
    """The API takes one taint of a key and an effect; equal ones are one."""
    for loc, section in sections(document.data):
        taints = section.get("taints")
        first: dict[tuple[str, str], tuple[str, int]] = {}
        for index, text in enumerate(taints if isinstance(taints, list) else ()):
            if not isinstance(text, str):
                continue
            rest, _, effect = text.rpartition(":")
            key, _, value = rest.partition("=")
            other, place = first.setdefault((key, effect), (value, index))
            if other != value:
                line = document.line((*loc, "taints", place))
                message = (
                    f"{quoted(text)}: a node has one taint of {key} with {effect}, first on line"
                    f" {line}"
                )
                yield document.problem((*loc, "taints", index), message)
