"""YAML inside of objects: kubeadm's, the kubelets', a kubeconfig; from an API not to be trusted."""

from __future__ import annotations

import yaml

from scanner.verify.objects import Object, text

LARGEST = 256 << 10
"""Characters that are parsed; a ConfigMap holds at most 1 MiB, kubeadm's a few KiB."""


def of_kind(source: str, kind: str) -> Object | None:
    """The first document of a kind; None if none can be read. Every scalar is a text."""
    if not source or len(source) > LARGEST:
        return None
    try:
        # BaseLoader makes texts, lists and maps only, so that nothing is constructed or converted
        for document in yaml.load_all(source, Loader=yaml.BaseLoader):
            if isinstance(document, dict) and text(document, "kind") == kind:
                return document
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    return None
