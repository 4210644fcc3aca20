"""How Python's names are written in JSON documents."""

from __future__ import annotations

import functools
from collections.abc import Mapping


@functools.cache
def camel(name: str) -> str:
    """`kubernetes_version_from` -> `kubernetesVersionFrom`, as Kubernetes' own API writes names."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


JSON_NAMES: Mapping[str, object] = {"alias_generator": camel, "populate_by_name": True}
"""pydantic's configuration for the frozen dataclasses of a report, without importing pydantic."""
