"""The add-ons of the inventory: is there what their manifests say, and is it rolled out."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from scanner.checks.rule import Finding, clip
from scanner.facts.base import FactMissing
from scanner.verify.expected import Addon
from scanner.verify.objects import Ref, name_of, text
from scanner.verify.observed import Unread
from scanner.verify.rollout import WORKLOADS, unfinished
from scanner.verify.step import Seen, step

_MOST = 500
"""Objects of one manifest that are asked for."""


def manifest(name: str, source: str) -> Addon:
    """Read a manifest: which objects it makes."""
    refs = []
    try:
        for document in yaml.load_all(source, Loader=yaml.BaseLoader):
            items = document.get("items") if isinstance(document, dict) else None
            for item in items if isinstance(items, list) else [document]:
                ref = Ref(text(item, "kind"), name_of(item), text(item, "metadata", "namespace"))
                if ref.kind and ref.name:
                    refs.append((text(item, "apiVersion"), ref))
    except (yaml.YAMLError, RecursionError, ValueError, AttributeError) as error:
        return Addon(name, unread=f"its manifest is no YAML: {' '.join(str(error).split())[:200]}")
    if not refs:
        return Addon(name, unread="its manifest makes no object")
    if len(refs) > _MOST:
        return Addon(name, unread=f"its manifest makes {len(refs)} objects, more than {_MOST}")
    return Addon(name, tuple(refs))


def _subjects(seen: Seen) -> tuple[str, ...]:
    return tuple(dict.fromkeys(addon.name for addon in seen.expected.addons))


@step(
    "KS829",
    "add-on",
    depends=("KS826",),
    remedy="Apply its manifest again: `kubectl apply -f`, and see what its pods say.",
    subjects=_subjects,
)
def addon(seen: Seen, subject: str) -> Iterator[Finding]:
    """Read each object of an add-on's manifest; passes if all are there and its workloads run.

    Deployments, DaemonSets and StatefulSets must be rolled out. A manifest that kscan has not read
    is UNKNOWN.
    """
    found = seen.observed.addons.get(subject, Unread("its objects were not asked for"))
    if isinstance(found, Unread):
        raise FactMissing(found.reason)
    unread = []
    for name, answer in found:
        kind = name.split(" ")[0]
        if isinstance(answer, Unread):
            unread.append(f"{name}: {answer.reason}")
        elif answer is None:
            yield Finding(f"{clip(name)} does not exist", have="absent", need=name)
        elif kind in WORKLOADS:
            for clause in unfinished(kind, answer):
                yield Finding(f"{clip(name)}: {clip(clause)}", source=name)
    if unread:
        raise FactMissing("; ".join(unread[:5]))
