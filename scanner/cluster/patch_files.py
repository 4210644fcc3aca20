"""The directory of patches, by kubeadm's rules, and before anything is changed.

It goes through the directory and what is below it, and passes over files without one of its
endings, without one of its targets, and empty ones; so does kscan, and says so. What it takes and
cannot use is an error, in the middle of an init. Source: util/patches/patches.go of v1.20.2 and
v1.32 (parseFilename, getPatchSetsFromPath: a walk that does not follow links); release notes of
1.25 (kubeletconfiguration, PR#110405) and 1.32 (corednsdeployment).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
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
_MOST = 1000
"""Files; nobody has so many patches, and somebody else's directory may have."""
_PARTS = re.compile(rf"({'|'.join(_TARGETS)})[^.+\n]*(\+)?({'|'.join(_TYPES)})?")


def read_patches(
    folder: str, kubernetes: Version | None, complaints: list[str], notes: list[str]
) -> Iterator[File]:
    """The patches that kubeadm would take.

    Args:
        folder: the directory.
        kubernetes: the version that is asked for; None if none is.
        complaints: where what is wrong goes, a line each.
        notes: where what is passed over goes, alike; but for what git and editors hide.
    """
    try:
        paths = [*islice(_files(Path(folder)), _MOST + 1)]
    except OSError as error:
        complaints.append(f"{error.filename or folder}: cannot be read: {error.strerror}")
        return
    if len(paths) > _MOST:
        complaints.append(f"{folder}: more than {_MOST} files: no directory of patches")
        return
    taken = 0
    for path in paths:
        name = path.relative_to(folder).as_posix()
        if why := _passed_over(path, kubernetes):
            if not any(part.startswith(".") for part in name.split("/")):
                notes.append(f"{path}: passed over, as kubeadm does: {why}")
            continue
        taken += 1
        if wrong := _wrong_name(name):
            complaints.append(f"{path}: {wrong}")
        elif (text := read_text(path, complaints)) is not None:
            wrongs = [*_wrong_text(path, text)]
            complaints += wrongs
            if not wrongs:
                yield File(f"{PATCHES}/{name}", text)
    if not taken:
        notes.append(f"{folder}: no patch in it, such as kube-apiserver0+merge.yaml")


def _files(folder: Path) -> Iterator[Path]:
    """In Go's order (filepath.Walk): by name, directories where they stand."""
    waiting = sorted(folder.iterdir(), reverse=True)
    while waiting:
        path = waiting.pop()
        if path.is_dir() and not path.is_symlink():
            waiting += sorted(path.iterdir(), reverse=True)
        else:
            yield path


def _passed_over(path: Path, kubernetes: Version | None) -> str:
    """Why kubeadm would not take it; empty if it would."""
    if not path.name.endswith(_ENDINGS):
        return f"it does not end in {one_of(_ENDINGS)}"
    parts = _PARTS.match(path.name)
    if parts is None:
        target = re.split(r"[.+]", path.name, maxsplit=1)[0]
        return f"no target of its patches, {did_you_mean(target, _TARGETS)}"
    since = _TARGETS[parts[1]]
    if since is not None and kubernetes is not None and kubernetes < since:
        return f"no kubeadm for v{kubernetes} has patches of {parts[1]}"
    return "it is empty" if path.is_file() and not path.stat().st_size else ""


def _wrong_name(name: str) -> str:
    if not NAME.fullmatch(f"{PATCHES}/{name}"):
        return (
            "kubeadm would take it for a patch, and kscan takes no such name to a host: letters, "
            "digits and ._+- only, as in kube-apiserver0+merge.yaml"
        )
    parts = _PARTS.match(name.rpartition("/")[2])
    if parts is not None and parts[2] and not parts[3]:
        return f"after the + kubeadm wants {one_of(_TYPES)}"
    return ""


def _wrong_text(path: Path, text: str) -> Iterator[str]:
    try:
        documents = read_documents(text)
    except NotReadableError as error:
        yield error.at(str(path))
        return
    parts = _PARTS.match(path.name)
    kind = parts[3] if parts is not None else None
    if not documents and kind == "merge":  # the others change nothing then
        yield f"{path}: kubeadm refuses a merge patch of comments alone: fill it, or take it away"
    wanted = Root.LIST if kind == "json" else Root.MAP
    for document in documents:
        if document.root is not wanted:
            yield (
                f"{path}:{document.line}: {document.root}; a patch of this type is {wanted}"
                f"{' of operations' if wanted is Root.LIST else ''}"
            )
