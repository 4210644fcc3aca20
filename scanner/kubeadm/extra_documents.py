"""Documents of the user's own beside those that kscan writes, such as KubeletConfiguration.

They are passed on as they stand: what YAML they are written in is between the user and kubeadm.
Only their top level is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.kubeadm.proxy_modes import NFTABLES_GATE, nftables_needs_gate
from scanner.kubeadm.yaml_documents import read_documents
from scanner.request import Cluster, ProxyMode

_SEPARATOR = re.compile(r"^---(?:[ \t].*)?$", re.MULTILINE)
KUBE_PROXY = "KubeProxyConfiguration"
_OURS = "kubeadm.k8s.io/"
_KNOWN = {
    "KubeletConfiguration": "kubelet.config.k8s.io/v1beta1",
    KUBE_PROXY: "kubeproxy.config.k8s.io/v1alpha1",
}
"""kubeadm passes over all others with a warning, so that they would change nothing."""


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
    line: int = 1
    """Where it begins in the file."""
    mode: str | None = None
    """Its field `mode`, of kube-proxy's; None if it has none."""

    @property
    def where(self) -> str:
        """For messages."""
        return f"{self.source}:{self.line}"


def split(source: str, text: str) -> Iterator[ExtraDocument]:
    """The documents of one file, without those that hold nothing but comments.

    Raises:
        NotReadableError: it is no YAML.
    """
    before = 0
    for part in _SEPARATOR.split(text.replace("\r\n", "\n")):
        for document in read_documents(part)[:1]:
            yield ExtraDocument(
                source,
                document.fields.get("kind") or "",
                document.fields.get("apiVersion") or "",
                part.strip("\n") + "\n",
                before + document.line,
                document.fields.get("mode"),
            )
        before += part.count("\n")


def problems(documents: tuple[ExtraDocument, ...], cluster: Cluster) -> Iterator[str]:
    """What is wrong with them, one line each: where, what, what to do."""
    seen: dict[str, str] = {}
    for document in documents:
        where = document.where
        if not document.kind or not document.api_version:
            yield f"{where}: a document without kind or apiVersion: add both, each one word"
        elif document.api_version.startswith(_OURS):
            yield (
                f"{where}: {document.kind} is made of the inventory: say there what it shall "
                "hold, and leave this document out"
            )
        elif _KNOWN.get(document.kind) != document.api_version:
            known = " and ".join(f"{kind} of {version}" for kind, version in _KNOWN.items())
            yield (
                f"{where}: kubeadm passes over {document.kind} of {document.api_version}: it "
                f"knows {known}; leave this document out, or apply it as an add-on"
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
    mode = document.mode
    if mode != cluster.proxy_mode:
        said = f"has mode {mode}" if mode else "has no mode"
        yield (
            f"{document.where}: {KUBE_PROXY} {said}, but proxyMode is {cluster.proxy_mode}: "
            f"write `mode: {cluster.proxy_mode}` there"
        )
    version = cluster.kubernetes_version
    if (
        cluster.proxy_mode is ProxyMode.NFTABLES
        and version is not None
        and nftables_needs_gate(version)
        and NFTABLES_GATE not in document.text
    ):
        yield (
            f"{document.where}: kube-proxy v{version} has nftables behind a gate: write "
            f"`featureGates: {{{NFTABLES_GATE}: true}}` there"
        )
