"""The files on this machine that a cluster is made of, read before anything is changed anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scanner.cluster.action import File
from scanner.cluster.patch_files import read_patches
from scanner.cluster.plan import ManifestFile
from scanner.cluster.text_file import read_text
from scanner.errors import InventoryError
from scanner.inventory.problems import one_of
from scanner.kubeadm.extra_documents import ExtraDocument, problems, split
from scanner.kubeadm.yaml_documents import NotReadableError, read_documents
from scanner.request import Cluster, is_url


@dataclass(frozen=True, slots=True)
class Sources:
    """Their texts."""

    cni: ManifestFile | None = None
    addons: tuple[ManifestFile, ...] = ()
    documents: tuple[ExtraDocument, ...] = ()
    patches: tuple[File, ...] = ()
    notes: tuple[str, ...] = ()
    """What the user should know of them, a line each."""


def read_sources(cluster: Cluster) -> Sources:
    """Read manifests, extra documents and patches.

    Raises:
        InventoryError: every one that cannot be used, a line each.
    """
    complaints: list[str] = []
    notes: list[str] = []
    cni = _manifest("cni", cluster.cni_manifest, complaints) if cluster.cni_manifest else None
    addons = [_manifest(addon.name, addon.manifest, complaints) for addon in cluster.addons]
    documents: list[ExtraDocument] = []
    for path in cluster.extra_documents:
        documents += _documents(path, complaints)
    complaints += problems(tuple(documents), cluster)
    patches: tuple[File, ...] = ()
    if cluster.patches:
        version = cluster.kubernetes_version
        patches = tuple(read_patches(cluster.patches, version, complaints, notes))
    if complaints:
        raise InventoryError("\n".join(complaints))
    found = tuple(addon for addon in addons if addon is not None)
    return Sources(cni, found, tuple(documents), patches, tuple(notes))


def _manifest(name: str, source: str, complaints: list[str]) -> ManifestFile | None:
    if is_url(source):
        return ManifestFile(name, source)
    text = read_text(Path(source), complaints)
    if text is None:
        return None
    if wrong := [*_not_objects(source, text)]:
        complaints += wrong
        return None
    return ManifestFile(name, source, text)


def _not_objects(source: str, text: str) -> Iterator[str]:
    """Kubernetes' objects are maps with a kind; kubectl would say so when the cluster is there."""
    try:
        documents = read_documents(text)
    except NotReadableError as error:
        yield error.at(source)
        return
    if not documents:
        yield f"{source}: no object in it"
    for document in documents:
        if document.open:
            continue
        absent = [name for name in ("apiVersion", "kind") if not document.fields.get(name)]
        if absent:
            yield (
                f"{source}:{document.line}: expected an object of Kubernetes, with kind and "
                f"apiVersion, each one word; without {one_of(absent)} it is none"
            )


def _documents(path: str, complaints: list[str]) -> Iterator[ExtraDocument]:
    if (text := read_text(Path(path), complaints)) is None:
        return
    try:
        found = read_documents(text)
        documents = [*split(path, text)]
    except NotReadableError as error:
        complaints.append(error.at(path))
        return
    if not found:
        complaints.append(f"{path}: no document in it")
    elif len(documents) != len(found):
        complaints.append(f"{path}: begin each document on a line of its own after its ---")
    yield from documents
