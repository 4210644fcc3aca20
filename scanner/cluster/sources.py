"""The files on this machine that a cluster is made of, read before anything is changed anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from scanner.cluster.action import File
from scanner.cluster.plan import ManifestFile
from scanner.cluster.script import NAME
from scanner.cluster.steps.kubeadm import PATCHES
from scanner.errors import InventoryError
from scanner.kubeadm.extra_documents import ExtraDocument, problems, split
from scanner.request import Cluster

_MOST_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Sources:
    """Their texts."""

    cni: ManifestFile | None = None
    addons: tuple[ManifestFile, ...] = ()
    documents: tuple[ExtraDocument, ...] = ()
    patches: tuple[File, ...] = ()


def read_sources(cluster: Cluster) -> Sources:
    """Read manifests, extra documents and patches.

    Raises:
        InventoryError: every one that cannot be used, a line each.
    """
    complaints: list[str] = []
    cni = _manifest("cni", cluster.cni_manifest, complaints) if cluster.cni_manifest else None
    addons = [_manifest(addon.name, addon.manifest, complaints) for addon in cluster.addons]
    documents: list[ExtraDocument] = []
    for path in cluster.extra_documents:
        if (text := _text(Path(path), complaints)) is not None:
            complaints += _not_yaml(path, text)
            documents += split(path, text)
    complaints += problems(tuple(documents), cluster)
    patches = tuple(_patches(cluster.patches, complaints)) if cluster.patches else ()
    if complaints:
        raise InventoryError("\n".join(complaints))
    found = tuple(addon for addon in addons if addon is not None)
    return Sources(cni, found, tuple(documents), patches)


def _manifest(name: str, source: str, complaints: list[str]) -> ManifestFile | None:
    if "://" in source:
        return ManifestFile(name, source)
    text = _text(Path(source), complaints)
    if text is None:
        return None
    if wrong := [*_not_yaml(source, text)] or [*_not_objects(source, text)]:
        complaints += wrong
        return None
    return ManifestFile(name, source, text)


def _text(path: Path, complaints: list[str]) -> str | None:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            complaints.append(f"{path}: larger than {_MOST_BYTES >> 20} MiB")
            return None
        return data.decode("utf-8")
    except OSError as error:
        complaints.append(f"{path}: cannot be read: {error.strerror}")
    except UnicodeDecodeError:
        complaints.append(f"{path}: not UTF-8")
    return None


def _not_yaml(source: str, text: str) -> Iterator[str]:
    try:
        for _ in yaml.compose_all(text, Loader=yaml.CSafeLoader):
            pass
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f":{where.line + 1}" if where is not None else ""
        yield f"{source}{line}: not YAML: {getattr(error, 'problem', None) or 'it cannot be read'}"


def _not_objects(source: str, text: str) -> Iterator[str]:
    """Kubernetes' objects are maps with a kind; kubectl would say so when the cluster is there."""
    documents = yaml.compose_all(text, Loader=yaml.CSafeLoader)
    # what stands between two separators may be nothing but comments
    nodes = [node for node in documents if node.value]
    if not nodes:
        yield f"{source}: no object in it"
    for node in nodes:
        keys = {key.value for key, _ in node.value} if isinstance(node, yaml.MappingNode) else set()
        if not keys.issuperset({"kind", "apiVersion"}):
            line = node.start_mark.line + 1
            yield f"{source}:{line}: expected an object of Kubernetes, with kind and apiVersion"


def _patches(folder: str, complaints: list[str]) -> Iterator[File]:
    """kubeadm takes the files of the directory itself, and nothing below it.

    What begins with a dot is git's or an editor's.
    """
    try:
        paths = sorted(path for path in Path(folder).iterdir() if _is_patch(path))
    except OSError as error:
        complaints.append(f"{folder}: cannot be read: {error.strerror}")
        return
    for path in paths:
        if not NAME.fullmatch(f"{PATCHES}/{path.name}"):
            complaints.append(
                f"{path}: not a name for a patch: of letters, digits and ._+- only, as in "
                "kube-apiserver0+merge.yaml"
            )
        elif (text := _text(path, complaints)) is not None:
            yield File(f"{PATCHES}/{path.name}", text)


def _is_patch(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")
