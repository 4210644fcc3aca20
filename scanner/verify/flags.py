"""Flags of a component, as its pod is started with them."""

from __future__ import annotations

from scanner.verify.objects import Object, objects, texts


def flag(pod: Object, name: str) -> str:
    """The value of `--name=value`, the last one as the component takes it; empty if it has none."""
    found = ""
    for container in objects(pod, "spec", "containers"):
        for word in (*texts(container, "command"), *texts(container, "args")):
            if word.startswith(f"--{name}="):
                found = word.partition("=")[2]
    return found
