"""The directory of patches, by kubeadm's rules for their names.

kubeadm passes over what it does not know the ending of and refuses the rest, in the middle of an
init; both is said before anything is changed. Source: util/patches/patches.go of v1.20.2 and v1.32;
release notes of 1.25 (kubeletconfiguration, PR#110405) and 1.32 (corednsdeployment).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from scanner.cluster.action import File
from scanner.cluster.script import NAME
from scanner.cluster.steps.kubeadm import PATCHES
from scanner.cluster.text_file import read_text
from scanner.inventory.problems import did_you_mean, one_of
from scanner.kubeadm.yaml_documents import NotReadableError, Root, read_documents
from scanner.versions import Version, minor_floor

_ENDINGS = (".json", ".yaml")
_TYPES = ("json", "merge", "strategic")
_TARGETS: Mapping[str, Version | None] = {
    "etcd": None,
    "kube-apiserver": None,
    "kube-controller-manager": None,
    "kube-scheduler": None,
    # kubeadm may be one minor newer than the cluster that it makes
    "kubeletconfiguration": minor_floor("1.24"),
    "corednsdeployment": minor_floor("1.31"),
}
"""What can be patched, and the first Kubernetes whose kubeadm may know it; None = all."""
_PARTS = re.compile(rf"({'|'.join(_TARGETS)})[^.+\n]*(\+)?({'|'.join(_TYPES)})?")


def read_patches(folder: str, kubernetes: Version | None, complaints: list[str]) -> Iterator[File]:
    """The patches of a directory; kubeadm takes its own files, and nothing below it.

    What begins with a dot is git's or an editor's.

    Args:
        folder: the directory.
        kubernetes: the version that is asked for; None if none is.
        complaints: where what is wrong goes, a line each.
    """
    try:
        paths = sorted(path for path in Path(folder).iterdir() if _is_patch(path))
    except OSError as error:
        complaints.append(f"{folder}: cannot be read: {error.strerror}")
        return
    if not paths:
        complaints.append(f"{folder}: no patch in it, such as kube-apiserver0+merge.yaml")
    for path in paths:
        if wrong := _wrong_name(path.name, kubernetes):
            complaints.append(f"{path}: {wrong}")
        elif (text := read_text(path, complaints)) is not None:
            wrongs = [*_wrong_text(path, text)]
            complaints += wrongs
            if not wrongs:
                yield File(f"{PATCHES}/{path.name}", text)


def _is_patch(path: Path) -> bool:
    return not path.is_dir() and not path.name.startswith(".")


def _wrong_name(name: str, kubernetes: Version | None) -> str:
    if not NAME.fullmatch(f"{PATCHES}/{name}"):
        return (
            "not a name for a patch: of letters, digits and ._+- only, as in "
            "kube-apiserver0+merge.yaml"
        )
    if not name.endswith(_ENDINGS):
        return (
            f"kubeadm passes over a patch that does not end in {one_of(_ENDINGS)}: "
            "rename it, or take it away"
        )
    parts = _PARTS.match(name)
    if parts is None:
        target = re.split(r"[.+]", name, maxsplit=1)[0]
        return f"no target of kubeadm's patches, {did_you_mean(target, _TARGETS)}"
    target, plus, kind = parts.groups()
    if plus and not kind:
        return f"after the + kubeadm wants {one_of(_TYPES)}"
    since = _TARGETS[target]
    if since is not None and kubernetes is not None and kubernetes < since:
        return f"no kubeadm for v{kubernetes} has patches of {target}: take it away"
    return ""


def _wrong_text(path: Path, text: str) -> Iterator[str]:
    try:
        documents = read_documents(text)
    except NotReadableError as error:
        yield error.at(str(path))
        return
    if not documents:
        yield f"{path}: no patch in it: fill it, or take it away"
    parts = _PARTS.match(path.name)
    wanted = Root.LIST if parts is not None and parts[3] == "json" else Root.MAP
    for document in documents:
        if document.root is not wanted:
            yield (
                f"{path}:{document.line}: {document.root}; a patch of this type is {wanted}"
                f"{' of operations' if wanted is Root.LIST else ''}"
            )
