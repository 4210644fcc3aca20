"""Documents of the user's own beside those that kscan writes, such as KubeletConfiguration.

They are passed on as they stand: what YAML they are written in is between the user and kubeadm.
Only their kinds are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.request import Cluster, ProxyMode

_SEPARATOR = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)
_FIELD = r"""^[ \t]*["']?{}["']?[ \t]*:[ \t]*["']?([\w./-]+)["']?[ \t]*,?[ \t]*(?:#.*)?$"""
_KIND = re.compile(_FIELD.format("kind"), re.MULTILINE)
_VERSION = re.compile(_FIELD.format("apiVersion"), re.MULTILINE)
_MODE = re.compile(_FIELD.format("mode"), re.MULTILINE)
KUBE_PROXY = "KubeProxyConfiguration"
_OURS = "kubeadm.k8s.io/"


@dataclass(frozen=True, slots=True)
class ExtraDocument:
    """One document of one file."""

    source: str
    """The file, as the user named it."""
    kind: str
    """Empty if it has none."""
    api_version: str
    text: str
    """Without the separators around it; ends in a newline."""


def split(source: str, text: str) -> Iterator[ExtraDocument]:
    """The documents of one file, without those that hold nothing but comments."""
    for part in _SEPARATOR.split(text.replace("\r\n", "\n")):
        lines = [line for line in part.splitlines() if line.strip() and line.strip()[0] != "#"]
        if lines:
            kind, version = _KIND.search(part), _VERSION.search(part)
            yield ExtraDocument(
                source,
                kind[1] if kind else "",
                version[1] if version else "",
                part.strip("\n") + "\n",
            )


def problems(documents: tuple[ExtraDocument, ...], cluster: Cluster) -> Iterator[str]:
    """What is wrong with them, one line each: where, what, what to do."""
    seen: dict[str, str] = {}
    for document in documents:
        where = document.source
        if not document.kind or not document.api_version:
            yield f"{where}: a document without kind or apiVersion on a line of its own: add both"
        elif document.api_version.startswith(_OURS):
            yield (
                f"{where}: {document.kind} is made of the inventory: say there what it shall "
                "hold, and leave this document out"
            )
        elif document.kind in seen:
            yield f"{where}: a second {document.kind}, the first is in {seen[document.kind]}"
        else:
            seen[document.kind] = where
            yield from _mode(document, cluster)


def _mode(document: ExtraDocument, cluster: Cluster) -> Iterator[str]:
    """Two documents of one kind would be refused, so that the user's must have the mode."""
    if document.kind != KUBE_PROXY or cluster.proxy_mode is ProxyMode.IPTABLES:
        return
    mode = _MODE.search(document.text)
    if mode is None or mode[1] != cluster.proxy_mode:
        said = f"has mode {mode[1]}" if mode else "has no mode"
        yield (
            f"{document.source}: {KUBE_PROXY} {said}, but proxyMode is {cluster.proxy_mode}: "
            f"write `mode: {cluster.proxy_mode}` there"
        )
