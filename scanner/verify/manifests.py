"""Read the manifests that an inventory names: its CNI and its add-ons."""

from __future__ import annotations

import http.client
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import IO

from scanner.request import Cluster, Manifest
from scanner.verify.addons import manifest
from scanner.verify.expected import Addon

_SECONDS = 20.0
_LARGEST = 8 << 20
"""Bytes; the largest operators' manifests have three million."""


def read_manifests(cluster: Cluster) -> tuple[Addon, ...]:
    """All of a cluster's manifests; one that cannot be read is UNKNOWN, with the reason."""
    cni = (Manifest("cni", cluster.cni_manifest),) if cluster.cni_manifest else ()
    return tuple(_read(found) for found in (*cni, *cluster.addons))


def _read(found: Manifest) -> Addon:
    shown = _shown(found.manifest)
    try:
        with _open(found.manifest) as file:
            data = file.read(_LARGEST + 1)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Addon(found.name, unread=f"{shown}: cannot be read: {_why(error)}")
    if len(data) > _LARGEST:
        return Addon(found.name, unread=f"{shown}: larger than {_LARGEST >> 20} MiB")
    return manifest(found.name, data.decode("utf-8", "replace"))


def _shown(source: str) -> str:
    """A URL without its query, in which a token may be."""
    return source.split("?", 1)[0] if "://" in source else source


def _why(error: Exception) -> object:
    """Never the words of an error that repeats the URL."""
    if isinstance(error, http.client.InvalidURL | ValueError):
        return "not a path or URL"
    return getattr(error, "strerror", None) or getattr(error, "reason", None) or error


def _open(source: str) -> closing[IO[bytes]]:
    if source.startswith(("https://", "http://")):
        return closing(urllib.request.urlopen(source, timeout=_SECONDS))  # noqa: S310 - of the inventory
    return closing(Path(source).open("rb"))
