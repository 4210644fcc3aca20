"""Read the manifests that an inventory names: its CNI and its add-ons."""

from __future__ import annotations

from pathlib import Path

from scanner.request import Cluster, Manifest
from scanner.verify.addons import manifest
from scanner.verify.expected import Addon

_LARGEST = 8 << 20
"""Bytes; the largest operators' manifests have three million."""


def read_manifests(cluster: Cluster) -> tuple[Addon, ...]:
    """All of a cluster's manifests; one that cannot be read is UNKNOWN, with the reason."""
    cni = (Manifest("cni", cluster.cni_manifest),) if cluster.cni_manifest else ()
    return tuple(_read(found) for found in (*cni, *cluster.addons))


def _read(found: Manifest) -> Addon:
    if "://" in found.manifest:
        reason = f"{found.manifest} is a URL, which verify does not fetch: name a file"
        return Addon(found.name, unread=reason)
    try:
        with Path(found.manifest).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        return Addon(found.name, unread=f"{found.manifest}: {error.strerror}")
    if len(data) > _LARGEST:
        return Addon(found.name, unread=f"{found.manifest}: larger than {_LARGEST >> 20} MiB")
    return manifest(found.name, data.decode("utf-8", "replace"))
